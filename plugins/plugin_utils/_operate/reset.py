# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The full reset of storage: all nodes stop, unmount, mount and start. Pure. Cut off, it begins again, and does no more."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import (
    Decision,
    Told,
    chosen_nodes,
    ending,
    how_it_is,
    seconds_for,
    step,
    untold_sessions,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_reset import ResetPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed


def reset(state: State, told: Told) -> Decision:
    nodes = chosen_nodes(state, told)
    unseen = [node.host for node in state.members if not node.unread and node.host not in told.mounts]
    problems = [
        f"What {host} has mounted is not told: it is outside this run, or leaves its storage to others (storage_manage). "
        "All nodes are reset together: run without --limit."
        for host in unseen
    ]
    plans = {node.host: told.mounts[node.host] for node in nodes if node.host in told.mounts}
    problems += [f"{host}: {error}" for host, plan in plans.items() for error in plan["errors"]]
    changes = [
        step("reset_storage", node, _what(node, plans[node.host]), how_it_is(node), ending(node, told.options))
        for node in nodes
        if node.host in plans
    ]
    hosts = [node.host for node in nodes]
    return Decision(
        [*problems, *untold_sessions(nodes)],
        changes,
        {},
        seconds_for(told.options) + told.options["wait"],
        together=True,
        plays={
            "stop": [node.host for node in nodes if node.is_running],
            "mount": hosts,
            "start": [node.host for node in nodes if node.installed],
        },
        warning=" ".join(_warnings(plans)),
    )


def _what(node: NodeState, plan: ResetPlan) -> str:
    words = ["stops"] if node.is_running else []
    words += [f"unmounts {listed(plan['unmount'])}"] if plan["unmount"] else []
    words += [f"mounts {listed(plan['replaced'] or [entry['path'] for entry in plan['mounts']])}"]
    return ", ".join([*words, *(["starts"] if node.installed else [])])


def _warnings(plans: t.Mapping[str, ResetPlan]) -> t.Iterator[str]:
    yield "Nobody can work until the first node is back."
    if any(plan["replaced"] for plan in plans.values()):
        yield "What lies on the one that goes is not copied."
    for host, plan in plans.items():
        if plan["busy"]:
            yield f"In use besides on {host}, and to be ended before: {listed(plan['busy'])}."
