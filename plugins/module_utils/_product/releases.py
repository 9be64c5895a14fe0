# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release of the product can do, by its version. Pure.

NEWS of the releases, and the Admin Guide's notes on previous versions. The stand-in of the tests reads this file too.
"""

from __future__ import annotations

import re
import typing as t

# Until then each node has the list of all nodes in `load-balancer`, below `[nodes]`, and no command lists them.
NODES_IN_DATABASE = (2021, 9)
# Until then launchers of nodes know each other through a scratch path on the share only (NEWS 2023.03, launcher#42).
LAUNCHERS_TOLD = (2023, 3)
# Since then a server opens no more than 6 connections to its database by itself (rstudio/rstudio#13867), 20 before.
SMALLER_POOL = (2023, 12)
# An option that an older release does not know. It refuses one of rserver.conf, and passes over one of load-balancer.
SINCE: t.Mapping[tuple[str, str], tuple[int, int]] = {
    ("rserver.conf", "load-balancing-enabled"): (2023, 9),
    ("rserver.conf", "session-ssl-enabled"): (2022, 2),
    ("load-balancer", "www-host-name"): NODES_IN_DATABASE,
    ("load-balancer", "launcher-balancing-enabled"): (2022, 2),
    ("load-balancer", "launcher-balancing-cluster"): (2022, 2),
    ("load-balancer", "launcher-local-proxy"): (2022, 12),
    ("load-balancer", "delete-node-on-exit"): (2023, 9),
}


def number(version: str | None) -> tuple[int, int]:
    """The first two numbers of a version, such as (2026, 4) or (1, 4); above all where none is known."""
    found = re.match(r"(\d{1,4})\.(\d{1,2})(?!\d)", version or "")
    return (int(found[1]), int(found[2])) if found else (9999, 0)


def knows(version: str | None, file: str, option: str) -> bool:
    """Whether a release is not too old for an option; of one that is not in the table nothing is said."""
    return number(version) >= SINCE.get((file, option), (0, 0))


def nodes_in_database(version: str | None) -> bool:
    return number(version) >= NODES_IN_DATABASE


def launchers_told(version: str | None) -> bool:
    """Whether Workbench can tell the launchers of the Local plugin which nodes there are."""
    return number(version) >= LAUNCHERS_TOLD


def largest_pool(version: str | None) -> int:
    """Connections to the database of one server, where `pool-size` of database.conf says nothing."""
    return 6 if number(version) >= SMALLER_POOL else 20
