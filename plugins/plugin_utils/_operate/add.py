# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add nodes to a cluster that runs: who is built; the plan of `site` says the rest. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import (
    Decision,
    Told,
    how_it_is,
    listed_in_files,
    silent,
    step,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed


def add(state: State, told: Told) -> Decision:
    """Those that are named, by `operate_nodes` or --limit, else all that the product does not list."""
    without = told.options["without"]
    named = told.options["nodes"] or (told.chosen if told.named else ())
    nodes = [
        node
        for node in state.members
        if (node.host in named if named else node.seen["id"] is None and node.host not in without)
    ]
    problems = [*_left_out(nodes, without), *_nobody_there(state, nodes)]
    problems += listed_in_files(state, "run site, which changes them on all")
    left_out = silent([node for node in state.members if node not in nodes], told)
    changes, notes = [], {**left_out}
    for node in nodes:
        if node.has_people:
            notes[node.host] = ["is Online; completed where it lacks something, and verified"]
        else:
            changes.append(step("add_node", node, "joins the cluster", _how(node), ""))
    building = [node.host for node in nodes]
    return Decision(problems, changes, notes, adds=True, building=building, outside=[*left_out])


def _left_out(nodes: t.Iterable[NodeState], without: t.Collection[str]) -> t.Iterator[str]:
    for node in nodes:
        if node.host in without:
            yield f"{node.host} is to be left out (operate_without), and to be added: it cannot be both."


def _nobody_there(state: State, nodes: t.Sequence[NodeState]) -> t.Iterator[str]:
    """Keys and ids are adopted from nodes that run."""
    if nodes and not any(node.is_running for node in state.members if node not in nodes):
        others = [node.host for node in state.members if node not in nodes]
        yield f"No node of the cluster runs, of {listed(others) or 'none'}: the first one is built by site."


def _how(node: NodeState) -> str:
    if not node.installed:
        return "is not installed yet"
    return how_it_is(node) if node.seen["id"] is not None else "rstudio-server list-nodes does not show it"
