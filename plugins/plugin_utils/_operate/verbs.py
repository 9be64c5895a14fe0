# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verb would do to which node, in which order, and why it may not. Pure.

A verb is a function of the nodes it was told, `chosen`, and of the state of all. What all have in common, that nobody acts on
what cannot be read and that people keep a node, stands here once.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import shortened
from ansible_collections.workbench.cluster.plugins.module_utils._product.sessions import COMMANDS
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import PlannedChange, planned_change
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed

# Names of users whose sessions are touched; more would hide the rest of the plan.
NAMED = 3
# Those that cannot be undone, and so are done only when they are confirmed by name.
CONFIRMED = ("forget_stale_nodes",)


class Options(t.TypedDict):
    """Variables of the role `operate`, without their prefix."""

    sessions: str
    grace: int
    suspend_wait: int
    wait: int
    last: bool
    without: list[str]
    restart: str


class Row(t.TypedDict):
    """A row of `list-nodes` that goes."""

    id: int
    host: str
    port: int


class Told(t.NamedTuple):
    """What a run was told: the nodes `chosen`, which are `named` where somebody said them rather than none."""

    chosen: t.Sequence[str]
    named: bool
    options: Options


class Decision(t.NamedTuple):
    """`seconds` at most for each node; `together`: all at once; `rows` that are deleted, of the list that `asked` has."""

    problems: list[str]
    changes: list[PlannedChange]
    notes: dict[str, list[str]]
    seconds: int = 0
    together: bool = False
    rows: t.Sequence[Row] = ()


Verb = t.Callable[[State, Told], Decision]


def decide(verb: str, state: State, told: Told) -> Decision:
    """What the verb does; only what is wrong where it may not."""
    problems = [*_unread(state, told), *([state.problem] if state.problem else [])]
    found = VERBS[verb](state, told)
    problems += [problem for problem in found.problems if problem not in problems]
    return Decision(problems, [], {}) if problems else found


def _unread(state: State, told: Told) -> t.Iterator[str]:
    for node in state.members:
        if node.unread and node.host in told.options["without"]:
            if node.host in told.chosen:
                yield f"{node.host} is to be left out (operate_without), and was chosen: leave it out of --limit."
        elif node.unread:
            yield (
                f"The state of {node.host} cannot be read: {node.unread}. Mend it, or have the run go on without it: "
                f'-e \'{{"operate_without": ["{node.host}"]}}\'.'
            )


def _chosen(state: State, told: Told) -> list[NodeState]:
    return [node for node in state.members if node.host in told.chosen and not node.unread]


def _unnamed(verb: str, told: Told) -> t.Iterator[str]:
    if not told.named:
        yield f"{verb} takes the nodes that it is told: name them, as in --limit {next(iter(told.chosen), 'node1')}."


def _unlisted(nodes: t.Iterable[NodeState]) -> t.Iterator[str]:
    for node in nodes:
        if node.seen["id"] is None:
            yield f"{node.host} is no node of the cluster yet: rstudio-server list-nodes does not show it."


def _untold_sessions(nodes: t.Iterable[NodeState]) -> t.Iterator[str]:
    for node in nodes:
        if node.is_running and node.users is None:
            yield f"Which sessions {node.host} has is not told: /load-balancer/status does not show it on any node."


def _nobody_left(
    state: State, told: Told, leaving: t.Sequence[NodeState], coming: t.Sequence[NodeState] | None = None
) -> t.Iterator[str]:
    """Where no node would be left that people reach. With `coming`, which start first, those that leave come back one by one."""
    serving = [node.host for node in state.members if node.has_people]
    gone = [node.host for node in leaving if node.has_people]
    left = len(serving) - len(gone) if coming is None else len(serving) + len(coming) - 1
    if gone and left < 1 and not told.options["last"]:
        others = [node.host for node in state.members if node.host not in serving]
        yield (
            f"No node would be left that people reach: {listed(gone)} goes"
            + (f", {listed(others)} lets nobody in" if others else "")
            + ". Do it all the same: -e operate_last=true."
        )


