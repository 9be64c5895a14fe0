# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of the cluster."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    both,
    findings,
    gives,
    judged,
    verdicts,
)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("node", "*", "config", "database.conf", "provider", ["sqlite"]),
            "fail",
            "does not use PostgreSQL",
            id="sqlite",
        ),
        pytest.param(
            assign(
                "node",
                "n2",
                "database",
                {"host": "db", "port": 5432, "reachable": False, "server_version": None, "error": "refused"},
            ),
            "fail",
            "cannot be reached",
            id="database_down",
        ),
        pytest.param(
            assign(
                "node",
                "*",
                "database",
                {"host": "db", "port": 5432, "reachable": True, "server_version": "10.23", "error": None},
            ),
            "fail",
            "too old",
            id="old_postgresql",
        ),
        pytest.param(assign("cluster", "*", "protocol", "Https"), "fail", "protocol in the database", id="protocol"),
        pytest.param(assign("node", "n2", "database", None), "unknown", "was not asked", id="not_asked"),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "database", verdict, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            assign(
                "node",
                "*",
                "database",
                {"host": "db", "port": 5432, "reachable": True, "server_version": None, "error": None},
            ),
            id="version_untold",
        ),
    ],
)
def test_what_is_allowed_does_not_fail(change: Change) -> None:
    assert verdicts(judged(change))["database"] == "pass"


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ({}, "pass"),
        ({"database": ["rstudio"]}, "pass"),
        ({"database": ["postgres"]}, "fail"),
        ({"database": ["template1"]}, "fail"),
        ({"connection-uri": ["postgresql://rstudio:sha256:0123456789ab@db:5432/rstudio?sslmode=require"]}, "pass"),
        ({"connection-uri": ["postgresql://rstudio:sha256:0123456789ab@db/postgres"]}, "fail"),
        ({"connection-uri": ["postgresql://postgres@db"]}, "fail"),
        ({"connection-uri": ["postgresql://[db/rstudio"]}, "pass"),
    ],
)
def test_database_of_its_own(options: dict[str, list[str]], verdict: str) -> None:
    answer = judged(lambda m: [node["config"]["database.conf"].update(options) for node in m["node"].values()])
    assert verdicts(answer)["database"] == verdict
    assert [item["what"] for item in findings(answer, "database", "fail")] == (
        ["Workbench has no database of its own"] if verdict == "fail" else []
    )


@pytest.mark.parametrize(
    ("uri", "password", "said"),
    [
        (
            "postgresql://u@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-full",
            [],
            "sslmode=verify-full on n1, n2, n3",
        ),
        ("postgresql://u@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-ca", [], ""),
        ("postgresql://u@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-full", ["sha256:0123456789ab"], ""),
        ("postgresql://u:sha256:0123456789ab@db/w?sslmode=verify-full", [], ""),
    ],
)
def test_a_certificate_that_is_checked_otherwise_than_asked_is_noted(uri: str, password: list[str], said: str) -> None:
    options = {"connection-uri": [uri], "password": password}
    answer = judged(logged_in(options, client_certificate="/CN=u"))
    assert verdicts(answer)["database"] == "pass"
    notes = [item["measured"] for item in findings(answer, "database", "note") if "certificate" in item["what"]]
    assert notes == ([said] if said else [])


def test_version_that_could_not_be_read_says_how() -> None:
    def change(measured: Measured) -> None:
        for node in measured["node"].values():
            node["database"].update(server_version=None, error="PostgreSQL refuses the login of database.conf: no")

    (found,) = findings(judged(change), "database", "note")
    assert "python3-cryptography" in found["remedy"]
    assert "refuses the login" in found["measured"]


@pytest.mark.parametrize("protocol", ["Https no verify", "https-no-verify"])
def test_protocol_is_the_configured_one_in_either_spelling(protocol: str) -> None:
    """The tool shows blanks, a post of the vendor's hyphens."""
    unverified = both(
        assign("cluster", "*", "protocol", protocol),
        assign("node", "*", "config", "rserver.conf", "ssl-enabled", ["1"]),
        assign("node", "*", "config", "load-balancer", "verify-ssl-certs", ["0"]),
    )
    assert verdicts(judged(unverified))["database"] == "pass"


SESSION: dict[str, t.Any] = {
    "tables": 9,
    "names": ["cluster"],
    "workbench": True,
    "protocol": "TLSv1.3",
    "client_certificate": None,
    "standby": False,
    "owner": "u",
    "owns": True,
    "schema": "public",
    "creates": True,
    "max_connections": 100,
    "reserved_connections": 3,
}
FILES = "sslrootcert=/r&sslcert=/c&sslkey=/k"


