# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which release can do what."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product import releases


@pytest.mark.parametrize(
    ("version", "listed", "told"),
    [
        ("1.4.1717-3", False, False),
        ("1.3.1093-1", False, False),
        ("2021.09.0+351.pro6", True, False),
        ("2022.12.0+353.pro20", True, False),
        ("2023.03.0+386.pro1", True, True),
        ("2026.04.0+526.pro2", True, True),
        ("", True, True),
        (None, True, True),
        ("unknown", True, True),
    ],
)
def test_release(version: str | None, listed: bool, told: bool) -> None:
    assert (releases.nodes_in_database(version), releases.launchers_told(version)) == (listed, told)


@pytest.mark.parametrize(
    ("version", "expected"), [("1.4.1717-3", 20), ("2023.09.1+494.pro2", 20), ("2023.12.0+369.pro3", 6), (None, 6)]
)
def test_largest_pool(version: str | None, expected: int) -> None:
    assert releases.largest_pool(version) == expected


@pytest.mark.parametrize(
    ("version", "option", "known"),
    [
        ("2023.06.2", "load-balancing-enabled", False),
        ("2023.09.0", "load-balancing-enabled", True),
        ("1.4.1717-3", "server-user", True),
    ],
)
def test_option(version: str, option: str, known: bool) -> None:
    assert releases.knows(version, "rserver.conf", option) is known
