# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says that no single role sees."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.inventory import (
    BUILD,
    group_problems,
    name_problems,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import KNOWN

GROUPS = {"workbench_nodes": ["node1", "node2"], "workbench_storage": ["files1"], "workbench_database": ["db1"]}
NODES = {"workbench_nodes": ["node1", "node2"]}


def problems(
    groups: dict[str, list[str]],
    variables: dict[str, dict[str, t.Any]] | None = None,
    cluster: str = "workbench",
    strategy: str = "linear",
    build: bool = False,
) -> list[str]:
    hosts = list(dict.fromkeys(host for names in groups.values() for host in names))
    variables = variables or {}
    every = variables.get("all", {})
    hostvars = {host: {**every, **variables.get(host, {})} for host in hosts}
    about = cluster, {"all": hosts, **groups}, hostvars
    found = group_problems(*about, strategy) + name_problems(*about)
    return found + [problem for ask in BUILD for problem in ask(*about) if build]


def test_nothing_to_say() -> None:
    assert problems(GROUPS) == []
    assert problems(GROUPS, build=True) == []


@pytest.mark.parametrize(
    ("groups", "variables", "cluster", "expected"),
    [
        pytest.param(
            GROUPS, {}, "prodd", ["prodd_nodes", "workbench_nodes", "-e workbench_cluster=NAME"], id="unknown"
        ),
        pytest.param({}, {}, "workbench", ["groups of nodes are none"], id="no inventory"),
        pytest.param(
            {"prod_nodes": ["node1"]},
            {"all": {"workbench_cluster": "prod"}},
            "workbench",
            ["workbench_cluster=prod is a variable of node1", "-e workbench_cluster=prod"],
            id="in group_vars/all, without a cluster of the default name",
        ),
        pytest.param(
            {**GROUPS, "prod_nodes": ["node9"]},
            {"all": {"workbench_cluster": "prod"}},
            "workbench",
            ["is a variable of node1, node2, files1, db1,", "take workbench", "-e workbench_cluster=prod"],
            id="in group_vars/all, beside a cluster of the default name",
        ),
        pytest.param(
            {"prod_nodes": ["node1"], "prod_database": ["db1"]},
            {"db1": {"workbench_cluster": "staging"}},
            "prod",
            ["workbench_cluster=staging is a variable of db1"],
            id="of one member",
        ),
    ],
)
def test_another_cluster_than_the_playbooks_take(
    groups: dict[str, list[str]], variables: dict[str, t.Any], cluster: str, expected: list[str]
) -> None:
    said = " ".join(problems(groups, variables, cluster))
    assert [words for words in expected if words not in said] == [], said


@pytest.mark.parametrize(
    ("groups", "variables", "cluster"),
    [
        pytest.param(
            {"prod_nodes": ["a"]}, {"all": {"workbench_cluster": "prod"}}, "prod", id="said on the command line"
        ),
        pytest.param({"prod_nodes": ["a"]}, {}, "prod", id="not said by any host"),
        pytest.param(
            {**GROUPS, "prod_nodes": ["z"]}, {"z": {"workbench_cluster": "prod"}}, "workbench", id="of others"
        ),
    ],
)
def test_one_cluster(groups: dict[str, list[str]], variables: dict[str, t.Any], cluster: str) -> None:
    assert problems(groups, variables, cluster) == []


@pytest.mark.parametrize("strategy", ["free", "ansible.builtin.free", "host_pinned", "mitogen_free"])
def test_hosts_that_do_not_wait(strategy: str) -> None:
    assert f"strategy={strategy} (DEFAULT_STRATEGY" in problems(GROUPS, strategy=strategy)[0]


@pytest.mark.parametrize("strategy", ["linear", "ansible.builtin.linear", "debug", "mitogen_linear"])
def test_hosts_that_wait(strategy: str) -> None:
    assert problems(GROUPS, strategy=strategy) == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("server_rserver_cnof", "server_rserver_conf"),
        ("server_rserver_config", "server_rserver_conf"),
        ("server_rserverconf", "server_rserver_conf"),
        ("database_hsot", "database_host"),
        ("keys_police", "keys_policy"),
        ("clock_server", "clock_servers"),
        ("clock_wiat", "clock_wait"),
        ("accounts_user", "accounts_users"),
        ("storage_prest", "storage_preset"),
        ("nfs_server_export", "nfs_server_exports"),
        ("verify_path", "verify_paths"),
        ("workbench_clutser", "workbench_cluster"),
    ],
)
def test_a_misspelt_variable(wrong: str, right: str) -> None:
    assert problems(GROUPS, {"node2": {wrong: 1}}) == [
        f"{wrong} is no variable of this collection; {right} is. "
        f"If {wrong} is that of another role, name it in workbench_other_variables."
    ]


