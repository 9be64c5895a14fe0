# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of mounts, on recorded tables of the kernel."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import Mounts, normal_source, parse_source

MOUNTINFO = r"""
21 28 0:20 / /proc rw,nosuid shared:12 - proc proc rw
28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
40 28 0:40 / /home rw,relatime shared:2 - autofs systemd-1 rw,fd=30
45 40 0:45 / /home rw,noatime shared:3 - nfs4 files:/export/home rw,vers=4.2,hard,noatime,acregmin=2,local_lock=none
46 28 0:46 /sub /srv/my\040share ro,relatime - nfs files:/export/my\040share rw,vers=3,nolock
47 28 0:47 / /srv/pair rw,relatime shared:9 master:2 - nfs4 files:/pair rw,vers=4.2
""".strip()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "/home",
            {
                "source": "files:/export/home",
                "fstype": "nfs4",
                "options": ["rw", "noatime", "vers=4.2", "hard", "acregmin=2", "local_lock=none"],
                "device": "0:45",
                "root": "/",
                "target": "/home",
            },
        ),
        (
            "/srv/my share/deep/below",
            {
                "source": "files:/export/my share",
                "fstype": "nfs",
                "options": ["ro", "relatime", "vers=3", "nolock"],
                "device": "0:46",
                "root": "/sub",
                "target": "/srv/my share",
            },
        ),
        ("/var/lib", None),
        ("/homes", None),
    ],
)
def test_mount_of_a_path(path: str, expected: dict[str, t.Any] | None) -> None:
    assert Mounts(MOUNTINFO).holder(path) == expected


BIND = r"""
28 1 0:60 / / rw,relatime - overlay overlay rw,lowerdir=/l
50 28 0:60 /srv/home /nfs/home rw,relatime - overlay overlay rw,lowerdir=/l
""".strip()


HIDDEN = r"""
28 1 8:1 / / rw - ext4 /dev/sda1 rw
60 28 0:50 / /nfs/home rw - nfs4 files:/home rw
61 28 0:51 / /nfs rw - nfs4 files:/all rw
""".strip()


TWICE = r"""
28 1 8:1 / / rw - ext4 /dev/sda1 rw
60 28 0:50 / /home rw - nfs4 files:/one rw
61 60 0:51 / /home rw - nfs4 files:/two rw
62 61 0:52 / /home/ada rw - nfs4 files:/ada rw
""".strip()


ROOTFS = r"""
1 1 0:1 / / rw - rootfs rootfs rw
28 1 8:1 / / rw - ext4 /dev/sda1 rw
60 28 0:50 / /home rw - nfs4 files:/one rw
""".strip()


@pytest.mark.parametrize(
    ("text", "path", "sources"),
    [
        (MOUNTINFO, "/home", ["systemd-1", "files:/export/home"]),
        (MOUNTINFO, "/home/ada", []),
        (MOUNTINFO, "/", ["/dev/sda1"]),
        (BIND, "/nfs/home", ["overlay"]),
        (HIDDEN, "/nfs/home", []),
        (HIDDEN, "/nfs", ["files:/all"]),
        (TWICE, "/home", ["files:/one", "files:/two"]),
        (TWICE, "/home/ada", ["files:/ada"]),
        (ROOTFS, "/home", ["files:/one"]),
    ],
)
def test_what_is_mounted_at_a_path(text: str, path: str, sources: list[str]) -> None:
    assert [mount["source"] for mount in Mounts(text).layers(path)] == sources


def test_a_mount_that_another_hides_holds_nothing() -> None:
    holder = Mounts(HIDDEN).holder("/nfs/home/ada")
    assert holder is not None
    assert holder["source"] == "files:/all"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("files:/export/home", "files:/export/home/"),
        ("files:/export/home", "FILES.:/export//home"),
        ("files:/", "files://"),
        ("[fd00::1]:/export", "[FD00:0:0::1]:/export/"),
        ("10.0.0.1@tcp:10.0.0.2@tcp:/fs", "10.0.0.2@tcp,10.0.0.1@tcp:/fs"),
        ("mon1,mon2:6789:/path", "mon2:6789,mon1:6789:/path"),
        ("10.0.0.13:6789,10.0.0.14:6789:/", "10.0.0.14,10.0.0.13:/"),
        ("//Server/share", "//server/share/"),
        ("gluster1:volume", "gluster1:/volume"),
        ("/srv/home", "/srv/home/"),
    ],
)
def test_sources_that_are_written_otherwise(one: str, other: str) -> None:
    assert parse_source(one) == parse_source(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("files:/export/home", "files:/export/homes"),
        ("files:/export/home", "other:/export/home"),
        ("10.0.0.1@tcp:/fs", "10.0.0.1@tcp:/other"),
        ("admin@0f5a.fs=/home", "ada@0f5a.fs=/home"),
        ("admin@0f5a.fs=/home", "admin@0f5a.fs=/srv"),
        ("[fd00::1]:/export", "[fd00::2]:/export"),
        ("/srv/home", "files:/srv/home"),
    ],
)
def test_sources_that_differ(one: str, other: str) -> None:
    assert parse_source(one) != parse_source(other)


def test_bind_mounts_of_two_directories_differ() -> None:
    one = {"source": "10.0.0.1@tcp:/fs", "root": "/home"}
    assert normal_source(one) != normal_source({**one, "root": "/srv"})
    assert normal_source(one) != normal_source({"source": "10.0.0.1@tcp:/fs"})
