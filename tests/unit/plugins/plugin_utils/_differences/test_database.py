# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of a database server: what the role would do, by whom it is felt, and no secret."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import mark
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.database import Wanted, differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import access_rules
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.database_samples import (
    FRESH,
    HBA,
    MD5_OF_OLD,
    PLAIN,
    SNAKEOIL,
    WISHES,
    database,
)

WANTED: dict[str, t.Any] = {
    **WISHES,
    "packages": ["postgresql", "acl"],
    "units": ["postgresql.service"],
    "clients": ["10.0.0.11", "10.0.0.12"],
    "may_restart": True,
}
RULES = access_rules(t.cast(Wanted, WANTED), {})[0]
FOREIGN = "host all all 10.9.0.0/16 ldap ldapbindpasswd=sesam"
BLOCK = {"rules": RULES, "marks": [1, 4], "whole": True, "first": True}
SERVER: dict[str, t.Any] = {
    **FRESH,
    "version": "15.14",
    "access_block": BLOCK,
    "databases": ["erp"],
    "connections": 3,
    "role": {"login": True, "verifier": PLAIN},
    "database": database("bob", 12),
}
OWN = {"addresses": ["10.0.0.31"], "own": ["10.0.0.31"]}
INSTALLED = {"state": "installed", "version": "15"}
RUNS = {
    "load": "loaded",
    "enabled": "enabled",
    "active": "active",
    "uptime": 1.0,
    "read": 1.0,
    "replaced": False,
    "unread": False,
}
NOT_THERE = {
    "packages": {"postgresql": {"state": "absent", "version": None}, "acl": INSTALLED},
    "units": {"postgresql.service": {**RUNS, "load": "not-found", "enabled": "", "active": "inactive"}},
}
STOPPED = {"units": {"postgresql.service": {**RUNS, "active": "inactive"}}}
SILENT = {"state": "silent", "error": "no socket"}


def compared(server: dict[str, t.Any], host: t.Mapping[str, t.Any], **wanted: t.Any) -> Differences:
    """`server` completes one that runs and lacks nothing, unless it has another state."""
    told = server if "state" in server else {**SERVER, **server}
    parts = {"packages": {"postgresql": INSTALLED, "acl": INSTALLED}, "units": {"postgresql.service": RUNS}}
    report = {**parts, "database": {"server": told, "names": {"db1": OWN}, "files": {}}, **host}
    return differences(t.cast(Wanted, {**WANTED, **wanted}), t.cast(HostReport, report))


def block(*rules: str, **other: t.Any) -> dict[str, t.Any]:
    return {"access_block": {**BLOCK, "rules": [*rules], **other}}


def said(found: Differences) -> list[tuple[str, ...]]:
    assert found.problems == []
    return [(change.what, change.why, change.interrupts) for change in found.changes]


def test_a_server_that_lacks_nothing() -> None:
    found = compared({}, {})
    assert (found.changes, found.problems, found.notes, found.diff) == ([], [], [], [])


@pytest.mark.parametrize(
    ("server", "wanted", "expected"),
    [
        pytest.param(
            {"role": None, "database": None}, {}, [("role bob", "new"), ("database rstudio", "new")], id="bare"
        ),
        pytest.param({}, {"password": "other", "known": "plain"}, [("role bob", "password")], id="a new password"),
        pytest.param(
            {"role": {"login": False, "verifier": MD5_OF_OLD}},
            {"user": "old", "clients": []},
            [("role old", "kept as MD5, may not log in"), ("pg_hba: 10.0.0.11/32, 10.0.0.12/32", "go")],
            id="an old one",
        ),
        pytest.param(
            {"database": database("dba", 0)},
            {},
            [("database rstudio", "owner dba → bob")],
            id="an empty database of the admins",
        ),
        pytest.param({"database": database("dba", 5)}, {}, [], id="one with tables keeps its owner"),
        pytest.param({"access_kept": False}, {}, [("pg_hba.conf.before-workbench-cluster", "new")], id="no copy"),
    ],
)
def test_what_is_made_or_altered(
    server: dict[str, t.Any], wanted: dict[str, t.Any], expected: list[tuple[str, str]]
) -> None:
    if wanted.get("user") == "old":
        rules = [rule.replace('"bob"', '"old"') for rule in RULES]
        server = {**server, **block(*rules)}
    assert [change[:2] for change in said(compared(server, {}, **wanted))] == expected


