# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that mean the same, and what the kernel shows of them."""

from __future__ import annotations

import hashlib
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Mount
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mount_options import (
    differing,
    hidden_secrets,
    option_changes,
    same_options,
)

SAFE = "rw,hard,tcp,noatime,vers=4.1,actimeo=2,_netdev,nofail"
VENDOR = "auto,noac,nofail,noatime,nolock,intr,tcp,actimeo=1800"
# As Linux 6.1 shows them.
KERNEL_SAFE = (
    "rw,noatime,vers=4.1,rsize=262144,wsize=262144,namlen=255,acregmin=2,acregmax=2,acdirmin=2,acdirmax=2,hard,proto=tcp,"
    "timeo=600,retrans=2,sec=sys,clientaddr=10.203.0.11,local_lock=none,addr=10.203.0.21"
)
KERNEL_VENDOR_V3 = (
    "rw,sync,noatime,vers=3,rsize=262144,wsize=262144,namlen=255,acregmin=0,acregmax=0,acdirmin=0,acdirmax=0,hard,noac,nolock,"
    "proto=tcp,timeo=600,retrans=2,sec=sys,mountaddr=10.203.0.21,mountvers=3,mountproto=tcp,local_lock=all,addr=10.203.0.21"
)
KERNEL_VENDOR_V4 = KERNEL_VENDOR_V3.replace("vers=3", "vers=4.2", 1).replace("nolock,", "")
KERNEL_EFS = (
    "rw,relatime,vers=4.1,rsize=1048576,wsize=1048576,namlen=255,hard,noresvport,proto=tcp,port=20127,timeo=600,retrans=2,"
    "sec=sys,clientaddr=127.0.0.1,local_lock=none,addr=127.0.0.1"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vers=4.1", "nfsvers=4.1"),
        ("vers=4.1", "vers=4,minorversion=1"),
        ("vers=4.1", "minorversion=1,vers=4"),
        ("vers=4.1", "v4.1"),
        ("actimeo=2", "acregmin=2,acregmax=2,acdirmin=2,acdirmax=2"),
        ("rw,hard,auto,tcp", "defaults"),
        ("noatime,hard", "hard,noatime"),
        ("soft,intr", "soft"),
        ("tcp", "proto=tcp6"),
        ("noac,actimeo=1800", "noac"),
        ("ro,rw", "rw"),
    ],
)
def test_the_same_in_other_words(one: str, other: str) -> None:
    assert same_options(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hard", "soft"),
        ("vers=4.1", "vers=4.2"),
        ("actimeo=2", "actimeo=3"),
        ("nofail", "defaults"),
        ("noauto", "auto"),
        ("_netdev,x-systemd.automount", "_netdev"),
        ("rw,ro", "rw"),
        ("sec=krb5p", "sec=sys"),
    ],
)
def test_other_options(one: str, other: str) -> None:
    assert not same_options(one, other)


@pytest.mark.parametrize(
    ("wanted", "shown", "names"),
    [
        (SAFE, KERNEL_SAFE, []),
        (SAFE + ",x-systemd.automount,x-systemd.requires=network.target,rsize=1048576,nconnect=4", KERNEL_SAFE, []),
        ("rw,noatime,vers=4,minorversion=1,actimeo=2", KERNEL_SAFE, []),
        ("noatime,vers=4,actimeo=2", KERNEL_SAFE, []),
        ("noatime,actimeo=2,proto=tcp6,timeo=150", KERNEL_SAFE, []),
        (VENDOR, KERNEL_VENDOR_V3, []),
        (VENDOR, KERNEL_VENDOR_V4, []),
        (VENDOR, KERNEL_SAFE, ["noac"]),
        (SAFE, KERNEL_VENDOR_V4, ["vers", "noac"]),
        (SAFE.replace("vers=4.1", "vers=3"), KERNEL_VENDOR_V3, ["noac", "nolock"]),
        (SAFE.replace("vers=4.1", "vers=4.2"), KERNEL_SAFE, ["vers"]),
        (SAFE.replace("actimeo=2", "actimeo=1"), KERNEL_SAFE, ["acregmin", "acregmax", "acdirmin", "acdirmax"]),
        (SAFE.replace("hard", "soft"), KERNEL_SAFE, ["soft"]),
        (SAFE.replace("rw", "ro"), KERNEL_SAFE, ["ro"]),
        (SAFE.replace("noatime,", ""), KERNEL_SAFE, ["noatime"]),
        (SAFE + ",nosuid", KERNEL_SAFE, ["nosuid"]),
        (SAFE + ",sec=krb5", KERNEL_SAFE, ["sec"]),
        ("_netdev,tls,iam,accesspoint=fsap-1", KERNEL_EFS, []),
    ],
)
def test_what_the_kernel_shows_otherwise(wanted: str, shown: str, names: list[str]) -> None:
    mount: Mount = t.cast("Mount", {"fstype": "nfs4", "options": shown.split(",")})
    assert differing(wanted, mount) == names


