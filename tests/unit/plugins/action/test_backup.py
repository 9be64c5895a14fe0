# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup is planned, written for its owner alone, read back from the disk, and given back to whom it is of."""

from __future__ import annotations

import shutil
import stat
import sys
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.workbench.cluster.plugins.action import backup, restore
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup import sealed
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._backup.test_backup import DUMP, KEY, node
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._backup.test_means import made

PASSPHRASE = "correct horse battery"
ASKED: dict[str, t.Any] = {
    "cluster": "workbench",
    "members": ["n1", "n2"],
    "database": "rstudio",
    "database_host": "db",
    "passphrase": PASSPHRASE,
}
HOSTVARS: dict[str, t.Any] = {
    "n1": {"__backup_told": {"backup": node()}},
    "n2": {"__backup_told": {"backup": node()}},
    "db": {"__backup_told": {"backup": {"files": [], "ids": {}, "product": None, "database": DUMP}}},
}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "COST", 1 << 4)


def run(action: t.Any, hostvars: dict[str, t.Any], *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    task: t.Any = SimpleNamespace(args=options, async_val=0, check_mode=check, environment=None, diff=False)
    connection: t.Any = SimpleNamespace(
        _shell=SimpleNamespace(tmpdir="unused"), _play_context=SimpleNamespace(no_log=False)
    )
    unused: t.Any = None
    made = action.ActionModule(task, connection, unused, unused, unused, unused)
    variables = {**hostvars.get("n1", {}), "hostvars": hostvars, "ansible_play_hosts_all": [*HOSTVARS]}
    variables["inventory_hostname"] = "n1"
    done: dict[str, t.Any] = made.run(task_vars=variables)
    return done


def written(tmp_path: Path) -> Path:
    return Path(run(backup, HOSTVARS, **ASKED, state="present", folder=str(tmp_path / "kept"))["path"])


def test_a_check_reads_nobody(tmp_path: Path) -> None:
    asked: dict[str, t.Any] = {**ASKED, "state": "planned", "folder": str(tmp_path)}
    assert run(backup, HOSTVARS, check=True, **asked)["hosts"] == {"backup": [], "hold": []}
    assert run(backup, HOSTVARS, **asked)["hosts"] == {"backup": ["n1", "n2", "db"], "hold": ["n1"]}
    with pytest.raises(
        AnsibleActionFail, match="Neither operate_backup_passphrase nor operate_backup_recipients is set"
    ):
        run(backup, HOSTVARS, **{**asked, "passphrase": ""})


def test_a_backup_is_its_owners_alone(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert KEY.encode() not in path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    told = run(backup, {}, state="told", cluster="workbench", folder=str(path.parent))
    assert path.name in str(told["shown"])


def test_what_is_not_on_the_disk_as_it_was_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "write_private", lambda file, content: file.write_bytes(content[:-9]))
    with pytest.raises(AnsibleActionFail, match="Do not rely on it"):
        written(tmp_path)


@pytest.mark.skipif(not shutil.which("age"), reason="needs the program age")
def test_who_backs_up_for_a_key_need_not_have_it(tmp_path: Path) -> None:
    key = made(tmp_path / "key.txt")
    asked = {**ASKED, "passphrase": "", "recipients": [key.public], "folder": str(tmp_path / "kept")}
    closed = run(backup, HOSTVARS, **asked, state="present")
    assert closed["path"].endswith(".age")
    assert "not opened, for operate_backup_identity is not set: 2 files of n1, n2" in str(closed["shown"])
    opened = run(backup, HOSTVARS, **{**asked, "folder": str(tmp_path / "read"), "identity": key.file}, state="present")
    assert "read back: 2 files of n1, n2" in str(opened["shown"])
    given = {"file": closed["path"], "passphrase": ""}
    assert planned(tmp_path, **given, identity=key.file)["lines"][0] == "PLAN workbench, restore: 2 nodes"
    with pytest.raises(AnsibleActionFail, match="opens it in operate_backup_identity"):
        planned(tmp_path, **given)


@pytest.mark.parametrize(
    ("host", "told", "words"),
    [
        ("n2", {"unreachable": True, "msg": "refused", "exception": object()}, "n2: refused"),
        ("db", {"failed": True, "msg": "pg_dump failed"}, "db: pg_dump failed"),
        ("n2", None, "n2: it was not asked"),
        ("n2", {"backup": node("x" * 40)}, "different secure-cookie-keys"),
    ],
)
def test_half_a_backup_is_none(host: str, told: t.Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match=words):
        run(backup, {**HOSTVARS, host: {"__backup_told": told}}, **ASKED, state="present", folder=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def planned(tmp_path: Path, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    ids = {"rstudio-server": {"uid": 998, "gid": 998}}
    told: dict[str, t.Any] = {"backup": {"files": [], "ids": ids, "product": None, "database": None}}
    hostvars = {host: {"__restore_told": told, "__restore_keys": {"key_files": {"running": []}}} for host in HOSTVARS}
    asked: dict[str, t.Any] = {
        "file": str(written(tmp_path)),
        "passphrase": PASSPHRASE,
        "cluster": "workbench",
        "members": ["n1", "n2"],
    }
    return run(restore, hostvars, check=check, **{**asked, "database_host": "db", "state": "planned", **options})


def test_a_restore_is_confirmed(tmp_path: Path) -> None:
    refused = planned(tmp_path)
    assert "-e operate_confirmed=restore" in refused["unconfirmed"]
    assert refused["hosts"]["restore"] == []
    done = planned(tmp_path, confirmed="restore")
    assert (done["unconfirmed"], done["hosts"]["restore"], done["database"]) == ("", ["n1", "n2"], True)
    seen = planned(tmp_path, check=True)
    assert (seen["unconfirmed"], seen["hosts"]["restore"]) == ("", [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"passphrase": "another"}, "another passphrase"),
        ({"file": "/none"}, "operate_restore_from: /none"),
        ({"cluster": "other"}, "and not of other"),
    ],
)
def test_why_there_is_no_restore(options: dict[str, t.Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match=words):
        planned(tmp_path, **options)


def test_what_goes_to_a_host_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, t.Any]] = []

    def execute(_self: t.Any, module_name: str, module_args: t.Any, task_vars: t.Any) -> dict[str, t.Any]:
        asked.append((module_name, module_args))
        return {"changed": True, "invocation": module_args, "diff": [{"after": KEY}]}

    monkeypatch.setattr(restore.ActionModule, "_execute_module", execute)
    hostvars: dict[str, t.Any] = {"n1": {"__restore_told": {"backup": {"ids": {}}}}}
    common: dict[str, t.Any] = {"file": str(written(tmp_path)), "passphrase": PASSPHRASE}
    assert run(restore, hostvars, **common, state="files") == {"changed": True}
    assert run(restore, hostvars, **common, state="database", database="rs", role="owner") == {"changed": True}
    (files, given), (database, handed) = asked
    assert (files, database) == ("workbench.cluster.config_files", "workbench.cluster.restore_database")
    assert [one["path"] for one in given["files"]] == ["/etc/rstudio/secure-cookie-key"]
    assert handed == {"database": "rs", "role": "owner", "port": 5432, "content": DUMP["content"]}


def test_without_cryptography_it_is_said_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(AnsibleActionFail, match=r"cryptography\.fernet"):
        run(backup, HOSTVARS, **ASKED, state="present", folder=str(tmp_path / "other"))
    with pytest.raises(AnsibleActionFail, match=r"cryptography\.fernet"):
        run(restore, {}, state="files", file=str(path), passphrase=PASSPHRASE)
    assert path.name in str(run(backup, {}, state="told", cluster="workbench", folder=str(path.parent))["shown"])
