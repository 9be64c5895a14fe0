# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of fstab, units, and what a source means on this host."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._mounts import report
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
