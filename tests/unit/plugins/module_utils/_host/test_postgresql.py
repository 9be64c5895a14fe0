# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What psql says, and what it cannot say. The scenario `database` asks a real server."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import (
    listening_names,
    read_names,
    read_server,
)
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseServer

FOUND: dict[str, t.Any] = {
    "access_file": "/x/pg_hba.conf",
    "access_errors": [],
    "listen_addresses": "localhost, 10.0.0.1",
    "database": None,
}


class Psql:
    """Answers in order; what it was asked is kept."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def __call__(self, argv: list[str], data: str | None = None, env: t.Any = None) -> tuple[int, str, str]:
        if argv == ["psql", "--version"]:
            return (127, "", "") if not self.answers else (0, "psql (PostgreSQL) 15", "")
        self.asked.append((argv, data))
        return self.answers.pop(0)


def test_a_host_without_psql() -> None:
    assert read_server(Psql(), 5432, "d", "r") == {"state": "absent", "error": None}


@pytest.mark.parametrize(
    "answer", [(2, "", "psql: error: no\n  socket"), (1, "", "runuser: user postgres does not exist")]
)
def test_a_server_that_does_not_answer(answer: tuple[int, str, str]) -> None:
    server = read_server(Psql(answer), 5432, "d", "r")
    assert (server["state"], server["error"]) == ("silent", " ".join(answer[2].split()))


def test_an_answer_that_is_none() -> None:
    assert read_server(Psql((0, "no JSON", "")), 5432, "d", "r")["state"] == "silent"


@pytest.mark.parametrize(
    ("count", "tables"), [((0, "12\n", ""), 12), ((2, "", "database is not currently accepting connections"), None)]
)
def test_tables_of_the_database(count: tuple[int, str, str], tables: int | None) -> None:
    psql = Psql((0, json.dumps({**FOUND, "database": {"owner": "o"}}), ""), count)
    assert read_server(psql, 6000, "d", "r")["database"] == {"owner": "o", "tables": tables}
    assert psql.asked[1][0][-2:] == ["-d", "d"]
    assert all("6000" in argv for argv, _sql in psql.asked)


def test_rules_that_are_wrong_are_named_with_their_file() -> None:
    """Only since version 16 PostgreSQL tells the file."""
    wrong = [{"line_number": 3, "error": "e"}, {"line_number": 4, "error": "e", "file_name": "/x/more"}]
    server = read_server(Psql((0, json.dumps({**FOUND, "access_errors": wrong}), "")), 5432, "d", "r")
    assert [(rule["file"], rule["line"]) for rule in server["access_errors"]] == [("/x/pg_hba.conf", 3), ("/x/more", 4)]


def test_names_are_resolved_here() -> None:
    server: DatabaseServer = {"state": "running", "error": None, "listen_addresses": FOUND["listen_addresses"]}
    everywhere: DatabaseServer = {"state": "running", "error": None, "listen_addresses": "*"}
    absent: DatabaseServer = {"state": "absent", "error": None}
    assert (listening_names(server), listening_names(absent), listening_names(everywhere)) == (
        ["localhost", "10.0.0.1"],
        [],
        [],
    )
    found = read_names(["127.0.0.1", "192.0.2.1"], 5)
    assert found["127.0.0.1"] == {"addresses": ["127.0.0.1"], "own": ["127.0.0.1"]}
    assert found["192.0.2.1"] == {"addresses": ["192.0.2.1"], "own": []}
