# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host tells for a backup: every file with its owner, and a dump that was read back; half of it is a failure."""

from __future__ import annotations

import base64
import os
import pwd
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._backup import read, scratch
from ansible_collections.workbench.cluster.plugins.module_utils._backup.read import read_backup
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

LIST = """;
2100; 0 16385 TABLE public cluster rs
2105; 0 16385 TABLE DATA public cluster rs
2106; 0 9 TABLE DATA public node rs
"""
ME = pwd.getpwuid(os.getuid()).pw_name


class Postgres:
    """pg_dump and pg_restore; `fails` is the one that does."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.dumps: list[str] = []

    def __call__(
        self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        program = next((one for one in argv if one in ("pg_dump", "pg_restore")), argv[0])
        if program == "rstudio-server":
            return 0, "2026.04.0+526.pro2 Workbench", ""
        assert argv[:3] == ["runuser", "-u", ME]
        if program == self.fails:
            return 1, "", "no such database"
        if "--version" in argv:
            return 0, "pg_dump (PostgreSQL) 15.18\n", ""
        if program == "pg_restore":
            return 0, LIST, ""
        file = next(one for one in argv if one.startswith("--file=")).partition("=")[2]
        assert os.stat(os.path.dirname(file)).st_mode & 0o077 == 0
        Path(file).write_bytes(b"PGDMP\0")
        self.dumps.append(file)
        return 0, "", ""


@pytest.fixture
def options(config_dir: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    monkeypatch.setattr(scratch, "PLACE", str(tmp_path))
    monkeypatch.setattr(scratch, "ACCOUNT", ME)
    monkeypatch.setattr(scratch, "AS_POSTGRES", ["runuser", "-u", ME])
    (config_dir / "rserver.conf").write_text("www-port=8787\n")
    (config_dir / "rserver.conf.bak").write_text("of an editor")
    (config_dir / "secure-cookie-key").write_bytes(b"k" * 40)
    (config_dir / "secure-cookie-key").chmod(0o600)
    (config_dir / "themes").mkdir()
    (config_dir / "themes" / "ours.css").write_bytes(b"\xff\xfe")
    (data_dir / "secure-cookie-key").write_bytes(b"k" * 40)
    asked = {"files": True, "users": ["root", "nobody-at-all"], "database": "rs", "port": 5432}
    return {**asked, "config_dir": str(config_dir), "data_dir": str(data_dir)}


def test_every_file_is_told_with_its_owner_and_mode(options: dict[str, t.Any]) -> None:
    found = read_backup(Postgres(), options)
    files = {os.path.relpath(file["path"], options["config_dir"]): file for file in found["files"]}
    assert sorted(files) == ["../var/secure-cookie-key", "rserver.conf", "secure-cookie-key", "themes/ours.css"]
    assert (files["secure-cookie-key"]["mode"], files["secure-cookie-key"]["owner"]) == ("0600", ME)
    assert base64.b64decode(files["themes/ours.css"]["content"]) == b"\xff\xfe"
    assert found["ids"]["root"] == {"uid": 0, "gid": 0}
    assert "nobody-at-all" not in found["ids"]
    assert found["product"] == "2026.04.0+526.pro2"


def test_a_dump_is_read_back_and_leaves_nothing_on_the_host(options: dict[str, t.Any], tmp_path: Path) -> None:
    postgres = Postgres()
    left = tmp_path / "workbench-dump-interrupted"
    left.mkdir()
    found = read_backup(postgres, {**options, "files": False})
    assert found["database"] == {
        "name": "rs",
        "version": "pg_dump (PostgreSQL) 15.18",
        "tables": 2,
        "content": base64.b64encode(b"PGDMP\0").decode(),
    }
    assert found["files"] == []
    assert len(postgres.dumps) == 1
    assert list(tmp_path.glob("workbench-dump-*")) == []


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_a_database_that_cannot_be_dumped_is_a_failure(program: str, options: dict[str, t.Any], tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no such database"):
        read_backup(Postgres(program), options)
    assert list(tmp_path.glob("workbench-dump-*")) == []


def test_without_postgresql_it_is_said(options: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "ACCOUNT", "nobody-at-all")
    with pytest.raises(Failure, match="is PostgreSQL on this host"):
        read_backup(Postgres(), options)


def test_too_much_is_refused(options: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LARGEST", 10)
    with pytest.raises(Failure, match="which is no configuration"):
        read_backup(Postgres(), options)
    monkeypatch.setattr(read, "LARGEST", 5)
    with pytest.raises(Failure, match="PostgreSQL's own tools"):
        read_backup(Postgres(), {**options, "files": False})