@pytest.mark.parametrize(
    ("server", "wanted", "expected"),
    [
        pytest.param({"access_block": None}, {}, [("pg_hba: 10.0.0.11/32, 10.0.0.12/32", "new", "reload")], id="none"),
        pytest.param(
            {},
            {"clients": ["10.0.0.12", "10.0.0.13"]},
            [("pg_hba: 10.0.0.13/32", "new", "reload"), ("pg_hba: 10.0.0.11/32", "goes", "reload")],
            id="one came and one left",
        ),
        pytest.param(
            {}, {"clients": ["10.0.0.12", "10.0.0.11"]}, [("pg_hba", "in other words", "reload")], id="turned"
        ),
        pytest.param(
            block(*RULES, FOREIGN),
            {},
            [("pg_hba: 1 line of another hand", "goes", "reload")],
            id="what others wrote between our marks",
        ),
        pytest.param(block(), {"clients": []}, [("pg_hba", "in other words", "reload")], id="marks around nothing"),
        pytest.param({"access_block": None}, {"clients": []}, [], id="nobody is let in, and nobody was"),
        pytest.param({"access_loaded": False}, {}, [("pg_hba", "not in force", "reload")], id="not in force"),
        pytest.param(
            {"access_loaded": False, **block(RULES[0])},
            {},
            [("pg_hba: 10.0.0.12/32", "new", "reload")],
            id="one reload is enough",
        ),
    ],
)
def test_who_is_let_in(
    server: dict[str, t.Any], wanted: dict[str, t.Any], expected: list[tuple[str, str, str]]
) -> None:
    found = compared(server, {}, **wanted)
    assert said(found) == expected
    assert all(change.path == HBA for change in found.changes)


def test_many_addresses_are_not_all_named() -> None:
    (change,) = compared({"access_block": None}, {}, clients=[f"10.0.0.{last}" for last in range(1, 51)]).changes
    assert change.what.endswith("10.0.0.5/32 and 45 more")


@pytest.mark.parametrize(
    ("server", "interrupts"),
    [
        ({}, "restarts PostgreSQL, cuts 3 connections, interrupts the database erp"),
        ({"databases": [], "connections": 1}, "restarts PostgreSQL, cuts 1 connection"),
        ({"databases": [], "connections": 0}, "restarts PostgreSQL"),
    ],
)
def test_a_restart_says_whom_it_interrupts(server: dict[str, t.Any], interrupts: str) -> None:
    found = compared({"listen_addresses": "localhost", "access_loaded": False, **block(RULES[0]), **server}, {})
    assert said(found) == [("listen_addresses", "localhost → *", interrupts), ("pg_hba: 10.0.0.12/32", "new", "")]
    assert [change.restarts for change in found.changes] == [("postgresql@15-main.service",), ()]


MANY = {"least": 180, "most": 180, "beside": 30}


def test_a_server_that_lets_too_few_in_is_restarted() -> None:
    found = compared({}, {}, connections=MANY)
    interrupts = "restarts PostgreSQL, cuts 3 connections, interrupts the database erp"
    assert said(found) == [("max_connections", "100 → 300", interrupts)]
    assert [change.restarts for change in found.changes] == [("postgresql@15-main.service",)]


def test_a_server_is_restarted_once_for_all() -> None:
    found = compared({"listen_addresses": "localhost"}, {}, connections=MANY)
    assert [change[:2] for change in said(found)] == [
        ("listen_addresses", "localhost → *"),
        ("max_connections", "100 → 300"),
    ]
    assert [bool(change.interrupts) for change in found.changes] == [True, False]
    assert [bool(change.restarts) for change in found.changes] == [True, False]