def _drain(state: State, told: Told) -> Decision:
    nodes = _chosen(state, told)
    problems = [*_unnamed("drain_node", told), *_unlisted(nodes), *_untold_sessions(nodes)]
    problems += _nobody_left(state, told, nodes)
    changes, notes = [], {}
    for node in nodes:
        if node.is_offline and not node.users:
            notes[node.host] = ["is offline, and has no sessions"]
            continue
        what = "its sessions end" if node.is_offline else "goes offline"
        why = "offline already" if node.is_offline else _how_it_is(node)
        changes.append(_change("drain_node", node, what, why, _ending(node, told.options)))
    return Decision(problems, changes, notes, _seconds(told.options))


def _undrain(state: State, told: Told) -> Decision:
    nodes = _chosen(state, told)
    problems = [*_unnamed("undrain_node", told), *_unlisted(nodes)]
    changes, notes = [], {}
    for node in nodes:
        if node.has_people:
            notes[node.host] = ["is online"]
        else:
            changes.append(_change("undrain_node", node, "comes online", _how_it_is(node), _ended_by_product(node)))
    return Decision(problems, changes, notes, 2 * told.options["wait"])


def _restart(state: State, told: Told) -> Decision:
    nodes, together = _chosen(state, told), told.options["restart"] == "at_once"
    notes = {node.host: ["is not installed yet"] for node in nodes if not node.installed}
    down = [node for node in nodes if node.installed and not node.is_running]
    # Those that do not run first: people have them while the others restart.
    nodes = [*down, *(node for node in nodes if node.is_running)]
    problems = [*_unlisted(nodes), *_untold_sessions(nodes)]
    # All together is a choice by which nobody is left.
    problems += [] if together else _nobody_left(state, told, nodes, down)
    changes = [
        _change(
            "restart",
            node,
            f"restarts {SERVER}, rstudio-launcher" if node.is_running else "starts",
            _how_it_is(node),
            _ending(node, told.options),
        )
        for node in nodes
    ]
    return Decision(problems, changes, notes, _seconds(told.options), together)


def _forget(state: State, told: Told) -> Decision:
    """Rows that are no member's and that no node reaches. A member that is silent and not listed may be any of them."""
    strangers = [node for node in state.nodes if not node.seen["member"] and node.seen["id"] is not None]
    silent = [node.host for node in state.members if node.unread and node.seen["id"] is None]
    askers = [node.host for node in _chosen(state, told) if node.is_running]
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
            rows.append(_row(node))
    return Decision(problems, changes, notes, 60, rows=rows)


VERBS: t.Mapping[str, Verb] = {
    "drain_node": _drain,
    "undrain_node": _undrain,
    "restart": _restart,
    "forget_stale_nodes": _forget,
}


def _row(node: NodeState) -> Row:
    host, _colon, port = str(node.seen["listed"]).rpartition(":")
    return {"id": int(node.seen["id"] or 0), "host": host, "port": int(port)}


def _change(verb: str, node: NodeState, what: str, why: str, interrupts: str) -> PlannedChange:
    return planned_change(node.host, verb, Change(what, why, interrupts))


def _how_it_is(node: NodeState) -> str:
    if not node.is_running:
        return f"{SERVER} does not run"
    return "offline" if node.is_offline else str(node.seen["status"])


def _sessions(node: NodeState) -> str:
    users = node.users or []
    if not users:
        return ""
    return f"{counted(len(users), 'session')} ({shortened(list(dict.fromkeys(users)), NAMED)})"


def _ended_by_product(node: NodeState) -> str:
    return f"{_sessions(node)}: suspended by the product" if node.users else ""


def _ending(node: NodeState, options: Options) -> str:
    said, grace = _sessions(node), options["grace"]
    if not said:
        return "no session"
    after = f" after {grace} s" if grace else ""
    how = {
        "product": "suspended by the product",
        "wait": f"{grace} s to end",
        "suspend": f"suspended{after}",
        "interrupt": f"suspended{after}, computations stopped",
    }
    return f"{said}: {how[options['sessions']]}"


def _seconds(options: Options) -> int:
    """At most, for one node: its server restarts, and its sessions end."""
    asked = COMMANDS.get(options["sessions"], ())
    return options["wait"] + options["grace"] + len(asked) * options["suspend_wait"]
