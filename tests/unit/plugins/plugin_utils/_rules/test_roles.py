# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each wrong variable is refused with its name, value and what is allowed, and every rule of every role refuses something."""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import services
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.nfs_options import nfs_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules import server
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.inventory import BUILD, name_problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.kinds import type_problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Cluster, Member, Unusable
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.roles import (
    CONCERNED,
    ORDERED,
    RULES,
    TOGETHER,
    notes,
    order_problems,
    problems,
    roles_of,
    together,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import (
    DEFAULTS,
    OPTIONS,
    ROLES,
    is_constant,
    is_default,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._rules.wrong import (
    ADDRESSES,
    GROUPS,
    NODES,
    SAID,
    SSSD,
    WRONG,
)

ROOT = Path(__file__).resolve().parents[5]
# Templates are for the runs of ansible-playbook over the same table (tests/refusals).
PLAIN = {name: case for name, case in WRONG.items() if "{{" not in str(case[0])}
SECRETS = ("too-short-to-be-a-key", "geheim", "MIIEvQ")


def computed(host: str, said: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The defaults that are templates, as this inventory makes them."""
    home, shared = (
        said.get(f"storage_{what}_dir", DEFAULTS["storage"][f"storage_{what}_dir"]) for what in ("home", "shared")
    )
    server_ = said.get("storage_server", ADDRESSES["store1"])
    exports = [
        said.get(f"storage_{what}_export", DEFAULTS["storage"][f"storage_{what}_export"]) for what in ("home", "shared")
    ]
    return {
        **{
            f"{role}_members": NODES
            for role in ("accounts", "keys", "database", "nfs_server", "operate", "server", "tls", "verify")
        },
        **{f"{role}_clients": [ADDRESSES[node] for node in NODES] for role in ("database", "nfs_server")},
        "firewall_members": {"nodes": NODES, "storage": ["store1"], "database": ["db1"], "proxy": []},
        "firewall_proxy_ports": ["80/tcp"],
        "accounts_home_root": home,
        "accounts_sssd_home": f"{home}/%u",
        "database_host": ADDRESSES["db1"],
        "database_password": "",
        **{
            f"database_tls_{name}": said.get(f"database_tls_{name}", "") for name in ("certificate", "key", "authority")
        },
        "database_tls_client_authority": said.get("database_tls_authority", ""),
        "keys_database_password": said.get("database_password", ""),
        "storage_server": server_,
        "storage_options": nfs_options(said.get("storage_preset", "safe"), said.get("storage_nfs_options") or {}),
        "storage_mounts": [
            {"path": path, "src": f"{server_}:{export}", "mode": "0755"}
            for path, export in zip((home, shared), exports)
        ],
        "server_www_host_name": ADDRESSES[host],
        "server_shared_storage_path": shared,
        "server_required_mounts": [home, shared],
        "proxy_members": NODES,
        "proxy_hosts": GROUPS["workbench_proxy"],
        **{
            f"proxy_{what}": "" if said.get("tls_source", "none") == "none" else f"/etc/workbench.cluster/tls/{file}"
            for what, file in {
                "tls_certificate": "host.crt",
                "tls_key": "host.key",
                "node_authority": "authority.crt",
            }.items()
        },
        "proxy_node_name": next(iter(said.get("proxy_names", ())), ""),
        "proxy_port": 443 if said.get("proxy_tls_certificate") else 80,
        "verify_users": ["ada", "john"],
        "verify_groups": ["analysts"],
        "verify_paths": [home, shared],
        "verify_lock_user": "ada",
        "verify_lock_refresh": 20,
        "verify_lock_timeout": 30,
        "verify_report_dir": "/tmp/verify-workbench",
    }


def cluster(wrong: t.Mapping[str, t.Any]) -> Cluster:
    return Cluster("workbench", GROUPS, {host: {**said, **wrong} for host, said in SAID.items()})


def member(host: str, wrong: t.Mapping[str, t.Any] | None = None, **more: t.Any) -> Member:
    said = {**SAID[host], **(wrong or {})}
    constants = {name: value for values in DEFAULTS.values() for name, value in values.items() if is_constant(name)}
    variables = {**constants, **computed(host, said), **said}
    return Member(host, variables, cluster(wrong or {}), named=said, **more)


def all_problems(wrong: t.Mapping[str, t.Any]) -> list[str]:
    """Those of all hosts of the cluster, and of the inventory."""
    about = cluster(wrong)
    found = [problem for ask in (name_problems, *BUILD) for problem in said(ask, *about)]
    members = [member(host, wrong) for host in SAID]
    found += together({m.host: problems(roles_of(m), m, m.host == "node1") for m in members})
    nodes = [m for m in members if m.host in NODES]
    for m in nodes:
        notes(roles_of(m), m)  # nothing wrong keeps anything from being told
    return found


def said(ask: t.Callable[..., list[str]], *about: t.Any) -> list[str]:
    try:
        return ask(*about)
    except Unusable:
        return []


def test_an_inventory_in_which_all_is_well() -> None:
    assert all_problems({}) == []


@pytest.mark.parametrize(("wrong", "words"), PLAIN.values(), ids=PLAIN)
def test_a_wrong_variable(wrong: dict[str, t.Any], words: list[str]) -> None:
    words_said = "\n".join(all_problems(wrong))
    assert [word for word in words if word not in words_said] == [], words_said
    assert [secret for secret in SECRETS if secret in words_said] == []


ASKED = [(role, rule) for rules in (RULES, TOGETHER) for role, every in rules.items() for rule in every]


@pytest.fixture(scope="module")
def refusing() -> set[t.Any]:
    """The rules that refuse one of the wrong variables."""
    found: set[t.Any] = set()
    for (wrong, _words), host in itertools.product(PLAIN.values(), ("node1", "store1", "db1", "front1")):
        m = member(host, wrong)
        for role in roles_of(m):
            list(type_problems(role, m))
        found.update(rule for role, rule in ASKED if role in roles_of(m) and refuses(rule, m))
    apart = member("node1", SSSD)
    apart.cluster.hostvars["node2"]["accounts_sssd_options"] = {"ldap_id_mapping": True}  # type: ignore[index]
    found.update(rule for role, rule in ASKED if role == "accounts" and refuses(rule, apart))
    return found


@pytest.mark.parametrize(
    ("theirs", "word"),
    [
        ({"accounts_source": "local"}, "accounts_source differs between node1 and node2: sssd and local"),
        ({"accounts_sssd_search_base": "dc=b"}, "accounts_sssd_search_base differs"),
        ({"accounts_sssd_options": {"ldap_id_mapping": True}}, "ldap_id_mapping in accounts_sssd_options differs"),
        ({"accounts_sssd_options": {"ldap_schema": "ad"}}, "ldap_schema in accounts_sssd_options differs"),
        ({"accounts_sssd_options": {"ldap_network_timeout": 5}}, ""),
        ({"accounts_sssd_uris": ["ldaps://near.example.org"]}, ""),
    ],
)
def test_nodes_number_the_users_of_a_directory_by_one_rule(theirs: dict[str, t.Any], word: str) -> None:
    """What says nothing of ids and homes may differ: each node may ask a server that is near."""
    m = member("node1", SSSD)
    around = {**m.cluster.hostvars, "node2": {**m.cluster.hostvars["node2"], **theirs}}
    m.cluster = m.cluster._replace(hostvars=around)
    found = [problem for problem in problems(["accounts"], m) if "differs" in problem]
    assert ([word in problem for problem in found] == [True]) if word else (found == []), found


def refuses(rule: t.Callable[..., t.Iterable[str]], m: Member) -> bool:
    try:
        return list(rule(m)) != []
    except Unusable:
        return False


@pytest.mark.parametrize(
    ("role", "rule"), ASKED, ids=[f"{role} {number}" for number, (role, _rule) in enumerate(ASKED)]
)
def test_every_rule_refuses_something(role: str, rule: t.Any, refusing: set[t.Any]) -> None:
    assert rule in refusing, f"{role}: {rule}"


def test_every_role_has_rules_and_hosts() -> None:
    assert set(RULES) == set(ROLES) == {role for roles in CONCERNED.values() for role in roles}


def test_all_problems_of_all_hosts_at_once() -> None:
    """What does not hide each other; and each sentence once, with the hosts it is about."""
    wrong = {"clock_wait": -1, "nfs_server_options": "rw", "keys_adopt_from": "node9", "database_user": "public"}
    lines = all_problems({**wrong, "storage_move_existing": "/home", "accounts_home_mode": 0o700, "verify_paths": []})
    assert len(lines) == 7
    assert "clock_wait=-1 must be at least 0 seconds. (node1, node2, node3, store1, db1, front1, front2)" in lines
    assert [line for line in lines if line.startswith("nfs_server_options") and line.endswith("(store1)")] != []


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        pytest.param("clock_wait", "soon", "clock_wait=soon must be a whole number.", id="text for a number"),
        pytest.param("clock_step_threshold", [1], "clock_step_threshold=[1] must be a number.", id="list for a number"),
        pytest.param("clock_servers", {"a": 1}, "clock_servers={'a': 1} must be a list", id="dictionary for a list"),
        pytest.param("server_files", "geheim", "server_files must be a list of entries", id="text that may be secret"),
        pytest.param(
            "server_database_conf", "password=geheim", "server_database_conf must be a dictionary", id="options"
        ),
        pytest.param("server_files", [{"content": "geheim"}], "path", id="an entry without its path"),
        pytest.param("server_files", [{"path": "/a", "contnet": "geheim"}], "contnet", id="a misspelt key of an entry"),
    ],
)
def test_a_variable_of_another_type(option: str, value: t.Any, words: str) -> None:
    found = "\n".join(all_problems({option: value}))
    assert words in found
    assert "geheim" not in found


@pytest.mark.parametrize("value", ["5", 5, 5.0])
def test_a_number_may_be_text(value: t.Any) -> None:
    assert all_problems({"clock_wait": value, "clock_step_threshold": value}) == []


@pytest.mark.parametrize("role", ["clock", "nfs_server", "storage", "accounts"])
@pytest.mark.parametrize("off", [False, "no", "false"])
def test_what_others_do_has_no_rules(role: str, off: t.Any) -> None:
    wrong = {
        "clock_servers": [],
        "nfs_server_exports": [],
        "storage_mounts": [],
        "accounts_users": [{"name": "No Body"}],
    }
    hosts = [member(host, {**wrong, f"{role}_manage": off}) for host in SAID]
    assert [problems([role], m) for m in hosts if role in roles_of(m)] != []
    assert [problem for m in hosts if role in roles_of(m) for problem in problems([role], m)] == []


def test_the_database_has_rules_where_others_build_it() -> None:
    assert "database_user=public" in " ".join(all_problems({"database_manage": False, "database_user": "public"}))


def test_a_variable_that_cannot_be_read_is_named_and_stops_no_other_rule() -> None:
    m = member(
        "node1",
        {"clock_servers": "{{ nobody }}", "clock_wait": -1},
        unreadable={"clock_servers": "'nobody' is undefined"},
    )
    assert problems(["clock"], m) == [
        "clock_servers cannot be read: 'nobody' is undefined",
        "clock_wait=-1 must be at least 0 seconds.",
    ]


def test_a_default_that_cannot_be_made_is_told_where_nothing_else_is() -> None:
    unreadable = {"nfs_server_clients": "node9 is not in the inventory"}
    m = member("store1", unreadable=unreadable)
    assert problems(["nfs_server"], m) == ["nfs_server_clients cannot be read: node9 is not in the inventory"]
    m = member("store1", {"nfs_server_members": "node9"}, unreadable=unreadable)
    assert problems(["nfs_server"], m) == ["nfs_server_members=node9 must be a list, such as [node9]."]


def test_a_certificate_that_is_checked_otherwise_is_said() -> None:
    files = "sslcert=/c&sslkey=/k&sslrootcert=/r"
    uri = f"postgres://u@h/d?{files}"
    (note,) = notes(
        ["database"], member("node1", {"server_database_conf": {"connection-uri": f"{uri}&sslmode=verify-full"}})
    )
    assert "asks for sslmode=verify-full" in note
    assert "always with sslmode=verify-ca" in note
    for conf in ({"connection-uri": uri}, {"connection-uri": f"{uri}&sslmode=verify-full", "password": "geheim"}, {}):
        assert notes(["database"], member("node1", {"server_database_conf": conf})) == []


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"server_rsession_conf": {"allow-telepathy": 1}},
            ["allow-telepathy in server_rsession_conf", "rsession.conf"],
        ),
        ({"server_logging_conf": {"*": {"loud": 1}}}, ["*.loud in server_logging_conf"]),
        ({"server_rserver_conf": {"new-option": 1}}, ["new-option in server_rserver_conf", "Releases differ"]),
        ({"server_file_locks": {"new-option": 1}}, ["new-option in server_file_locks"]),
        ({"server_launcher_conf": {"new-option": 1}}, ["new-option in server_launcher_conf"]),
        ({"server_env_vars": {"ANY_NAME": 1}, "server_repos_conf": {"CRAN": "https://p", "Any": "https://q"}}, []),
        ({"server_rsession_conf": {"allow-shell": 1}, "server_file_locks": {"enable-logging": True}}, []),
    ],
)
def test_options_that_nobody_told_us_of_pass_with_a_note(variables: dict[str, t.Any], words: list[str]) -> None:
    m = member("node1", variables)
    assert problems(["server"], m) == []
    found = notes(["server"], m)
    assert len(found) == bool(words)
    assert all(word in found[0] for word in words)


@pytest.mark.parametrize("role", ROLES)
def test_hosts_that_do_not_wait_for_each_other(role: str) -> None:
    found = order_problems([role], "free")
    assert len(found) == (role in ORDERED)
    assert all("this play has strategy=free" in sentence for sentence in found)


def test_a_role_alone_takes_the_defaults_of_others() -> None:
    """Their defaults are out of sight: constants are read where they stand, and templates made of what is at hand."""
    own = {name: value for name, value in member("node1").variables.items() if name.startswith("storage_")}
    m = Member("node1", own, cluster({}))
    assert problems(["storage"], m) == []
    m = Member(
        "node1", {**own, "server_file_locks": {"lock-type": "advisory"}, "storage_options": "nolock"}, cluster({})
    )
    assert "lock-type=advisory" in problems(["storage"], m)[0]


def test_files_with_variables_of_their_own_are_those_the_services_read() -> None:
    read = {path for service in services([]) for path in service["files"]}
    assert {f"/etc/rstudio/{name}" for name in server.OWN} == read


def test_what_nobody_sets_is_a_default() -> None:
    for role, options in OPTIONS.items():
        assert [name for name in options if not is_default(name, DEFAULTS[role][name])] == []
    assert not is_default("verify_paths", ["/home"])
    assert not is_default("workbench_cluster", "workbench")
