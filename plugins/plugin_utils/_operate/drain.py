# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let nobody into nodes, and let people in again. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import (
    Decision,
    Told,
    chosen_nodes,
    ended_by_product,
    ending,
    how_it_is,
    nobody_left,
    seconds_for,
    step,
    unlisted,
    unnamed,
    untold_sessions,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import State


def drain(state: State, told: Told) -> Decision:
    nodes = chosen_nodes(state, told)
    problems = [*unnamed("drain_node", told), *unlisted(nodes), *untold_sessions(nodes)]
    problems += nobody_left(state, told, nodes)
    changes, notes = [], {}
    for node in nodes:
        if node.is_offline and not node.users:
            notes[node.host] = ["is offline, and has no sessions"]
            continue
        what = "its sessions end" if node.is_offline else "goes offline"
        why = "offline already" if node.is_offline else how_it_is(node)
        changes.append(step("drain_node", node, what, why, ending(node, told.options)))
    return Decision(problems, changes, notes, seconds_for(told.options))


def undrain(state: State, told: Told) -> Decision:
    nodes = chosen_nodes(state, told)
    problems = [*unnamed("undrain_node", told), *unlisted(nodes)]
    changes, notes = [], {}
    for node in nodes:
        if node.has_people:
            notes[node.host] = ["is online"]
        else:
            changes.append(step("undrain_node", node, "comes online", how_it_is(node), ended_by_product(node)))
    return Decision(problems, changes, notes, 2 * told.options["wait"])
