# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done on a database server, and what is left to those whose it is."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import (
    Plan,
    Wanted,
    access_rules,
    listens,
    plan_database,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.database_samples import (
    FRESH,
    MD5_OF_OLD,
    PLAIN,
    WISHES,
    database,
)

NAMES: dict[str, t.Any] = {
    "db1": {"addresses": ["10.0.0.31"], "own": ["10.0.0.31"]},
    "localhost": {"addresses": ["127.0.0.1", "::1"], "own": ["127.0.0.1", "::1"]},
    "wb1": {"addresses": ["10.0.0.11", "fd00::11", "fe80::1%eth0"], "own": []},
    "gone": {"addresses": [], "own": []},
    "db1.example.com": {"addresses": ["127.0.1.1"], "own": ["127.0.1.1"]},
    "nat": {"addresses": ["192.0.2.31"], "own": []},
}
OTHERS = {"databases": ["erp", "wiki"], "roles": ["erp"]}
OURS = {"role": {"login": True, "verifier": PLAIN}, "database": database("bob", 12)}


def wished(**wanted: t.Any) -> Wanted:
    return t.cast("Wanted", {**WISHES, **wanted})


def plan(server: dict[str, t.Any], **wanted: t.Any) -> Plan:
    found: t.Any = {"server": {**FRESH, **server}, "names": NAMES, "files": {}}
    return plan_database(found, wished(**wanted))


@pytest.mark.parametrize(
    ("server", "wanted", "expected"),
    [
        pytest.param({}, {}, ("create", "create"), id="nothing there"),
        pytest.param(OURS, {}, ("keep", "keep"), id="ours"),
        pytest.param(OTHERS, {}, ("create", "create"), id="beside others"),
        pytest.param(OURS, {"password": "new", "known": "plain"}, ("alter", "keep"), id="a new password for ours"),
        pytest.param(
            {**OURS, "role": {"login": True, "verifier": MD5_OF_OLD}}, {"user": "old"}, ("alter", "keep"), id="md5"
        ),
        pytest.param({**OURS, "role": {"login": False, "verifier": PLAIN}}, {}, ("alter", "keep"), id="may not log in"),
        pytest.param(
            {**OURS, "database": database("dba", 3)},
            {},
            ("keep", "keep"),
            id="owned by the admins, with tables",
        ),
        pytest.param({"database": database("dba", 0)}, {}, ("create", "alter"), id="an empty database"),
        pytest.param(
            {"role": OURS["role"]}, {"made": "plain"}, ("keep", "create"), id="a run cut off between role and database"
        ),
        pytest.param(
            {**OURS, "database": database("bob", 0)},
            {"made": "plain"},
            ("keep", "keep"),
            id="a run cut off later",
        ),
        pytest.param(
            {"role": OURS["role"]},
            {"made": "plain", "password": "new"},
            ("alter", "create"),
            id="a run cut off, then a password is given",
        ),
    ],
)
def test_what_is_made(server: dict[str, t.Any], wanted: dict[str, t.Any], expected: tuple[str, str]) -> None:
    decided = plan(server, **wanted)
    assert decided["errors"] == []
    assert (decided["role"], decided["database"]) == expected