@pytest.mark.parametrize(
    ("fstype", "wanted", "shown", "names"),
    [
        ("lustre", "flock,_netdev", "rw,checksum,flock,user_xattr,lruresize,lazystatfs", []),
        ("lustre", "flock,ro", "rw,checksum,flock", ["ro"]),
        ("ceph", "name=admin,secretfile=/etc/ceph/s,noatime", "rw,noatime,name=admin,secret=<hidden>,acl", []),
        ("ext4", "bind", "rw,relatime,errors=remount-ro", []),
        ("fuse.sshfs", "users", "rw,nosuid,nodev,noexec,relatime", []),
    ],
)
def test_other_file_systems_show_little(fstype: str, wanted: str, shown: str, names: list[str]) -> None:
    mount: Mount = t.cast("Mount", {"fstype": fstype, "options": shown.split(",")})
    assert differing(wanted, mount) == names


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (SAFE, SAFE.replace("actimeo=2", "actimeo=1"), "actimeo 2 → 1"),
        ("actimeo=2", "acregmin=1,acregmax=2,acdirmin=2,acdirmax=2", "acregmin 2 → 1"),
        ("defaults", "actimeo=2", "acdirmax 60 → 2, acdirmin 30 → 2, acregmax 60 → 2, acregmin 3 → 2"),
        ("nfsvers=4.1", "vers=4.2", "vers 4.1 → 4.2"),
        ("defaults", "vers=4.2", "vers=4.2 added"),
        ("noatime", "defaults", "noatime → relatime"),
        ("hard,rw", "soft,ro", "rw → ro, hard → soft"),
        ("nolock", "lock", "nolock → lock"),
        ("noac", "actimeo=2", "noac → ac, acdirmax 60 → 2, acdirmin 30 → 2, acregmax 60 → 2, acregmin 3 → 2"),
        ("_netdev,nofail", "nofail,x-systemd.mount-timeout=90", "_netdev removed, x-systemd.mount-timeout=90 added"),
        ("x-systemd.mount-timeout=30", "x-systemd.mount-timeout=90", "x-systemd.mount-timeout 30 → 90"),
        ("tcp,vers=4.1", "vers=4,minorversion=1", ""),
    ],
)
def test_changed_options_are_told_in_the_words_of_an_admin(before: str, after: str, told: str) -> None:
    assert option_changes(before, after) == told


def test_secrets_among_options_are_told_by_fingerprints() -> None:
    told = option_changes("password=old-secret,secret=theirs", "password=new-secret")
    assert "secret" not in told.replace("secret=sha256", "")
    assert told == f"password {_print('old-secret')} → {_print('new-secret')}, secret={_print('theirs')} removed"


def _print(value: str) -> str:
    return "sha256:" + hashlib.sha256(value.encode()).hexdigest()[:12]


def test_secrets_in_a_line_are_hidden() -> None:
    assert hidden_secrets("rw,password=old,vers=3.0") == f"rw,password={_print('old')},vers=3.0"
