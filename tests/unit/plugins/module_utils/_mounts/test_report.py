# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of fstab, units, and what a source means on this host."""

from __future__ import annotations

import grp
import os
import pwd
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._mounts import report
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import Mounts
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Mount

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
    mount: Mount = t.cast("Mount", {"options": ["rw", "port=20127"]})
    other: Mount = t.cast("Mount", {"options": ["rw"]})
    assert report._efs("/nfs/home", mount, str(tmp_path)) == "fs-0123abcd"
    assert report._efs("/nfs/other", mount, str(tmp_path)) is None
    assert report._efs("/nfs/home", other, str(tmp_path)) is None


def test_a_local_source_is_compared_with_what_is_seen(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "one")
    mount: Mount = t.cast("Mount", {"source": "overlay"})
    assert report._same_place(str(tmp_path / "one"), str(tmp_path / "link"), mount) is True
    assert report._same_place(str(tmp_path), str(tmp_path / "link"), mount) is False
    assert report._same_place("files:/home", str(tmp_path), mount) is None
    assert report._same_place(str(tmp_path), str(tmp_path), None) is None


def mounted_at(path: Path) -> str:
    return f"28 1 8:1 / / rw - ext4 /dev/sda1 rw\n45 28 0:45 / {path} rw,noatime - nfs4 files:/home rw\n"


@pytest.mark.parametrize(
    ("mounted", "unfinished", "moved"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_files_that_were_moved_and_still_lie_under_the_mount_are_told(
    mounted: bool, unfinished: bool, moved: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home.before-workbench-cluster").mkdir()
    if unfinished:
        (tmp_path / "home.before-workbench-cluster" / ".unfinished").touch()
    text = mounted_at(tmp_path / ("home" if mounted else "other"))
    monkeypatch.setattr(report, "current", lambda: Mounts(text))
    path = str(tmp_path / "home")
    assert report.read_report({path: "files:/home"})["mounts"][path]["moved"] is moved


def test_owners_of_a_directory_are_told_by_name_and_number(tmp_path: Path) -> None:
    found = report.read_report({str(tmp_path): "files:/home"})["mounts"][str(tmp_path)]["directory"]
    assert found is not None
    owner = pwd.getpwuid(os.getuid()).pw_name
    assert (found["owner"], found["owner_name"]) == (os.getuid(), owner)
    assert found["group_name"] == grp.getgrgid(tmp_path.stat().st_gid).gr_name
