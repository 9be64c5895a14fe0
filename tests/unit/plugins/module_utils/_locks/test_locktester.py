# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._locks.locktester import has_lock

HEAD = """Posit Workbench Lock Test
---------------------------
Host: wb1
Lock type: {}
User: ada
File: /home/ada/test

"""
OLD_HELD, OLD_REFUSED = "*** File Lock Acquired ***\n", "Unable to Acquire File Lock\n"


@pytest.mark.parametrize(
    ("output", "holds"),
    [
        pytest.param("", None, id="nothing yet"),
        pytest.param("Posit Workbench Lock Test\n-----", None, id="half a heading"),
        pytest.param(HEAD.format("Link-based"), None, id="a heading"),
        pytest.param(HEAD.format("Link-based") + "* Acquired advisory lock\n", None, id="the other kind says nothing"),
        pytest.param(
            HEAD.format("Link-based") + "* Acquired advisory lock\n* Acquired link-based lock\n", True, id="held"
        ),
        pytest.param(
            HEAD.format("Link-based") + "* Acquired advisory lock\n* Unable to acquire link-based lock \n\n\n"
            "Your filesystem appears to support link-based locks.\n",
            False,
            id="refused, as recorded from the product",
        ),
        pytest.param(
            HEAD.format("Advisory") + "* Acquired advisory lock\n* Unable to acquire link-based lock \n",
            True,
            id="advisory is configured",
        ),
        pytest.param(
            HEAD.format("Link-based").replace("\n", "\r\n") + "* Acquired link-based lock\r\n", True, id="tty"
        ),
        pytest.param(OLD_HELD, True, id="an old release holds"),
        pytest.param(OLD_REFUSED, False, id="an old release is refused"),
        pytest.param("locktester: no license\n", None, id="something else"),
    ],
)
def test_has_lock(output: str, holds: bool | None) -> None:
    assert has_lock(output) is holds
