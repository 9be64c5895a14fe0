# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take nodes out of a cluster: how each one ends, and its row; the plan of `site` without them says the rest. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import PlannedChange, planned_change
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import (
    Decision,
    Row,
    Told,
    ending,
    how_it_is,
    listed_in_files,
    nobody_left,
    row_of,
    seconds_for,
    silent,
    step,
    untold_sessions,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed

# How the sessions of a dead node are given up.
GIVEN_UP = ("product", "interrupt")


def remove(state: State, told: Told) -> Decision:
    """A dead node is one that cannot be read, that `without` names, and that no other node reaches."""
    names = told.options["nodes"]
    nodes = [node for node in state.members if node.host in names]
    staying = [node for node in state.members if node.host not in names]
    askers = [node.host for node in staying if node.is_running and not node.unread]
    live, dead = [node for node in nodes if not node.unread], [node for node in nodes if node.unread]
    problems = [*_named(told), *_stays(staying), *untold_sessions(live), *nobody_left(state, told, live)]
    problems += [*_alive(dead), *_lost(dead, told)]
    problems += listed_in_files(state, "take the node out of the inventory, run site, and stop it")
    if nodes and staying and not askers:
        problems.append(f"No node that stays could delete a row: {SERVER} runs on none of {_hosts(staying)}.")
    changes: list[PlannedChange] = []
    rows: list[Row] = []
    left_out = silent(staying, told)
    notes = {**left_out}
    for node in nodes:
        if node.unread:
            notes[node.host] = [f"is not touched, for {node.unread}; see that it does not start again"]
        elif node.is_running:
            changes.append(
                step("remove_node", node, "goes offline, and stops", how_it_is(node), ending(node, told.options))
            )
        elif node.seen["id"] is not None:
            changes.append(step("remove_node", node, "is kept from starting", how_it_is(node), ""))
        if node.seen["id"] is not None and askers:
            gone = Change(f"row {node.seen['id']}, {node.seen['listed']}, is deleted", f"of {node.host}")
            changes.append(planned_change(askers[0], "remove_node", gone))
            rows.append(row_of(node))
    leaving = [node.host for node in nodes]
    plays = {
        "drained": [change["host"] for change in changes if change["host"] in leaving],
        "forgotten": askers[:1] if rows else [],
        # Whether or not any step is left.
        "told": [node.host for node in live if node.installed],
        "left": askers[:1],
    }
    return Decision(
        problems,
        changes,
        notes,
        seconds_for(told.options),
        rows=rows,
        plays=plays,
        leaving=leaving,
        outside=[*leaving, *left_out],
    )


def _hosts(nodes: t.Iterable[NodeState]) -> str:
    return listed(node.host for node in nodes)


def _named(told: Told) -> t.Iterator[str]:
    if not told.options["nodes"]:
        yield 'remove_node takes the nodes that it is told: name them, as in -e \'{"operate_nodes": ["node3"]}\'.'
    if told.named:
        yield (
            "remove_node changes other hosts as well, those that let the node in: leave --limit out, and name it in "
            "operate_nodes."
        )


def _stays(staying: t.Sequence[NodeState]) -> t.Iterator[str]:
    if not any(node.seen["id"] is not None for node in staying):
        yield "No node of the cluster would be left: the last one is not removed."


def _alive(dead: t.Iterable[NodeState]) -> t.Iterator[str]:
    for node in dead:
        reached = [asker for asker, flag in node.seen["flags"].items() if flag != "unreachable"]
        if reached:
            yield (
                f"{node.host} cannot be read, and lives: {listed(reached)} reaches it. Stop {SERVER} there, or have it "
                "answer Ansible."
            )


def _lost(dead: t.Iterable[NodeState], told: Told) -> t.Iterator[str]:
    for node in dead:
        if node.users and told.options["sessions"] not in GIVEN_UP:
            yield (
                f"{node.host} cannot be read, and had sessions of {listed(dict.fromkeys(node.users))}. What they computed is "
                "lost with it: say so by -e operate_sessions=product."
            )
