# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on this host, and its readers on planted files."""

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
from ansible_collections.workbench.cluster.plugins.module_utils._mounts import report
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import Processes
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Mount
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


class Proc:
    """A planted /proc."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, pid: int, parent: int, name: str, uid: int, *, cwd: str = "/", maps: str = "") -> None:
        here = self.root / str(pid)
        (here / "fd").mkdir(parents=True)
        (here / "status").write_text(f"Name:\t{name}\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        (here / "cwd").symlink_to(cwd)
        (here / "maps").write_text(maps)

    def processes(self, mine: int) -> Processes:
        return Processes(str(self.root), mine)


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    found = Proc(tmp_path)
    found.add(1, 0, "systemd", 0)
    found.add(10, 1, "sshd", 0)
    found.add(11, 10, "sshd", 65534)
    found.add(12, 11, "sh", 65534, cwd="/home/admin")
    found.add(13, 12, "sudo", 0, cwd="/home/admin")
    found.add(14, 13, "python3", 0, cwd="/home/admin")
    found.add(20, 1, "rsession", 4242, cwd="/home/ada/project (deleted)")
    found.add(21, 1, "R", 4242, maps="7f00-7f01 r-xp 0 00:2d 5   /home/ada/lib/x.so\n")
    found.add(22, 1, "rserver", 0)
    found.add(23, 1, "bash", 4242, cwd="/homes")
    return found


def test_the_connection_of_this_run_is_told_from_others(proc: Proc) -> None:
    users = proc.processes(14).using("/home")
    assert [(user["pid"], user["own"]) for user in users] == [
        (12, True),
        (13, True),
        (14, True),
        (20, False),
        (21, False),
    ]
    assert users[3] == {"pid": 20, "user": "4242", "command": "rsession", "use": "works in it", "own": False}
    assert users[4]["use"] == "has a file of it mapped"


def test_the_account_that_connects_is_not_the_one_it_becomes(proc: Proc) -> None:
    assert proc.processes(14).connected() == pwd.getpwuid(65534).pw_name
    assert proc.processes(22).connected() == "root"


def test_processes_of_the_product_are_found_wherever_they_are(proc: Proc) -> None:
    assert [user["pid"] for user in proc.processes(14).product()] == [20, 22]


FSTAB = r"""
# files:/old /home nfs rw 0 0
UUID=1 / ext4 errors=remount-ro 0 1
files:/home   /home/  nfs4  rw,_netdev  # by the admin
files:/my\040share /srv/my\040share nfs
swap none swap sw 0 0
""".lstrip()


def test_lines_of_fstab() -> None:
    lines = report.parse_fstab(FSTAB)
    assert [line["target"] for line in lines] == ["/", "/home/", "/srv/my share", "none"]
    assert lines[1] == {
        "source": "files:/home",
        "target": "/home/",
        "fstype": "nfs4",
        "options": "rw,_netdev",
        "dump": "0",
        "passno": "0",
    }
    assert (lines[2]["source"], lines[2]["options"]) == ("files:/my share", "defaults")


@pytest.mark.parametrize(
    ("path", "name"),
    [("/home", "home"), ("/nfs/workbench/shared-storage", r"nfs-workbench-shared\x2dstorage"), ("/srv/.x", "srv-.x")],
)
def test_names_of_units(path: str, name: str) -> None:
    assert report.escaped_unit(path) == name


def test_unit_of_an_admin_is_found(tmp_path: Path) -> None:
    unit = tmp_path / "etc/systemd/system/home.mount"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Mount]\n")
    found = report.read_report({"/home": "127.0.0.1:/x"}, str(tmp_path))["mounts"]["/home"]
    assert found["unit"] == str(unit)


def test_the_state_of_the_efs_helper_names_the_file_system(tmp_path: Path) -> None:
    (tmp_path / "run/efs").mkdir(parents=True)
    for name in ("fs-0123abcd.nfs.home.20127", "~fs-99.nfs.home.20127", "fs-55.nfs.home.20128", "stunnel-config.fs-1"):
        (tmp_path / "run/efs" / name).write_text("{}")
    mount = t.cast("Mount", {"options": ["rw", "port=20127"]})
    other = t.cast("Mount", {"options": ["rw"]})
    assert report._efs("/nfs/home", mount, str(tmp_path)) == "fs-0123abcd"
    assert report._efs("/nfs/other", mount, str(tmp_path)) is None
    assert report._efs("/nfs/home", other, str(tmp_path)) is None


def test_a_local_source_is_compared_with_what_is_seen(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "one")
    mount = t.cast("Mount", {"source": "overlay"})
    assert report._same_place(str(tmp_path / "one"), str(tmp_path / "link"), mount) is True
    assert report._same_place(str(tmp_path), str(tmp_path / "link"), mount) is False
    assert report._same_place("files:/home", str(tmp_path), mount) is None
    assert report._same_place(str(tmp_path), str(tmp_path), None) is None
