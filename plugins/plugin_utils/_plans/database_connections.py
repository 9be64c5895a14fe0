# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many connections the nodes of a cluster need, and whether a database server lets that many in. Pure.

A server opens its whole pool when it starts, and does not start where one of the connections is refused.
"""

from __future__ import annotations

import math
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.releases import largest_pool
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseLimits

# PostgreSQL's own.
UNTOUCHED: DatabaseLimits = {"max_connections": 100, "reserved_connections": 3}
# Up to the next of them it is raised, so that the next nodes need no restart.
STEP = 100


class Pool(t.NamedTuple):
    """What decides on the pool of a node."""

    size: object  # pool-size of its database.conf; None: not there
    processors: int | None  # None: nobody knows
    version: str | None  # of Workbench; None: the latest


class Needed(t.TypedDict):
    least: int  # all pools; of a node whose processors nobody knows one connection
    most: int  # all pools; of such a node the largest
    beside: int  # for commands and looks while all servers run: one a node


def needed(pools: t.Iterable[Pool]) -> Needed:
    nodes = [*pools]
    return {
        "least": sum(pool_size(node._replace(processors=node.processors or 1)) for node in nodes),
        "most": sum(pool_size(node) for node in nodes),
        "beside": len(nodes),
    }


def pool_size(node: Pool) -> int:
    """As the product decides it; where nobody knows the processors, the largest."""
    size = str(node.size).strip()
    if size.isdecimal() and int(size) > 0:
        return int(size)
    largest = largest_pool(node.version)
    return min(node.processors or largest, largest)


def let_in(server: DatabaseLimits) -> int:
    """How many connections a role gets that is no superuser."""
    return server["max_connections"] - server["reserved_connections"]


def limits_words(server: DatabaseLimits) -> str:
    return (
        f"lets {let_in(server)} connections in (max_connections={server['max_connections']}, of which "
        f"{server['reserved_connections']} are reserved)"
    )


def raised(server: DatabaseLimits, nodes: Needed) -> int | None:
    """The `max_connections` that a server is to have; `None` where it lets enough in."""
    wanted = nodes["most"] + nodes["beside"]
    if let_in(server) >= wanted:
        return None
    return math.ceil((wanted + server["reserved_connections"]) / STEP) * STEP
