# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup holds all that was told, is opened by its passphrase alone, and no byte of it can change unseen."""

from __future__ import annotations

import base64
import datetime
import io
import json
import tarfile
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Backup, BackupDatabase
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup import sealed
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.archive import (
    archived,
    problems,
    read_archive,
    summary,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.means import Means
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.plan import (
    Asked,
    file_name,
    last_line,
    plan_lines,
    plan_problems,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.sealed import seal, unseal

PASSPHRASE = "correct horse battery"
KEY = "0b5c9d2e-cookie-key-of-this-cluster-4f6a"
DUMP: BackupDatabase = {
    "name": "rstudio",
    "version": "pg_dump (PostgreSQL) 15.18",
    "tables": 7,
    "content": base64.b64encode(b"PGDMP\0\1").decode(),
}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "COST", 1 << 4)


def node(key: str = KEY, path: str = "/etc/rstudio/secure-cookie-key") -> Backup:
    file = {
        "path": path,
        "mode": "0600",
        "owner": "root",
        "group": "root",
        "content": base64.b64encode(key.encode()).decode(),
    }
    ids = {"rstudio-server": {"uid": 998, "gid": 998}}
    return t.cast("Backup", {"files": [file], "ids": ids, "product": "2026.04.0", "database": None})


def packed(database: BackupDatabase | None = DUMP) -> bytes:
    return archived("workbench", "2026-11-22T09:15:00Z", 1_795_000_000, {"n1": node(), "n2": node()}, database)


def test_all_is_there_with_owners_and_modes() -> None:
    found = read_archive(packed())
    assert found.contents["nodes/n1/etc/rstudio/secure-cookie-key"] == KEY.encode()
    assert found.contents["database.dump"] == b"PGDMP\0\1"
    assert found.manifest["nodes"]["n2"]["ids"]["rstudio-server"]["uid"] == 998
    assert summary(found.manifest) == "2 files of n1, n2, database rstudio with 7 tables"
    with tarfile.open(fileobj=io.BytesIO(packed())) as tar:
        entry = tar.getmember("nodes/n1/etc/rstudio/secure-cookie-key")
    assert (entry.mode, entry.uname) == (0o600, "root")


def test_the_database_may_be_kept_by_others() -> None:
    assert summary(read_archive(packed(None)).manifest) == "2 files of n1, n2, no database"


def rewritten(change: t.Callable[[dict[str, bytes]], None]) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(packed())) as tar:
        files = {entry.name: t.cast("t.IO[bytes]", tar.extractfile(entry)).read() for entry in tar}
    change(files)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files.update({"database.dump": b"other"}), "does not hold what it says it holds: database.dump"),
        (lambda files: files.pop("nodes/n1/etc/rstudio/secure-cookie-key"), "does not hold what it says it holds"),
        (lambda files: files.update({"nodes/n1/etc/shadow": b"more"}), "nodes/n1/etc/shadow"),
        (lambda files: files.pop("backup.json"), "holds no backup"),
        (lambda files: files.update({"backup.json": json.dumps({"format": 2}).encode()}), "format 2"),
    ],
)
def test_what_differs_from_its_own_list_is_refused(change: t.Callable[[dict[str, bytes]], None], words: str) -> None:
    with pytest.raises(Failure, match=words):
        read_archive(rewritten(change))


@pytest.mark.parametrize("other", [b"", b"no tar", packed()[:-40]])
def test_what_is_no_archive_is_refused(other: bytes) -> None:
    with pytest.raises(Failure, match="holds no backup"):
        read_archive(other)


def test_its_passphrase_opens_it() -> None:
    assert unseal(seal(packed(), PASSPHRASE), PASSPHRASE) == packed()


