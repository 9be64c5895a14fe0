# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of the cluster."""

from __future__ import annotations

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
    answer = judged(lambda m: [node["config"]["database.conf"].update(options) for node in m["node"].values()])
    assert verdicts(answer)["database"] == "pass"
    notes = [item["measured"] for item in findings(answer, "database", "note") if "certificate" in item["what"]]
    assert notes == ([said] if said else [])


def test_version_that_could_not_be_read_says_how() -> None:
    def change(measured: Measured) -> None:
        for node in measured["node"].values():
            node["database"].update(server_version=None, error="PostgreSQL refuses the login of database.conf: no")

    (found,) = findings(judged(change), "database", "note")
    assert "python3-psycopg2" in found["remedy"]
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