def test_a_new_server_for_many_nodes_lets_them_in() -> None:
    found = compared({"state": "absent", "error": None}, NOT_THERE, connections=MANY)
    assert said(found)[2:4] == [("listen_addresses", "new", ""), ("max_connections", "new", "")]


def test_a_host_without_postgresql_gets_all() -> None:
    found = compared({"state": "absent", "error": None}, NOT_THERE)
    assert said(found) == [
        ("package postgresql", "new", ""),
        ("postgresql.service", "new", ""),
        ("listen_addresses", "new", ""),
        ("role bob", "new", ""),
        ("database rstudio", "new", ""),
        ("pg_hba.conf.before-workbench-cluster", "new", ""),
        ("pg_hba: 10.0.0.11/32, 10.0.0.12/32", "new", ""),
    ]


@pytest.mark.parametrize(
    ("server", "host", "last"),
    [
        pytest.param(SILENT, STOPPED, "does not run: what it lacks is seen when it does", id="stopped"),
        pytest.param(SILENT, NOT_THERE, "does not run: what it lacks is seen when it does", id="psql alone"),
    ],
)
def test_a_server_that_does_not_run_yet_is_seen_when_it_does(
    server: dict[str, t.Any], host: dict[str, t.Any], last: str
) -> None:
    assert said(compared(server, host))[-1] == ("PostgreSQL", last, "")


def test_a_look_that_cannot_tell_lets_the_role_run() -> None:
    told = compared({}, {})
    assert told.changes == []
    report = t.cast(HostReport, {"errors": {"database": "runuser is not there"}})
    changes = differences(t.cast(Wanted, WANTED), report).changes
    assert changes[-1][:2] == ("PostgreSQL", "cannot be told: runuser is not there")
    assert [change.what for change in changes[:-1]] == ["package postgresql", "package acl", "postgresql.service"]


@pytest.mark.parametrize(
    ("server", "wanted", "words"),
    [
        pytest.param({}, {"family": "RedHat"}, "db1 is of the family RedHat", id="another system"),
        pytest.param({}, {"password": ""}, "database_password is empty", id="no password"),
        pytest.param({}, {"password": "another"}, "The role bob is on db1 already", id="another cluster's role"),
        pytest.param({}, {"clients": ["gone"]}, "gone in database_clients", id="a name nobody knows"),
        pytest.param(
            {"listen_addresses": "localhost"},
            {"may_restart": False},
            "database_restart=true",
            id="a restart under others",
        ),
        pytest.param(SILENT, {}, "port 5432, does not let its own account in: no socket", id="silent, though it runs"),
        pytest.param(block(whole=False), {}, "are not one pair", id="marks that are no pair"),
    ],
)
def test_what_the_role_would_refuse(server: dict[str, t.Any], wanted: dict[str, t.Any], words: str) -> None:
    found = compared(server, {}, **wanted)
    assert found.changes == []
    assert words in " ".join(found.problems)


def test_rules_of_others_above_ours_are_noted() -> None:
    found = compared(block(*RULES, first=False), {})
    assert found.changes == []
    assert found.notes == [f"rules of others stand above ours in {HBA}, and decide first"]


def test_the_difference_of_the_rules_has_no_line_of_another_hand() -> None:
    (shown,) = compared(block(RULES[0], FOREIGN), {}).diff
    begin, end = (mark("rstudio", "bob").replace("{mark}", word) for word in ("BEGIN", "END"))
    assert shown["before_header"] == shown["after_header"] == HBA
    assert shown["before"] == f"{begin}\n{RULES[0]}\n(a line of another hand)\n{end}\n"
    assert shown["after"] == f"{begin}\n{RULES[0]}\n{RULES[1]}\n{end}\n"


def test_no_secret_is_in_a_plan() -> None:
    found = compared(
        {"listen_addresses": "localhost", "role": {"login": False, "verifier": PLAIN}, **block(FOREIGN)},
        {},
        password="other-secret",
        known="plain",
        made="made-secret",
    )
    text = repr(found)
    assert not [secret for secret in ("plain", "other-secret", "made-secret", "SCRAM", "sesam") if secret in text]
    assert ("role bob", "password, may not log in", "") in said(found)


