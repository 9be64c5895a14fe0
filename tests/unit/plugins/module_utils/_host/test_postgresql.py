# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What psql says, and what it cannot say. The scenario `database` asks a real server."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import (
    KEPT,
    Question,
    access_block,
    listening_names,
    mark,
    read_names,
    read_server,
)
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseServer

FOUND: dict[str, t.Any] = {
    "access_file": "/x/pg_hba.conf",
    "access_errors": [],
    "loaded": 1.5,
    "listen_addresses": "localhost, 10.0.0.1",
    "database": None,
}
HELD = {"tables": 12, "names": ["cluster"], "workbench": True}


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
    assert read_server(Psql(), Question(5432, "d", "r")) == {"state": "absent", "error": None}


@pytest.mark.parametrize(
    "answer", [(2, "", "psql: error: no\n  socket"), (1, "", "runuser: user postgres does not exist")]
)
def test_a_server_that_does_not_answer(answer: tuple[int, str, str]) -> None:
    server = read_server(Psql(answer), Question(5432, "d", "r"))
    assert (server["state"], server["error"]) == ("silent", " ".join(answer[2].split()))


def test_an_answer_that_is_none() -> None:
    assert read_server(Psql((0, "no JSON", "")), Question(5432, "d", "r"))["state"] == "silent"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ((0, json.dumps({"holds": HELD, "schema_owner": "o"}), ""), {"holds": HELD, "schema_owner": "o"}),
        ((2, "", "database is not currently accepting connections"), {"holds": None, "schema_owner": None}),
    ],
)
def test_what_the_database_holds(told: tuple[int, str, str], found: dict[str, t.Any]) -> None:
    psql = Psql((0, json.dumps({**FOUND, "database": {"owner": "o"}}), ""), told)
    assert read_server(psql, Question(6000, "d", "r"))["database"] == {"owner": "o", **found}
    assert psql.asked[1][0][-4:] == ["-d", "d", "-v", "schema="]
    assert all("6000" in argv for argv, _sql in psql.asked)


def test_rules_that_are_wrong_are_named_with_their_file() -> None:
    """Only since version 16 PostgreSQL tells the file."""
    wrong = [{"line_number": 3, "error": "e"}, {"line_number": 4, "error": "e", "file_name": "/x/more"}]
    server = read_server(Psql((0, json.dumps({**FOUND, "access_errors": wrong}), "")), Question(5432, "d", "r"))
    assert [(rule["file"], rule["line"]) for rule in server["access_errors"]] == [("/x/pg_hba.conf", 3), ("/x/more", 4)]


BEGIN, END = (mark("rstudio", "bob").replace("{mark}", word) + "\n" for word in ("BEGIN", "END"))
ANOTHERS = "".join(mark("rstudio", "bobby").replace("{mark}", word) + f"\n{word}\n" for word in ("BEGIN", "END"))
RULE = 'host  "rstudio"  "bob"  10.0.0.11/32  scram-sha-256'


def test_the_mark_is_that_of_every_release() -> None:
    """A block under another mark would be written beside the old one."""
    assert BEGIN == "# BEGIN Ansible (workbench.cluster): role bob in database rstudio, from database_clients\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("local all all peer\n", None, id="none of ours"),
        pytest.param(ANOTHERS, None, id="another role's"),
        pytest.param(f"{BEGIN}{RULE}\n{END}local all all peer", ([RULE], [1, 3], True, True), id="as written"),
        pytest.param(f"{BEGIN}{END}", ([], [1, 2], True, True), id="without a rule"),
        pytest.param(f"{BEGIN}{RULE}\r\n{END}", ([RULE + "\r"], [1, 3], True, True), id="ends of lines of Windows"),
        pytest.param(f"# words\n\n \t\n{BEGIN}{END}", ([], [4, 5], True, True), id="below comments"),
        pytest.param(f"{ANOTHERS}{BEGIN}{END}", ([], [5, 6], True, False), id="below what is no block of another's"),
        pytest.param(f" local all all peer\n{BEGIN}{END}", ([], [2, 3], True, False), id="below a rule of others"),
        pytest.param(f"{BEGIN}{RULE}\n", ([], [1], False, True), id="the end is lost"),
        pytest.param(
            f"{BEGIN}{RULE}\n{END}".rstrip("\n"), ([], [1], False, True), id="an end that blockinfile does not see"
        ),
        pytest.param(f"{END}{RULE}\n{BEGIN}", ([], [1, 3], False, True), id="turned round"),
        pytest.param(f"{BEGIN}{END}{BEGIN}{END}", ([], [1, 2, 3, 4], False, True), id="twice"),
    ],
)
def test_the_block_of_rules(content: str, expected: tuple[t.Any, ...] | None) -> None:
    found = access_block(content.encode(), "rstudio", "bob")
    assert (found and (found["rules"], found["marks"], found["whole"], found["first"])) == expected


def test_blocks_of_other_clusters_stand_in_nobodys_way() -> None:
    anothers = ANOTHERS.removesuffix("END\n")
    found = access_block(f"{anothers}{BEGIN}{END}".encode(), "rstudio", "bob")
    assert found is not None
    assert found["first"]
    assert found["whole"]


def server_with(file: Path, loaded: float) -> DatabaseServer:
    answer = json.dumps({**FOUND, "access_file": str(file), "loaded": loaded})
    return read_server(Psql((0, answer, "")), Question(5432, "rstudio", "bob"))


def test_the_rules_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "pg_hba.conf"
    file.write_text(f"{BEGIN}{RULE}\n{END}")
    found = server_with(file, 0)
    assert found["access_block"] == {"rules": [RULE], "marks": [1, 3], "whole": True, "first": True}
    assert not found["access_kept"]
    (tmp_path / f"pg_hba.conf{KEPT}").touch()
    assert server_with(file, 0)["access_kept"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(-1.0, False, id="before the change"),
        pytest.param(0.0, False, id="with it"),
        pytest.param(0.2, True, id="within the second"),
        pytest.param(5.0, True, id="later"),
    ],
)
def test_whether_the_rules_were_read_since_they_changed(tmp_path: Path, after: float, expected: bool) -> None:
    file = tmp_path / "pg_hba.conf"
    file.touch()
    os.utime(file, (1000, 1000))  # an old copy that was put back
    changed = file.stat().st_ctime_ns
    moment = changed / 1e9 + after
    assert server_with(file, moment)["access_loaded"] is (expected if changed % 10**9 else after >= 1)


def test_whether_the_certificates_were_read_since_they_changed(tmp_path: Path) -> None:
    key = tmp_path / "server.key"
    key.touch()
    answer = json.dumps({**FOUND, "loaded": key.stat().st_ctime + 5})
    asked = Question(5432, "rstudio", "bob", files=[str(key)])
    assert read_server(Psql((0, answer, "")), asked)["tls_loaded"] is True
    answer = json.dumps({**FOUND, "loaded": key.stat().st_ctime - 5})
    assert read_server(Psql((0, answer, "")), asked)["tls_loaded"] is False


def test_rules_that_cannot_be_looked_at_count_as_not_in_force(tmp_path: Path) -> None:
    found = server_with(tmp_path / "absent", 9e12)
    assert (found["access_loaded"], found["access_block"]) == (False, None)


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
