# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete rows of the product's list with no machine behind them. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import planned_change
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import (
    Decision,
    Told,
    chosen_nodes,
    row_of,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import State
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed


def forget(state: State, told: Told) -> Decision:
    """Rows that are no member's and that no node reaches. A member that is silent and not listed may be any of them."""
    strangers = [node for node in state.nodes if not node.seen["member"] and node.seen["id"] is not None]
    silent = [node.host for node in state.members if node.unread and node.seen["id"] is None]
    askers = [node.host for node in chosen_nodes(state, told) if node.is_running]
    problems = [] if askers or not strangers else [f"No node of this run could delete a row: {SERVER} runs on none."]
    changes, notes, rows = [], {}, []
    for node in strangers:
        row, status = node.seen, str(node.seen["status"])
        reached = [asker for asker, flag in row["flags"].items() if flag != "unreachable"]
        if reached:
            notes[node.host] = [
                f"is row {row['id']}, of no host of the inventory; {listed(reached)} reaches it: it lives"
            ]
        elif status != "Offline" and not row["flags"]:
            notes[node.host] = [
                f"is row {row['id']}, of no host of the inventory; {status}, and no node says if it lives"
            ]
        elif silent:
            notes[node.host] = [f"is row {row['id']}, which may be that of {' or '.join(silent)}, not read"]
        elif askers:
            what = f"row {row['id']}, {row['listed']}, is deleted"
            seen = f"last seen {row['last_seen']}" if row["last_seen"] else "never seen"
            why = f"{status}, {seen}; no host of the inventory"
            change = Change(what, why)
            changes.append(planned_change(askers[0], "forget_stale_nodes", change))
            rows.append(row_of(node))
    return Decision(problems, changes, notes, 60, rows=rows)