@pytest.mark.parametrize(
    ("server", "wanted", "words"),
    [
        pytest.param(
            OURS, {"password": "another"}, ["role bob", "db1", "database_user", "database_password"], id="role"
        ),
        pytest.param(
            OURS,
            {"password": "another", "made": "another"},
            ["role bob", "database_user"],
            id="role, and no password known",
        ),
        pytest.param(OURS, {"made": "plain"}, ["role bob"], id="a made password that fits a database in use"),
        pytest.param(
            {"role": OURS["role"], "database": database("x", None)},
            {"made": "plain"},
            ["role bob"],
            id="a made password and tables that cannot be counted",
        ),
        pytest.param({"role": {"login": True, "verifier": None}}, {}, ["role bob"], id="a role without a password"),
        pytest.param(
            {"database": database("erp", 7)},
            {},
            ["database rstudio", "7 tables", "erp", "database_name"],
            id="tables",
        ),
        pytest.param(
            {"database": database("erp", None)},
            {},
            ["database rstudio", "could not be counted"],
            id="closed",
        ),
        pytest.param({"standby": True}, {}, ["db1 is a standby"], id="standby"),
        pytest.param(
            {"access_errors": [{"file": "/x/pg_hba.conf", "line": 7, "error": "invalid"}]},
            {},
            ["/x/pg_hba.conf, line 7: invalid"],
            id="rules PostgreSQL would refuse",
        ),
        pytest.param(
            {"access_block": {"rules": [], "marks": [1, 9, 12], "whole": False, "first": True}},
            {},
            ["marks", "/etc/postgresql/15/main/pg_hba.conf", "lines 1, 9, 12"],
            id="marks that are no pair, between which rules of others would go",
        ),
        pytest.param({}, {"family": "RedHat"}, ["db1 is of the family RedHat", "on Debian"], id="another system"),
        pytest.param(OURS, {"password": ""}, ["database_password is empty", "wb1, wb2"], id="no password at all"),
        pytest.param(
            {}, {"clients": ["gone", "10.0.0.1"]}, ["gone", "database_clients", "db1"], id="a name nobody knows"
        ),
        pytest.param({"state": "absent"}, {"clients": ["gone"]}, ["gone", "db1"], id="a name, before the server"),
        pytest.param(
            {**OTHERS, "listen_addresses": "localhost"},
            {},
            [
                "listens on localhost",
                "databases erp, wiki and the role erp",
                "database_restart=true",
                "listen_addresses",
            ],
            id="a restart under others",
        ),
        pytest.param(
            {**OTHERS, "max_connections": 15},
            {},
            [
                "PostgreSQL on db1 lets 12 connections in (max_connections=15, of which 3 are reserved), and 2 nodes need 12 "
                "for their pools and 2 for commands.",
                "databases erp, wiki and the role erp",
                "database_restart=true (max_connections becomes 100)",
                "set max_connections, restart it",
            ],
            id="too few connections under others",
        ),
    ],
)
def test_what_stops_the_run(server: dict[str, t.Any], wanted: dict[str, t.Any], words: list[str]) -> None:
    said = " ".join(plan(server, **wanted)["errors"])
    assert [word for word in words if word not in said] == []
    assert not [secret for secret in ("plain", "SCRAM", "another ") if secret in said.replace("another cluster", "")]


MANY = {"connections": {"least": 180, "most": 180, "beside": 30}}
HEARD = {"listen_addresses": "*"}


@pytest.mark.parametrize(
    ("server", "wanted", "expected"),
    [
        pytest.param({"listen_addresses": "localhost"}, {}, HEARD, id="a fresh server"),
        pytest.param({**OTHERS}, {}, {}, id="others, and it listens"),
        pytest.param({**OTHERS, "listen_addresses": "localhost, 10.0.0.31"}, {}, {}, id="on the right address"),
        pytest.param({**OTHERS, "listen_addresses": "localhost"}, {"may_restart": True}, HEARD, id="others, by name"),
        pytest.param({}, MANY, {"max_connections": "300"}, id="too few connections"),
        pytest.param({**OTHERS}, {**MANY, "may_restart": True}, {"max_connections": "300"}, id="too few, by name"),
        pytest.param({"next_connections": 500}, MANY, {"max_connections": "500"}, id="its admins have set more by now"),
        pytest.param({"next_connections": 200}, MANY, {"max_connections": "300"}, id="its admins have set too few"),
        pytest.param({"max_connections": 300, "next_connections": 50}, MANY, {}, id="enough are in force"),
        pytest.param(
            {"listen_addresses": "localhost"}, MANY, {**HEARD, "max_connections": "300"}, id="a fresh one for many"
        ),
        pytest.param({"state": "absent"}, {}, HEARD, id="none"),
        pytest.param({"state": "absent"}, MANY, {**HEARD, "max_connections": "300"}, id="none, for many"),
    ],
)
def test_for_what_the_server_is_restarted(
    server: dict[str, t.Any], wanted: dict[str, t.Any], expected: dict[str, str]
) -> None:
    decided = plan(server, **wanted)
    assert decided["errors"] == []
    assert decided["restarting"] == expected