TLS: dict[str, t.Any] = {"tls": "verify-ca", "tls_certificate": "/c", "tls_key": "/k"}
OWN_FOLDER = "/etc/workbench.cluster/database"
SERVED = {"ssl_cert_file": f"{OWN_FOLDER}/server.crt", "ssl_key_file": f"{OWN_FOLDER}/server.key"}


def tls_file(fingerprint: str, owner: str = "root", mode: str = "0600", subject: str | None = None) -> dict[str, t.Any]:
    owned = {"owner": owner, "group": owner, "uid": 0, "gid": 0, "mode": mode, "readable": None}
    about = {"public_key": "aaa", "subject": subject, "names": ["db1"], "not_after": None, "expired": False}
    return {**owned, **about, "fingerprint": f"sha256:{fingerprint}"}


def with_files(copied: str, server: dict[str, t.Any] | None = None, **wanted: t.Any) -> Differences:
    """A server with the certificate 111 and the key 222, whose copies are of `copied` and 222; empty: there are none."""
    files: dict[str, t.Any] = {"/c": tls_file("111", subject="CN=db1"), "/k": tls_file("222")}
    certificate, key = SERVED.values()
    made = {certificate: tls_file(copied, "postgres", "0644", "CN=db1"), key: tls_file("222", "postgres")}
    files.update(made if copied else dict.fromkeys(made))
    asked = {**TLS, **wanted}
    rules = access_rules(t.cast(Wanted, {**WANTED, **asked}), {})[0]
    told = {**SERVER, "tls": {**SNAKEOIL, **SERVED}, **block(*rules), **(server or {})}
    report = {
        "packages": {"postgresql": INSTALLED, "acl": INSTALLED},
        "units": {"postgresql.service": RUNS},
        "database": {"server": told, "names": {"db1": OWN}, "files": files},
    }
    return differences(t.cast(Wanted, {**WANTED, **asked}), t.cast(HostReport, report))


def test_a_server_that_serves_tls_and_lacks_nothing() -> None:
    assert with_files("111").changes == []


def test_a_certificate_that_was_renewed_is_read_by_a_reload() -> None:
    found = with_files("999")
    assert said(found) == [("server.crt", "sha256:999 → sha256:111", ""), ("certificate", "not in force", "reload")]
    assert [change.restarts for change in found.changes] == [(), ()]


def test_a_copy_that_was_made_and_not_read_yet() -> None:
    assert said(with_files("111", {"tls_loaded": False})) == [("certificate", "not in force", "reload")]


def test_tls_comes_to_a_server_without_it() -> None:
    found = with_files("", {"tls": SNAKEOIL, **block(*RULES)}, authentication="both", tls_client_authority="")
    topics = [change[:2] for change in said(found)]
    assert topics[:4] == [
        ("server.crt", "new"),
        ("server.key", "new"),
        ("ssl_cert_file", f"{SNAKEOIL['ssl_cert_file']} → {SERVED['ssl_cert_file']}"),
        ("ssl_key_file", f"{SNAKEOIL['ssl_key_file']} → {SERVED['ssl_key_file']}"),
    ]
    both = "by certificate and password"
    rules = f"pg_hba: 10.0.0.11/32 {both}, 10.0.0.12/32 {both}, all without TLS are refused"
    assert topics[4:] == [(rules, "new"), ("pg_hba: 10.0.0.11/32, 10.0.0.12/32", "go")]


def test_a_schema_is_made_where_it_is_not() -> None:
    missing = {"database": database("bob", 12, schema_owner=None)}
    assert said(compared(missing, {}, schema="wb")) == [("schema wb", "new", "")]
    there = {"database": database("bob", 12, schema_owner="bob")}
    assert said(compared(there, {}, schema="wb")) == []


def test_another_products_database_is_refused() -> None:
    holds = {"tables": 2, "names": ["apps", "schema_version"], "workbench": False}
    (problem,) = compared({"database": {**database("bob", 2), "holds": holds}}, {}).problems
    assert "holds apps, schema_version, and not Workbench's schema_version: it is another product's." in problem
