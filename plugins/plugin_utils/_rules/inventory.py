# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says that no single role sees: its groups, and variables that mean something else together. Pure."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import (
    KINDS,
    address_problems,
    hosts_of,
    member_addresses,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.database import database_differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Groups, Hostvars, is_on, value_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import KNOWN, ROLES

# Hosts that do not wait for each other, whoever's plugin it is (mitogen_free).
UNORDERED = ("free", "host_pinned")
# As near as `database_hsot` and `keys_police`; `database_path` is farther from `database_port`.
NEAR = 0.9


def group_problems(cluster: str, groups: Groups, hostvars: Hostvars, strategy: str = "linear") -> list[str]:
    """What would make plays match no host, or another cluster's, or hosts that do not wait for each other.

    `cluster` is what the playbooks choose their hosts by: `workbench_cluster` without the variables of any host.
    """
    return _strategy(strategy) + _cluster(cluster, groups, hostvars, _members(cluster, groups))


def name_problems(cluster: str, groups: Groups, hostvars: Hostvars) -> list[str]:
    """Variables of members that look like one of ours, and are none."""
    return _misspelt(hostvars, _members(cluster, groups))


def is_unordered(strategy: str) -> bool:
    """Whether hosts of a play with this strategy do not wait for each other."""
    return strategy.endswith(UNORDERED)


def _members(cluster: str, groups: Groups) -> list[str]:
    return hosts_of(cluster, KINDS, groups)


def _addresses(cluster: str, groups: Groups, hostvars: Hostvars) -> list[str]:
    return address_problems(_members(cluster, groups), hostvars)


def _one_database(cluster: str, groups: Groups, hostvars: Hostvars) -> list[str]:
    nodes = hosts_of(cluster, ["nodes"], groups)
    return [
        f"{problem} Set it once, for the database host and all nodes (group_vars/all.yml)."
        for host in hosts_of(cluster, ["database"], groups)
        for problem in database_differences([host, *nodes], hostvars)
    ]


def _strategy(strategy: str) -> list[str]:
    if not is_unordered(strategy):
        return []
    return [
        f"strategy={strategy} (DEFAULT_STRATEGY of ansible.cfg, or ANSIBLE_STRATEGY): hosts would not wait for each other, "
        "but ids and keys are decided once for all of them and starts have an order. Use linear."
    ]


def _cluster(cluster: str, groups: Groups, hostvars: Hostvars, members: t.Sequence[str]) -> list[str]:
    """A name without nodes, which would match no host and be a success; and hosts that mean another cluster."""
    problems = []
    known = sorted(name for name in groups if name.endswith("_nodes"))
    nodes = groups.get(f"{cluster}_nodes", ())
    if not nodes:
        problems.append(
            f"workbench_cluster={cluster}: the inventory has no hosts in {cluster}_nodes. "
            f"Its groups of nodes are {', '.join(known) or 'none'}; "
            "name one without _nodes by -e workbench_cluster=NAME, or the inventory by -i."
        )
    others: dict[str, list[str]] = {}
    for host in members if nodes else groups.get("all", ()):
        name = str(hostvars[host].get("workbench_cluster", cluster))
        if name != cluster:
            others.setdefault(name, []).append(str(host))
    problems += [
        f"workbench_cluster={name} is a variable of {', '.join(hosts)}, but playbooks choose their hosts before they read "
        f"any host's variables, and take {cluster}. Say it by -e workbench_cluster={name}."
        for name, hosts in others.items()
    ]
    return problems


def _misspelt(hostvars: Hostvars, members: t.Sequence[str]) -> list[str]:
    """Variables that none of our roles has and that look like one it has. What looks like none may be another role's."""
    prefixes = tuple(f"{name}_" for name in (*ROLES, "workbench"))
    others = {str(name) for host in members for name in hostvars[host].get("workbench_other_variables") or ()}
    seen = {str(name) for host in members for name in hostvars[host] if str(name).startswith(prefixes)}
    problems = []
    for name in sorted(seen - others - set(KNOWN)):
        near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=NEAR)
        if near:
            problems.append(
                f"{name} is no variable of this collection; {near[0]} is. "
                f"If {name} is that of another role, name it in workbench_other_variables."
            )
    return problems


def _clusters(groups: Groups, host: str, kind: str) -> list[str]:
    """The groups of this kind `host` is in that are a cluster's: others merely end alike."""
    return [
        name
        for name in groups
        if name.endswith(f"_{kind}") and host in groups[name] and groups.get(name[: -len(kind)] + "nodes")
    ]


def _file_servers(cluster: str, groups: Groups, hostvars: Hostvars) -> list[str]:
    nodes, group = groups.get(f"{cluster}_nodes", ()), f"{cluster}_storage"
    ours = [host for host in groups.get(group, ()) if is_on(value_of(hostvars, host, "nfs_server_manage"))]
    problems = [
        f"{host} is in {' and '.join(_clusters(groups, host, 'storage'))}: its exports are those of one cluster. "
        "Give each a host of its own, or make the exports yourself and name the server in storage_server, "
        "with nfs_server_manage=false."
        for host in ours
        if len(_clusters(groups, host, "storage")) > 1
    ]
    if len(ours) > 1 and not any("storage_mounts" in hostvars[node] for node in nodes):
        problems.append(
            f"{group} has {', '.join(ours)}: the nodes would mount from {ours[0]} only. "
            "Leave one host in the group, or say in storage_mounts what is mounted from which."
        )
    return problems


def _database_hosts(cluster: str, groups: Groups, hostvars: Hostvars) -> list[str]:
    nodes, group = groups.get(f"{cluster}_nodes", ()), f"{cluster}_database"
    hosts = groups.get(group, ())
    ours = [host for host in hosts if is_on(value_of(hostvars, host, "database_manage"))]
    problems = [
        f"{host} is in {' and '.join(_clusters(groups, host, 'database'))}: its role and database are those of one cluster. "
        "Give each a host of its own, or make both yourself and name the server in database_host, with database_manage=false."
        for host in ours
        if len(_clusters(groups, host, "database")) > 1
    ]
    if len(ours) > 1:
        problems.append(
            f"{group} has {', '.join(ours)}: a cluster has one database server, and nothing is copied between two. "
            "Leave one host in the group."
        )
    strangers: dict[str, list[str]] = {}
    for node in nodes:
        server = str(hostvars[node].get("database_host") or "")
        if server and is_on(value_of(hostvars, node, "database_manage")) and _foreign(server, hosts, groups, hostvars):
            strangers.setdefault(server, []).append(str(node))
    problems += [
        f"database_host={server} of {', '.join(named)} is no host of {group}, so nothing here builds it: "
        "set database_manage=false and database_password, or put the host into the group."
        for server, named in strangers.items()
    ]
    return problems


def _foreign(server: str, hosts: t.Sequence[str], groups: Groups, hostvars: Hostvars) -> bool:
    """Whether `server` is surely none of `hosts`. A name the inventory does not have may be one they have in the DNS."""
    if not hosts:
        return True
    if server in {*hosts, *member_addresses(hosts, hostvars), *_connections(hosts, hostvars)}:
        return False
    rest = [host for host in groups.get("all", ()) if host not in hosts]
    return server in {*rest, *_connections(rest, hostvars)}


def _connections(hosts: t.Sequence[str], hostvars: Hostvars) -> list[str]:
    return [str(hostvars[host].get("ansible_host", host)) for host in hosts]


# What no role can follow, and so matters to who builds the cluster: each gives sentences.
BUILD = (_addresses, _file_servers, _database_hosts, _one_database)