def test_nothing_of_it_can_be_read() -> None:
    content = seal(packed(), PASSPHRASE)
    for secret in (KEY, PASSPHRASE, base64.b64encode(KEY.encode()).decode()):
        assert secret.encode() not in content
    assert seal(packed(), PASSPHRASE) != content


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: content[:-1], "cannot be opened"),
        (lambda content: content[:-9] + b"AAAAAAAA=", "cannot be opened"),
        (lambda content: content.replace(b'"n": 16', b'"n": 32'), "cannot be opened"),
        (lambda content: content.replace(b'"n": 16', b'"n": 99999999'), "is no backup"),
        (lambda content: content.replace(b"scrypt", b"nothing"), "is no backup"),
        (lambda _content: b"", "is no backup"),
        (lambda _content: b"workbench.cluster backup 1\n[]\n", "is no backup"),
    ],
)
def test_what_was_changed_is_refused(change: t.Callable[[bytes], bytes], words: str) -> None:
    with pytest.raises(Failure, match=words):
        unseal(change(seal(b"all", PASSPHRASE)), PASSPHRASE)


def test_no_passphrase_opens_nothing() -> None:
    with pytest.raises(Failure, match="operate_backup_passphrase is not set"):
        Means(identity="/keys").opened(seal(b"all", PASSPHRASE))


def test_another_passphrase_is_refused() -> None:
    with pytest.raises(Failure, match="another passphrase"):
        unseal(seal(b"all", PASSPHRASE), "another")


def test_nodes_of_one_cluster_have_one_key() -> None:
    assert problems({"n1": node(), "n2": node()}) == []
    (different,) = problems({"n1": node(), "n2": node("x" * 40)})
    assert "n1 has sha256:" in different
    assert KEY not in different
    assert "n2 has no secure-cookie-key" in problems({"n1": node(), "n2": node(path="/etc/rstudio/rserver.conf")})[0]


ASKED = Asked("workbench", ["n1", "n2"], [], "rstudio", "db", "/srv/backups")


@pytest.mark.parametrize(
    ("asked", "present", "words"),
    [
        (ASKED, ["n1", "db"], "n2 is not in this run"),
        (ASKED, ["n1", "n2"], "db is not in this run"),
        (ASKED._replace(database_host=""), ["n1", "n2"], "operate_backup_database=false"),
        (ASKED._replace(without=["n1", "n2"]), ["n1", "n2", "db"], "No node is left"),
    ],
)
def test_why_there_would_be_no_backup(asked: Asked, present: list[str], words: str) -> None:
    (problem,) = plan_problems(asked, present)
    assert words in problem


def test_what_is_read_is_planned() -> None:
    assert plan_problems(ASKED, ["n1", "n2", "db"]) == []
    assert plan_lines(ASKED, Means(PASSPHRASE)) == [
        "PLAN workbench, backup: 3 hosts",
        "  n1, n2: configuration and keys are read",
        "  db: database rstudio is dumped while it is used",
        "  Encrypted, into /srv/backups. No session is touched, and nothing changes on the hosts.",
    ]
    left = ASKED._replace(without=["n2"], database="", database_host="")
    assert left.hosts == ["n1"]
    assert "  n2: left out (operate_without)" in plan_lines(left, Means(PASSPHRASE))
    assert plan_lines(ASKED, Means(recipients=["age1x", "age1y"]))[-1].startswith(
        "  Encrypted by age for 2 recipients, into /srv/backups."
    )
    assert ASKED._replace(database_host="n1").hosts == ["n1", "n2"]


def test_the_last_backup_is_told_by_its_age_and_size() -> None:
    now = datetime.datetime(2026, 11, 22, 9, 15, tzinfo=datetime.UTC)
    name = file_name("workbench", "2026-11-21T09:00:00Z", "age")
    sizes = {
        name: 4711,
        "workbench-backup-20261101T000000Z.sealed": 1,
        "other-backup-20261122T000000Z.sealed": 2,
        "notes": 3,
    }
    assert last_line("workbench", "/b", sizes, now) == f"Last backup: 24 h old, 4711 bytes, /b/{name}"
    assert last_line("workbench", "/b", {"workbench-backup-20261101T000000Z.sealed": 1}, now).startswith(
        "Last backup: 21 days old"
    )
    assert last_line("third", "/b", sizes, now) == "No backup of third in /b."
