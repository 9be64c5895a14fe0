# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on real files and a real SQLite."""

from __future__ import annotations

import sqlite3
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.modules import options_info

SECRET = "geheim-geheim"
ABSENT = {"state": "absent", "options": {}, "hidden": [], "sections": []}


class Node:
    def __init__(self, config: Path, data: Path, run: t.Callable[..., dict[str, t.Any]]) -> None:
        self.config, self.data, self._run = config, data, run

    def result(self) -> dict[str, t.Any]:
        return self._run(options_info.main)

    def file(self, name: str, text: str | bytes) -> dict[str, t.Any]:
        (self.config / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        file: dict[str, t.Any] = self.result()["options"]["files"][name]
        return file

    def sqlite(self) -> str:
        state: str = self.result()["options"]["sqlite"]["state"]
        return state


@pytest.fixture
def node(config_dir: Path, data_dir: Path, run_on_node: t.Callable[..., dict[str, t.Any]]) -> Node:
    return Node(config_dir, data_dir, run_on_node)


def test_bare_node(node: Node) -> None:
    options = node.result()["options"]
    assert set(options["files"]) == {
        "rserver.conf",
        "load-balancer",
        "file-locks",
        "database.conf",
        "launcher.conf",
        "launcher.local.conf",
        "rsession.conf",
        "logging.conf",
        "env-vars",
        "crash-handler.conf",
        "repos.conf",
    }
    assert all(file == ABSENT for file in options["files"].values())
    assert options["sqlite"] == {"path": str(node.data / "rstudio.sqlite"), "state": "absent"}


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        (
            "rserver.conf",
            "# x\nssl-enabled=1 # on\nwww-allow-origin=a\nwww-allow-origin=b\n",
            {"ssl-enabled": ["1"], "www-allow-origin": ["a", "b"]},
        ),
        (
            "load-balancer",
            "[config]\nbalancer = user-hash\n[nodes]\nserver1\nserver2\n",
            {"balancer": ["user-hash"]},
        ),
        ("file-locks", "lock-type=advisory\nlock-type=linkbased\n", {"lock-type": ["advisory"]}),
        ("database.conf", "#host=x\nhost=db\npool-size=5\n", {"host": ["db"], "pool-size": ["5"]}),
        ("launcher.local.conf", "unprivileged=1\n", {"unprivileged": ["1"]}),
    ],
)
def test_files_found(node: Node, name: str, text: str, options: t.Any) -> None:
    assert node.file(name, text) == {"state": "found", "options": options, "hidden": [], "sections": []}


def test_sections_found(node: Node) -> None:
    text = "# x\n[server]\naddress=localhost\n\n [cluster] # first\nname=Local\ntype=Local\n[cluster]\nname=Slurm\ntype=Slurm\n"
    file = node.file("launcher.conf", text)
    assert [(section["name"], section["label"], section["options"]) for section in file["sections"]] == [
        ("server", "", {"address": ["localhost"]}),
        ("cluster", "Local", {"name": ["Local"], "type": ["Local"]}),
        ("cluster", "Slurm", {"name": ["Slurm"], "type": ["Slurm"]}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "hidden"),
    [
        ("database.conf", f"connection-uri=postgresql://u:{SECRET}@db/x\n", ["connection-uri"]),
        ("database.conf", f"password={SECRET}\n", []),
        ("rserver.conf", f"some-client-secret={SECRET}\n", ["some-client-secret"]),
        ("rserver.conf", b"admin-group=geheim-geheim\xe9\n", ["admin-group"]),
        ("rserver.conf", b"a-secret=geheim-geheim\xe9\nadmin\xe9=1\n", ["a-secret", "admin?"]),
    ],
)
def test_secrets_stay_on_the_node(node: Node, name: str, text: str | bytes, hidden: list[str]) -> None:
    assert node.file(name, text)["hidden"] == hidden
    assert SECRET not in str(node.result())


def test_a_file_of_ours_counts_with_what_was_kept(node: Node) -> None:
    assert node.file("rserver.conf", to_conf({"a": 1}, "server_rserver_conf"))["options"] == {}
    kept = node.file("rserver.conf", to_conf({"a": 1}, "server_rserver_conf", {"b": 2, "c": ["x", "y"]}))
    assert (kept["state"], kept["options"]) == ("ours", {"b": ["2"], "c": ["x", "y"]})
    sections = [
        {"name": "server", "options": {"port": 5559}, "kept": {"enable-ssl": 1}},
        {"name": "cluster", "options": {"name": "Local"}},
        {"name": "cluster", "options": {}, "kept": {"name": "Slurm", "type": "Slurm"}},
    ]
    file = node.file("launcher.conf", to_sectioned_conf(sections, "server_launcher_conf"))
    assert [(section["name"], section["label"], section["options"]) for section in file["sections"]] == [
        ("server", "", {"enable-ssl": ["1"]}),
        ("cluster", "Local", {}),
        ("cluster", "Slurm", {"name": ["Slurm"], "type": ["Slurm"]}),
    ]


def test_database_conf_elsewhere(node: Node, tmp_path: Path) -> None:
    (tmp_path / "db.conf").write_text("provider=postgresql\nhost=db\n")
    node.file("rserver.conf", f"database-config-file={tmp_path}/db.conf\n")
    assert node.result()["options"]["files"]["database.conf"]["options"]["host"] == ["db"]


class TestSqlite:
    def make(self, node: Node, *statements: str) -> str:
        with sqlite3.connect(node.data / "rstudio.sqlite") as connection:
            for statement in (
                "CREATE TABLE schema_version (v text)",
                "INSERT INTO schema_version VALUES (1)",
                *statements,
            ):
                connection.execute(statement)
        connection.close()
        before = sorted(node.data.iterdir())
        state = node.sqlite()
        assert sorted(node.data.iterdir()) == before, "reading leaves nothing"
        return state

    def test_without_users(self, node: Node) -> None:
        assert self.make(node, "CREATE TABLE licensed_users (name text)") == "empty"

    def test_with_users(self, node: Node) -> None:
        table = "CREATE TABLE licensed_users (name text)"
        assert self.make(node, table, "INSERT INTO licensed_users VALUES ('ada')") == "data"

    def test_what_cannot_be_read_counts_as_data(self, node: Node) -> None:
        (node.data / "rstudio.sqlite").write_bytes(b"no database" * 100)
        assert node.sqlite() == "data"

    def test_what_is_in_a_journal_counts_as_data(self, node: Node) -> None:
        assert self.make(node) == "empty"
        (node.data / "rstudio.sqlite-wal").write_bytes(b"x")
        assert node.sqlite() == "data"

    @pytest.mark.parametrize("text", ["provider=postgresql\n", "provider=PostgreSQL\n", "directory=/nowhere\n"])
    def test_of_another_provider_or_place(self, node: Node, text: str) -> None:
        (node.data / "rstudio.sqlite").write_bytes(b"x")
        node.file("database.conf", text)
        assert node.sqlite() == "absent"