@pytest.mark.parametrize(
    ("listen", "host", "expected"),
    [
        ("*", "db1", True),
        ("0.0.0.0", "db1", True),
        ("::", "db1", False),
        ("localhost", "db1", False),
        ("", "db1", False),
        ("10.0.0.31", "db1", True),
        ("localhost,db1", "db1", True),
        ("10.9.9.9", "db1", False),
        ("localhost", "db1.example.com", False),
        ("localhost,10.9.9.9", "db1.example.com", True),
        ("10.9.9.9", "nat", True),
        ("127.0.0.1", "nat", False),
        ("127.0.0.1", "localhost", True),
        ("10.9.9.9", "localhost", False),
    ],
)
def test_whether_it_listens_where_nodes_come(listen: str, host: str, expected: bool) -> None:
    assert listens(listen, NAMES[host], NAMES) is expected


def test_names_stand_in_rules_as_addresses() -> None:
    clients = ["10.0.0.12", "wb1", "10.1.0.0/16", "fd00::12", "samenet", ".example.com", "db1.example.com", "10.0.0.11"]
    rules, unresolved = access_rules(wished(clients=clients), NAMES)
    assert unresolved == []
    assert [rule.split()[3] for rule in rules] == [
        "10.0.0.12/32",
        "10.0.0.11/32",
        "fd00::11/128",
        "10.1.0.0/16",
        "fd00::12/128",
        "samenet",
        ".example.com",
        "samehost",
    ]
    assert rules[0].split() == ["host", '"rstudio"', '"bob"', "10.0.0.12/32", "scram-sha-256"]


def test_a_server_is_restarted_and_reloaded_by_itself() -> None:
    decided = plan({"access_loaded": False})
    assert (decided["unit"], decided["reload"]) == ("postgresql@15-main.service", True)
    assert (plan({"instance": ""})["unit"], plan({})["reload"]) == (None, False)


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ({"tls": "require"}, 'hostssl  "rstudio"  "bob"  10.0.0.11/32  scram-sha-256'),
        ({"tls": "verify-ca", "authentication": "certificate"}, 'hostssl  "rstudio"  "bob"  10.0.0.11/32  cert'),
        (
            {"tls": "verify-full", "authentication": "both"},
            'hostssl  "rstudio"  "bob"  10.0.0.11/32  scram-sha-256 clientcert=verify-full',
        ),
    ],
)
def test_with_tls_nobody_comes_without(wanted: dict[str, t.Any], line: str) -> None:
    rules, _unresolved = access_rules(wished(**wanted), NAMES)
    assert rules == [line, 'hostnossl  "rstudio"  "bob"  all  reject']
    assert access_rules(wished(**wanted, clients=[]), NAMES)[0] == []


def test_a_role_that_logs_in_by_certificate_is_known_by_the_password_that_is_made() -> None:
    by_certificate = {"tls": "verify-ca", "authentication": "certificate", "password": "plain", "made": "plain"}
    decided = plan(OURS, **by_certificate)
    assert (decided["role"], decided["errors"]) == ("keep", [])
    (error,) = plan(OURS, password="plain", made="plain")["errors"]
    assert "The role bob is on db1 already" in error
    assert plan(OURS, **{**by_certificate, "password": "new", "made": "new", "known": "plain"})["role"] == "alter"
