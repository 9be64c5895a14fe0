# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete rows of nodes that are gone. Admin Guide, Load Balancing / Configuration (Removing nodes)."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import list_nodes

# A row that is to go, and whose it was when that was decided.
Row = t.Mapping[t.Literal["id", "host", "port"], t.Any]


def present(run: Run, rows: t.Sequence[Row], answers: t.Callable[[str, int], bool]) -> list[int]:
    """The ids of those that are still listed. Raises `Failure` where one is another's by now, or its node answers."""
    _protocol, nodes = list_nodes(run)
    listed = {node["id"]: node for node in nodes}
    for row in rows:
        node = listed.get(row["id"])
        if node is None:
            continue
        if (node["host"], node["port"]) != (row["host"], row["port"]):
            raise Failure(
                f"Row {row['id']} is that of {node['host']}:{node['port']} now, not of {row['host']}:{row['port']}. "
                "None was deleted."
            )
        if any(answers(place, node["port"]) for place in (node["host"], node["ipv4"]) if place):
            raise Failure(
                f"Row {row['id']} is that of {node['host']}:{node['port']}, which answers: stop rstudio-server there first. "
                "None was deleted."
            )
    return [row["id"] for row in rows if row["id"] in listed]


def delete(run: Run, ids: t.Iterable[int]) -> None:
    """Delete rows, and see that they are gone."""
    wanted = list(ids)
    for number in wanted:
        rc, out, err = run(["rstudio-server", "delete-node", str(number)])
        if rc != 0:
            raise Failure(f"rstudio-server delete-node {number} failed: {words(out, err)}")
    left = sorted({node["id"] for node in list_nodes(run)[1]} & set(wanted)) if wanted else []
    if left:
        raise Failure(f"rstudio-server delete-node was run for {left}, and list-nodes still shows them.")