@pytest.mark.parametrize(
    "name",
    [
        # What others' roles have, seen in public ones.
        *(
            "server_name",
            "server_port",
            "server_type",
            "server_hostname",
            "server_timezone",
            "server_role",
            "server_user",
        ),
        *(
            "database_type",
            "database_path",
            "database_backup_dir",
            "database_backend",
            "database_version",
            "database_url",
        ),
        *("storage_path", "storage_class", "storage_pool", "storage_volumes", "storage_pools", "storage_safe_mode"),
        *("keys_dir", "clock_timezone", "accounts_domain", "verify_ssl", "verify_certs", "workbench_nodes_count"),
        # Ansible's own, ours without a role's name, and what a run leaves behind.
        *("server", "groups", "ansible_host", "cluster_address", "keys_values", "__server_before"),
    ],
)
def test_variables_of_others_are_left_alone(name: str) -> None:
    assert problems(GROUPS, {"all": {name: 1}}) == []


def test_a_near_variable_of_another_role_can_be_named() -> None:
    variables = {"database_users": ["a"], "workbench_other_variables": ["database_users"]}
    assert problems(GROUPS, {"all": variables}) == []
    assert "database_user is" in problems(GROUPS, {"all": {"database_users": ["a"]}})[0]


def test_no_variable_of_ours_is_taken_for_a_misspelt_one() -> None:
    assert {"server_rserver_conf", "clock_servers", "workbench_cluster"} < set(KNOWN)
    assert problems(GROUPS, {"all": {name: [] for name in KNOWN if name != "workbench_cluster"}}) == []


CONTRADICTIONS = {
    "two file servers": (
        {**GROUPS, "workbench_storage": ["files1", "files2"]},
        {},
        ["workbench_storage has files1, files2", "storage_mounts"],
    ),
    "two database hosts": (
        {**GROUPS, "workbench_database": ["db1", "db2"]},
        {},
        ["workbench_database has db1, db2", "one"],
    ),
    "a file server of two clusters": (
        {**GROUPS, "prod_nodes": ["node9"], "prod_storage": ["files1"]},
        {},
        ["files1 is in workbench_storage and prod_storage", "storage_server"],
    ),
    "a database host of two clusters": (
        {**GROUPS, "prod_nodes": ["node9"], "prod_database": ["db1"]},
        {},
        ["db1 is in workbench_database and prod_database", "database_manage=false"],
    ),
    "a server nobody builds": (
        NODES,
        {"all": {"database_host": "db.example.com"}},
        ["database_host=db.example.com of node1, node2", "database_manage=false"],
    ),
    "another host of the inventory": (
        {**GROUPS, "others": ["old"]},
        {"all": {"database_host": "192.0.2.9"}, "old": {"ansible_host": "192.0.2.9"}},
        ["database_host=192.0.2.9", "no host of workbench_database"],
    ),
}


@pytest.mark.parametrize(("groups", "variables", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_no_role_can_follow(
    groups: dict[str, list[str]], variables: dict[str, t.Any], expected: list[str]
) -> None:
    said = " ".join(problems(groups, variables, build=True))
    assert [words for words in expected if words not in said] == [], said
    assert problems(groups, variables) == [], "a cluster that is only looked at is not refused"


CONSISTENT = {
    "a group that merely ends alike": (
        {
            **GROUPS,
            "backup_storage": ["files1"],
            "customer_database": ["db1"],
            "old_nodes": [],
            "old_storage": ["files1"],
        },
        {},
    ),
    "two file servers, said what from which": (
        {**GROUPS, "workbench_storage": ["files1", "files2"]},
        {"all": {"storage_mounts": []}},
    ),
    "hosts of two clusters that others build": (
        {**GROUPS, "prod_nodes": ["node9"], "prod_storage": ["files1"], "prod_database": ["db1"]},
        {"all": {"nfs_server_manage": False, "database_manage": "no"}},
    ),
    "somebody else's database, said so": (
        NODES,
        {"all": {"database_host": "db.example.com", "database_manage": False}},
    ),
    "our database by name": (GROUPS, {"all": {"database_host": "db1"}}),
    "our database by address": (GROUPS, {"all": {"database_host": "192.0.2.1"}, "db1": {"ansible_host": "192.0.2.1"}}),
    "our database in the cluster's network": (
        {**GROUPS, "others": ["old"]},
        {"all": {"database_host": "10.0.0.1"}, "db1": {"cluster_address": "10.0.0.1", "ansible_host": "192.0.2.1"}},
    ),
    "a name only the DNS knows": (GROUPS, {"all": {"database_host": "db.example.com"}}),
}


@pytest.mark.parametrize(("groups", "variables"), CONSISTENT.values(), ids=CONSISTENT)
def test_what_roles_can_follow(groups: dict[str, list[str]], variables: dict[str, t.Any]) -> None:
    assert problems(groups, variables, build=True) == []
