# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is told to do, what comes of it, and the reasons against it that verbs share. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import shortened
from ansible_collections.workbench.cluster.plugins.module_utils._product.releases import nodes_in_database
from ansible_collections.workbench.cluster.plugins.module_utils._product.sessions import COMMANDS
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import UpgradeReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import PlannedChange, planned_change
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.made import HostMade
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import KeysPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_reset import ResetPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_taken import Line
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed

# Names of users whose sessions are touched; more would hide the rest of the plan.
NAMED = 3


class Options(t.TypedDict):
    """Variables of the role `operate`, without their prefix."""

    sessions: str
    grace: int
    suspend_wait: int
    wait: int
    last: bool
    without: list[str]
    restart: str
    upgrade: str
    former_package: str
    version: str  # that all nodes are to have (server_version)
    nodes: list[str]
    teardown: list[str]
    teardown_accounts: list[str]
    teardown_homes: list[str]


class Upgrade(t.TypedDict):
    """From which version to which; `former` is empty where nothing leads back to it."""

    target: str
    former: str
    hosts: list[str]  # that have another version than the target: they stop for it
    drained: list[str]  # that let nobody in before, and let nobody in afterwards


class Row(t.TypedDict):
    """A row of `list-nodes` that goes."""

    id: int
    host: str
    port: int


class Told(t.NamedTuple):
    """What a run was told: the nodes `chosen`, which are `named` where somebody said them rather than none.

    `keys`: what becomes of them, and `mounts`, of those of each node, for the verb that asked. `made`: what is ours, of each host
    of whatever kind; `users`: those of `accounts_users`.
    """

    chosen: t.Sequence[str]
    named: bool
    options: Options
    keys: KeysPlan | None = None
    mounts: t.Mapping[str, ResetPlan] = {}
    upgrades: t.Mapping[str, UpgradeReport] = {}
    made: t.Mapping[str, HostMade] = {}
    users: t.Sequence[str] = ()


class Taken(t.TypedDict):
    """What a teardown takes of a host by modules of others."""

    unmount: list[str]
    lines: list[Line]
    access_file: str  # pg_hba.conf with rules of ours
    mark: str  # around them


class Decision(t.NamedTuple):
    """`seconds` at most for each node, 0 where nobody knows; `together`: all at once; `rows` that are deleted.

    Nodes that are `building`, of a verb that `adds`; `leaving` and `outside`: left out of the cluster, and of what its hosts do.

    `plays`: hosts of those plays of the verb that not all hosts with a step are in, by name. `warning`: what else people have
    to know.
    """

    problems: list[str]
    changes: list[PlannedChange]
    notes: dict[str, list[str]]
    seconds: int = 0
    together: bool = False
    rows: t.Sequence[Row] = ()
    plays: t.Mapping[str, t.Sequence[str]] = {}
    warning: str = ""
    upgrade: Upgrade | None = None
    adds: bool = False
    building: t.Sequence[str] = ()
    leaving: t.Sequence[str] = ()
    outside: t.Sequence[str] = ()
    taken: t.Mapping[str, Taken] = {}


Verb = t.Callable[[State, Told], Decision]


def chosen_nodes(state: State, told: Told) -> list[NodeState]:
    return [node for node in state.members if node.host in told.chosen and not node.unread]


def unnamed(verb: str, told: Told) -> t.Iterator[str]:
    if not told.named:
        yield f"{verb} takes the nodes that it is told: name them, as in --limit {next(iter(told.chosen), 'node1')}."


def unlisted(nodes: t.Iterable[NodeState]) -> t.Iterator[str]:
    for node in nodes:
        if node.seen["id"] is None:
            yield f"{node.host} is no node of the cluster yet: rstudio-server list-nodes does not show it."


def untold_sessions(nodes: t.Iterable[NodeState]) -> t.Iterator[str]:
    for node in nodes:
        if node.is_running and node.users is None:
            yield f"Which sessions {node.host} has is not told: /load-balancer/status does not show it on any node."


def listed_in_files(state: State, instead: str) -> t.Iterator[str]:
    """Where nodes know each other by their files, which all of them would have to change."""
    versions = {node.version for node in state.members if node.version and not nodes_in_database(node.version)}
    if versions:
        yield f"Nodes of {listed(sorted(versions))} know each other by their files only: {instead}."


def silent(nodes: t.Iterable[NodeState], told: Told) -> dict[str, list[str]]:
    """Those that a verb goes on without though they stay, and what is said of them."""
    return {
        node.host: [f"is left out, for {node.unread}; run site when it is back"]
        for node in nodes
        if node.unread and node.host in told.options["without"]
    }


def nobody_left(
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


def row_of(node: NodeState) -> Row:
    """Of a node that the product lists."""
    host, _colon, port = str(node.seen["listed"]).rpartition(":")
    return {"id": int(node.seen["id"] or 0), "host": host, "port": int(port)}


def step(verb: str, node: NodeState, what: str, why: str, interrupts: str) -> PlannedChange:
    return planned_change(node.host, verb, Change(what, why, interrupts))


def how_it_is(node: NodeState) -> str:
    if not node.is_running:
        return f"{SERVER} does not run"
    return "offline" if node.is_offline else str(node.seen["status"])


def _sessions(node: NodeState) -> str:
    users = node.users or []
    if not users:
        return ""
    return f"{counted(len(users), 'session')} ({shortened(list(dict.fromkeys(users)), NAMED)})"


def ended_by_product(node: NodeState) -> str:
    return f"{_sessions(node)}: suspended by the product" if node.users else ""


def ending(node: NodeState, options: Options) -> str:
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


def seconds_for(options: Options) -> int:
    """At most, for one node: its server restarts, and its sessions end."""
    asked = COMMANDS.get(options["sessions"], ())
    return options["wait"] + options["grace"] + len(asked) * options["suspend_wait"]
