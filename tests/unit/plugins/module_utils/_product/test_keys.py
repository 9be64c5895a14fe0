# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units are not stopped."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.keys import running_units


@pytest.mark.parametrize(
    ("states", "running"),
    [
        (("inactive", "failed"), []),
        (("active", "inactive"), ["rstudio-server"]),
        (("deactivating", "activating"), ["rstudio-server", "rstudio-launcher"]),
        (None, None),
    ],
)
def test_units_that_are_not_stopped(states: tuple[str, str] | None, running: list[str] | None) -> None:
    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if states is None:
            return 1, "", "System has not been booted with systemd"
        assert argv == ["systemctl", "show", "--property", "ActiveState", "rstudio-server", "rstudio-launcher"]
        return 0, "\n".join(f"ActiveState={state}\n" for state in states), ""

    assert running_units(run) == running
