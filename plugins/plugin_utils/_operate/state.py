# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes of a cluster that runs, as each of them and the others tell: what every verb decides by. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Cluster
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer, Gathered, SeenNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.measured import nothing_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.nodes import node_rows, session_users


class NodeState(t.NamedTuple):
    """A member, or a stranger that the product lists. `users` are those of its sessions, None where no page shows the node."""

    seen: SeenNode
    unread: str  # why it did not tell its own state; empty: it did
    installed: bool
    users: list[str] | None
    version: str | None = None  # of the package; what runs may be older

    @property
    def host(self) -> str:
        return self.seen["host"]

    @property
    def is_running(self) -> bool:
        return self.seen["services"].get(SERVER) == "active"

    @property
    def is_offline(self) -> bool:
        """Whether it lets nobody in, as any node sees it."""
        return "offline" in self.seen["flags"].values()

    @property
    def has_people(self) -> bool:
        """Whether people surely reach it: all nodes that tell see it so."""
        flags = set(self.seen["flags"].values())
        return not self.unread and self.is_running and self.seen["status"] == "Online" and flags == {None}

    @property
    def name(self) -> str:
        """Under which the product lists it, with its port where that is no part of an address."""
        named = self.seen["listed"] or ""
        return named if named.count(":") == 1 else named.rpartition(":")[0]


class State(t.NamedTuple):
    """All nodes, and why the list that the product has of them cannot be believed; empty where it can."""

    nodes: list[NodeState]
    problem: str

    @property
    def members(self) -> list[NodeState]:
        return [node for node in self.nodes if node.seen["member"]]


def state_of(members: t.Sequence[str], addresses: t.Mapping[str, str], answers: t.Mapping[str, Answer]) -> State:
    """From what `cluster_info` told of each member; a member that did not answer has none, or one that says so."""
    clusters = {host: answer["cluster"] for host in members if "cluster" in (answer := answers.get(host) or {})}
    evidence = Evidence(_gathered(members, addresses, _listing(clusters)))
    users = session_users(evidence)
    nodes = [_node(seen, clusters.get(seen["host"]), users.get(seen["host"])) for seen in node_rows(evidence)]
    new = [node.host for node in nodes if node.seen["id"] is None and not node.is_running]
    return State(nodes, _list_problem({host: cluster for host, cluster in clusters.items() if host not in new}))


def _listing(clusters: t.Mapping[str, Cluster]) -> dict[str, Cluster]:
    """A server that is not set up yet may have a list of its own: where servers run, theirs are the cluster's."""
    running = [host for host, cluster in clusters.items() if cluster["services"].get(SERVER) == "active"]
    told = any(clusters[host]["nodes"] for host in running)
    return {
        host: {**cluster, "nodes": []} if told and host not in running else cluster
        for host, cluster in clusters.items()
    }


def _node(seen: SeenNode, cluster: Cluster | None, users: list[str] | None) -> NodeState:
    unread = _unread(cluster) if seen["member"] else ""
    return NodeState(
        seen, unread, cluster["installed"] if cluster else True, users, cluster["version"] if cluster else None
    )


def _unread(cluster: Cluster | None) -> str:
    """The page of a server that is offline may be closed; those of the others show it."""
    if cluster is None:
        return "it did not answer"
    if not cluster["installed"]:
        return ""
    if not cluster["services"].get(SERVER):
        return f"whether {SERVER} runs is not told"
    if cluster["services"][SERVER] == "active" and not cluster["nodes"]:
        return listed(cluster["errors"]) or "it lists no nodes"
    return ""


def _list_problem(clusters: t.Mapping[str, Cluster]) -> str:
    lists = {
        tuple(sorted((row["id"], row["host"]) for row in cluster["nodes"]))
        for cluster in clusters.values()
        if cluster["nodes"]
    }
    if len(lists) > 1:
        return "Nodes list different clusters: see what status and verify say."
    return "" if lists else "No node lists the cluster: see what rstudio-server list-nodes says, and the database."


def _gathered(members: t.Sequence[str], addresses: t.Mapping[str, str], clusters: dict[str, Cluster]) -> Gathered:
    unreachable = [host for host in members if host not in clusters]
    return {**nothing_of(members), "unreachable": unreachable, "addresses": {**addresses}, "cluster": clusters}
