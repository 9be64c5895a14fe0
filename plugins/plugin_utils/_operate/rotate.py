# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace the keys of all nodes, for which all of them stop; or finish what an earlier run began. Pure.

Which key a node gets the role keys decides, `KeysPlan`. A mark on each node, written before the first of them stops, says which
keys go: while it is there a replacement is not finished, and a key that it does not name is a new one.
"""

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
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.forget import forget
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import KeysPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed


def rotate(state: State, told: Told) -> Decision:
    keys = told.keys
    if keys is None:
        return Decision(["The keys of the nodes were not read."], [], {})
    if any(node.unread and node.host not in told.options["without"] for node in state.members):
        return Decision([], [], {})  # which is refused, and what their keys are besides
    if keys["begun"] and not _differ(keys) and not keys["errors"]:
        return _finish(state, told)
    return _replace(state, told, keys)


def _differ(keys: KeysPlan) -> bool:
    """Whether a node has not all of what it is to have."""
    parts = (keys["cookie_key"]["write_to"], keys["launcher"]["write_to"], keys["database_conf"]["write_to"])
    return any(parts)


def _finish(state: State, told: Told) -> Decision:
    """All have the new keys: who is not Online starts, and nobody else is touched."""
    nodes = chosen_nodes(state, told)
    down = [node for node in nodes if not node.is_running or node.seen["status"] != "Online"]
    changes = [
        step("rotate_keys", node, "starts" if node in down else "has its new keys", how_it_is(node), "")
        for node in nodes
    ]
    return Decision(
        [],
        changes,
        {},
        2 * told.options["wait"],
        together=True,
        plays={"start": _hosts(down), "done": _hosts(nodes)},
        warning="An earlier run was cut off when all nodes had their new keys. Who signed in since stays so.",
    )


def _replace(state: State, told: Told, keys: KeysPlan) -> Decision:
    nodes = chosen_nodes(state, told)
    running, stale = [node for node in nodes if node.is_running], forget(state, told)
    problems = [*keys["errors"], *_unbuilt(nodes), *untold_sessions(nodes)]
    if not keys["begun"]:
        problems += [*_strangers(stale), *_blocked(state, running)]
    changes = [step("rotate_keys", node, _what(node), how_it_is(node), ending(node, told.options)) for node in nodes]
    changes += [{**change, "role": "rotate_keys"} for change in stale.changes]
    hosts = _hosts(nodes)
    return Decision(
        problems,
        changes,
        stale.notes,
        seconds_for(told.options) + told.options["wait"],
        together=True,
        rows=stale.rows,
        plays={
            "reset": _hosts(running[:1]),
            "stop": hosts,
            "write": hosts,
            "start": hosts,
            "done": hosts,
        },
        warning=_warning(keys),
    )


def _what(node: NodeState) -> str:
    return "stops, gets new keys, starts" if node.is_running else "gets new keys, starts"


def _unbuilt(nodes: t.Iterable[NodeState]) -> t.Iterator[str]:
    for node in nodes:
        if not node.installed:
            yield f"{node.host} is not built yet, and may have the old keys: complete it with site first."


def _strangers(stale: Decision) -> t.Iterator[str]:
    for host, notes in stale.notes.items():
        yield (
            f"{host} {listed(notes)}, and would keep the old keys: put it into the inventory, or stop rstudio-server "
            "there and run forget_stale_nodes."
        )


def _blocked(state: State, running: t.Sequence[NodeState]) -> t.Iterator[str]:
    """A node that starts takes part in defining the cluster's keys where nobody is Online, or after a reset."""
    left = [node.host for node in state.nodes if not node.is_running and node.seen["status"] not in (None, "Offline")]
    if left and not running:
        yield (
            f"{listed(left)} is not Offline in rstudio-server list-nodes, though no node runs: others with new keys would be "
            "refused. Start one node (systemctl start rstudio-launcher rstudio-server), by which the cluster is reset."
        )


def _warning(keys: KeysPlan) -> str:
    cookies, launchers = keys["replaced"]["cookie_key"], keys["replaced"]["launcher"]
    begun = "An earlier run was cut off, and is finished. " if keys["begun"] else ""
    go = f"secure-cookie-key {listed(cookies) or 'none'} and launcher key {listed(launchers) or 'none'} go"
    return f"{begun}{go}. Nobody can work until the first node is back, and everybody signs in again."


def _hosts(nodes: t.Iterable[NodeState]) -> list[str]:
    return [node.host for node in nodes]
