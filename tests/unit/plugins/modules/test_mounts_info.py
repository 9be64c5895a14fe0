# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on this host."""

from __future__ import annotations

import errno
import getpass
import os
import pwd
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import Processes
from ansible_collections.workbench.cluster.plugins.modules import mounts_info

Result = t.Dict[str, t.Any]


def look(run_module: t.Callable[..., Result], path: Path, src: str = "127.0.0.1:/x") -> Result:
    result = run_module(mounts_info.main, mounts={str(path): src})
    assert result["changed"] is False
    found: Result = result["report"]["mounts"][str(path)]
    return found


def test_nothing_is_there(tmp_path: Path, run_module: t.Callable[..., Result]) -> None:
    found = look(run_module, tmp_path / "none")
    assert (found["mount"], found["directory"], found["error"]) == (None, None, None)
    assert found["addresses"] == ["127.0.0.1"]


def test_what_lies_there_and_whose_home_it_is(
    tmp_path: Path, run_module: t.Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = getpass.getuser()
    keys = tmp_path / "home" / me / ".ssh" / "authorized_keys"
    keys.parent.mkdir(parents=True)
    keys.write_text("ssh-ed25519 AAAA")
    (tmp_path / "home" / "lost+found").mkdir()
    person = list(pwd.getpwnam(me))
    person[5] = str(tmp_path / "home" / me)
    monkeypatch.setattr(pwd, "getpwnam", lambda _name: pwd.struct_passwd(person))
    monkeypatch.setattr(Processes, "connected", lambda _self: me)
    directory = look(run_module, tmp_path / "home")["directory"]
    assert (directory["kind"], directory["entries"], directory["names"]) == ("directory", 1, [me])
    assert {"user": me, "home": person[5], "authorized_keys": True} in directory["homes"]


def test_a_file_is_no_directory(tmp_path: Path, run_module: t.Callable[..., Result]) -> None:
    (tmp_path / "file").write_text("")
    assert look(run_module, tmp_path / "file")["directory"]["kind"] == "file"


def test_what_is_mounted_is_found_behind_a_link(tmp_path: Path, run_module: t.Callable[..., Result]) -> None:
    (tmp_path / "link").symlink_to("/proc")
    found = look(run_module, tmp_path / "link")
    assert (found["real"], found["mount"]["fstype"], found["directory"]["homes"]) == ("/proc", "proc", [])


@pytest.mark.parametrize("use", ["works in it", "has a file of it open"])
def test_who_uses_a_directory_is_named(tmp_path: Path, run_module: t.Callable[..., Result], use: str) -> None:
    (tmp_path / "file").write_text("")
    code = "import time, sys; file = open(sys.argv[1]); print(1, flush=True); time.sleep(60)"
    cwd, opened = (tmp_path, os.devnull) if use == "works in it" else (Path("/"), tmp_path / "file")
    with subprocess.Popen([sys.executable, "-c", code, str(opened)], cwd=cwd, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        (user,) = look(run_module, tmp_path)["users"]
        child.kill()
    assert (user["pid"], user["use"], user["own"]) == (child.pid, use, False)
    assert user["command"].startswith("python")


def test_a_stale_mount_is_an_error_and_not_an_absent_directory(
    tmp_path: Path, run_module: t.Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.stat

    def stale(path: t.Any, **options: t.Any) -> os.stat_result:
        if str(path) == str(tmp_path):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), path)
        return real(path, **options)

    monkeypatch.setattr("os.stat", stale)
    found = look(run_module, tmp_path)
    assert "Stale file handle" in found["error"]
    assert found["directory"] is None