def logged_in(options: dict[str, t.Any], **session: t.Any) -> t.Callable[[Measured], None]:
    """Each node has these options in database.conf, and found this by its login."""

    def change(measured: Measured) -> None:
        for node in measured["node"].values():
            node["config"]["database.conf"].update(options)
            node["database"]["session"] = {**SESSION, **session}

    return change


@pytest.mark.parametrize(
    ("uri", "session", "verdict", "words"),
    [
        pytest.param("postgresql://u@db/w?sslmode=require", {}, "pass", "every node, by TLSv1.3", id="encrypted"),
        pytest.param(
            f"postgresql://u@db/w?sslmode=verify-ca&{FILES}",
            {"client_certificate": "/CN=u"},
            "pass",
            "by TLSv1.3 and its certificate",
            id="with a certificate",
        ),
        pytest.param(
            "postgresql://u@db/w?sslmode=require", {"protocol": None}, "fail", "not encrypted", id="in the clear"
        ),
        pytest.param(
            f"postgresql://u@db/w?sslmode=verify-ca&{FILES}",
            {},
            "fail",
            "TLSv1.3, without a certificate of the node",
            id="a certificate nobody asked for",
        ),
        pytest.param("", {"workbench": False}, "fail", "holds cluster, and not Workbench's", id="another product's"),
        pytest.param("", {"owns": False, "owner": "dba"}, "fail", "dba's, schema public", id="somebody else's"),
        pytest.param("", {"creates": False, "schema": None}, "fail", "schema (none)", id="no schema"),
    ],
)
def test_what_a_login_found(uri: str, session: dict[str, t.Any], verdict: str, words: str) -> None:
    options = {"connection-uri": [uri], "password": ["sha256:0123456789ab"]} if uri else {}
    answer = judged(logged_in(options, **session))
    assert verdicts(answer)["database"] == verdict
    said = " ".join(f"{found['what']} {found['measured']}" for found in findings(answer, "database", verdict))
    assert words in said


def test_an_encryption_that_nobody_could_see_is_no_pass() -> None:
    def change(measured: Measured) -> None:
        logged_in({"connection-uri": ["postgresql://u@db/w?sslmode=require"], "password": ["sha256:0"]})(measured)
        for node in measured["node"].values():
            node["database"].update(session=None, error="no pg_hba.conf entry")

    answer = judged(change)
    assert verdicts(answer)["database"] == "unknown"
    (found,) = findings(answer, "database", "unknown")
    assert "no pg_hba.conf entry" in found["measured"]


def limits(maximum: int, **others: t.Any) -> Change:
    """The server lets so many in, three of them superusers; a node has these options, and so many processors."""
    change = logged_in({}, max_connections=maximum)
    asked = [
        assign("node", "n1", "config", "database.conf", name.replace("_", "-"), [text]) for name, text in others.items()
    ]
    return both(change, *asked)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(limits(21), "pass", "answers every node", id="enough for three pools of six"),
        pytest.param(limits(20), "fail", "lets 17 connections in (max_connections=20", id="one too few"),
        pytest.param(limits(25, pool_size="10"), "pass", "answers every node", id="enough for a pool that is named"),
        pytest.param(limits(24, pool_size="10"), "fail", "their pools need 22", id="too few for one that is named"),
        pytest.param(
            both(limits(21), assign("cluster", "*", "version", "2022.07.1")),
            "fail",
            "need 24",
            id="of a former release",
        ),
        pytest.param(
            both(limits(20), assign("processors", "n2", None)),
            "unknown",
            "need 13 to 18, for nobody knows the processors of n2",
            id="nobody knows one's processors",
        ),
        pytest.param(
            both(limits(21), assign("processors", "n2", None)),
            "pass",
            "every node",
            id="nobody knows, and it is enough",
        ),
        pytest.param(
            both(limits(15), assign("processors", "n2", None)), "fail", "need 13", id="nobody knows, and it is too few"
        ),
        pytest.param(
            both(limits(20), assign("node", "n1", "database", "session", None)),
            "fail",
            "need 18",
            id="one login is enough",
        ),
    ],
)
def test_whether_the_pools_of_all_nodes_are_let_in(change: Change, verdict: str, words: str) -> None:
    answer = judged(change)
    assert verdicts(answer)["database"] == verdict
    assert words in " ".join(f"{found['what']} {found['measured']}" for found in findings(answer, "database", verdict))
