# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node keeps of its upgrade: whole or not at all, root's alone, and never a second time over the first."""

from __future__ import annotations

import contextlib
import os
import tarfile
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import kept
from ansible_collections.workbench.cluster.plugins.module_utils._product import schema, upgrade

FORMER, TARGET = "2026.04.0+526.pro2", "2026.07.0+139.pro9"
# Encrypted with another key than the node has.
STORED = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
KEY = "d3161166-e89b-4158-af3b-5980e3056cc6\n"


class Node:
    """A node whose product has a version, or does not say which; with a configuration, and a database that may be silent."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.version, self.schema, self.folder = FORMER, "1", str(root / "ours" / "upgrade")
        self.etc = root / "etc"
        self.etc.mkdir()
        (self.etc / "secure-cookie-key").write_text(KEY)
        (self.etc / "secure-cookie-key").chmod(0o600)
        monkeypatch.setattr(upgrade, "read_schema", self.read_schema)
        monkeypatch.setattr(upgrade, "MARK", str(root / "offline"))

    def read_schema(self, _config_dir: str, _timeout: float) -> str:
        if not self.schema:
            raise Failure("The database does not tell it.")
        return self.schema

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if argv[0] == "rstudio-server":
            return (0, f"{self.version} Workbench\n", "") if self.version else (1, "", "no such file")
        return 0, f"rstudio-server\tii \t{self.version}\n", ""

    def begin(self, target: str = TARGET) -> None:
        upgrade.begin(self.run, target, "/etc/rstudio", folder=self.folder, kept=[str(self.etc), "/no/such/file"])

    @property
    def places(self) -> list[str]:
        return sorted(os.listdir(self.folder))


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(tmp_path, monkeypatch)


def test_what_was_before_is_kept_and_told(node: Node) -> None:
    node.begin()
    found = upgrade.look(node.run, "/etc/rstudio", node.folder)
    assert found["record"] is not None
    assert {**found["record"], "began": 0} == {
        "former": FORMER,
        "target": TARGET,
        "began": 0,
        "drained": False,
        "schema": "1",
    }
    assert 0 <= found["seconds"] < 60
    assert found["package"] == {"state": "installed", "version": FORMER}


def test_the_copy_is_roots_alone_and_brings_back_owners_and_modes(node: Node, tmp_path: Path) -> None:
    node.begin()
    path = Path(node.folder, "underway", "configuration.tar.gz")
    assert [oct(one.stat().st_mode & 0o777) for one in (path, path.parent, path.parents[1], path.parents[2])] == [
        "0o600",
        *["0o700"] * 3,
    ]
    with tarfile.open(path) as archive:
        name = str(node.etc / "secure-cookie-key").lstrip("/")
        content = archive.extractfile(name)
        assert content is not None
        assert (content.read().decode(), archive.getmember(name).mode) == (KEY, 0o600)


def test_a_configuration_behind_a_link_is_copied_as_it_is(node: Node, tmp_path: Path) -> None:
    node.etc.rename(tmp_path / "elsewhere")
    node.etc.symlink_to(tmp_path / "elsewhere")
    node.begin()
    with tarfile.open(Path(node.folder, "underway", "configuration.tar.gz")) as archive:
        assert str(node.etc / "secure-cookie-key").lstrip("/") in archive.getnames()


def test_a_node_that_lets_nobody_in_is_remembered_as_drained(node: Node, tmp_path: Path) -> None:
    (tmp_path / "offline").touch()
    node.begin()
    record = upgrade.read_record(node.folder)
    assert record is not None
    assert record["drained"]


def test_a_copy_that_fails_leaves_no_record_and_the_next_one_clears_it_away(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: str, _kept: t.Sequence[str]) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(kept, "archived", full)
        with pytest.raises(OSError, match="No space"):
            node.begin()
    assert upgrade.read_record(node.folder) is None
    node.begin()
    assert node.places == ["underway"]


def test_a_node_that_does_not_tell_its_version_has_no_record(node: Node) -> None:
    node.version = ""
    with pytest.raises(Failure, match="rstudio-server version failed"):
        node.begin()


def test_a_record_is_put_away_when_the_node_has_its_version_and_the_copy_stays(node: Node) -> None:
    node.begin()
    with pytest.raises(Failure, match=r"has version 2026\.04.* and not 2026\.07"):
        upgrade.end(node.run, TARGET, node.folder)
    assert node.places == ["underway"]
    node.version = TARGET
    upgrade.end(node.run, TARGET, node.folder)
    upgrade.end(node.run, TARGET, node.folder)
    (kept,) = node.places
    assert kept.startswith(FORMER + "_")
    assert Path(node.folder, kept, "configuration.tar.gz").exists()
    assert upgrade.look(node.run, "/etc/rstudio", node.folder)["record"] is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"former": "1"}'])
def test_a_record_that_cannot_be_read_is_not_none(node: Node, text: str) -> None:
    node.begin()
    Path(node.folder, "underway", "record.json").write_text(text)
    with pytest.raises(Failure, match=r"record\.json cannot be read"):
        upgrade.read_record(node.folder)


def test_a_folder_that_others_may_write_is_refused(node: Node) -> None:
    place = Path(node.folder).parent
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(Failure, match="only root may write"):
        node.begin()
    assert [*place.iterdir()] == []


def test_a_database_that_is_silent_is_a_sentence(node: Node) -> None:
    node.schema = ""
    found = upgrade.look(node.run, "/etc/rstudio", node.folder)
    assert (found["schema"], found["error"]) == (None, "The database does not tell it.")


class Asked:
    """A session as far as it is used."""

    def __init__(self, answer: str | None) -> None:
        self.answer, self.closed, self.asked = answer, False, ""

    def value(self, sql: str) -> str | None:
        self.asked = sql
        if self.answer == "refused":
            raise Failure('relation "schema_version" does not exist')
        return self.answer

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("text", "answer", "told"),
    [
        ("provider=postgresql\nhost=db\n", "20260210090000000000000", "20260210090000000000000"),
        ("provider=postgresql\nhost=db\n", None, "has no version of its schema"),
        ("provider=postgresql\nhost=db\n", "refused", 'does not tell .*: relation "schema_version" does not exist'),
        (f"provider=postgresql\nhost=db\npassword={STORED}\n", "1", "does not tell"),
        ("provider=sqlite\n", "1", "names no PostgreSQL server"),
        ("", "1", "names no PostgreSQL server"),
    ],
)
def test_the_schema_is_asked_with_the_login_of_the_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, answer: str | None, told: str
) -> None:
    (tmp_path / "database.conf").write_text(text)
    session = Asked(answer)
    monkeypatch.setattr(schema, "open_session", lambda _parameters, _timeout: session)
    with contextlib.nullcontext() if told == answer else pytest.raises(Failure, match=told) as raised:
        assert schema.read_schema(str(tmp_path), 1) == answer
    assert raised is None or STORED not in str(raised.value)
    assert session.closed is bool(session.asked)
