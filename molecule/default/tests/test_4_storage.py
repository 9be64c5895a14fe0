# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mounts on a host in use: nothing is hidden, unmounted under a session, or taken from somebody else. On node3, then mended."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

HOME = "/nfs/workbench/home"
SERVICES = "rstudio-server rstudio-launcher"
CHANGED = "rw,hard,tcp,noatime,vers=4.1,actimeo=1,_netdev,nofail"
# The homes of node3 go to a share of their own.
MOVED: dict[str, t.Any] = {
    "ansible_user": "wanda",
    "storage_home_dir": "/home",
    "storage_home_export": "/var/nfs/moved",
    "nfs_server_exports": [
        {"path": "/var/nfs/workbench/home"},
        {"path": "/var/nfs/workbench/shared-storage"},
        {"path": "/var/nfs/moved"},
    ],
}


@pytest.fixture
def storage(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    """Run what `site` does about storage, on node3."""

    def run(*argv: str, **extra: t.Any) -> t.Any:
        return lab.playbook(
            root / "playbooks" / "site.yml",
            *["--tags", "storage", "--limit", "node3", *argv],
            inventory=root / "examples" / "demo" / "hosts.yml",
            extra=extra,
        )

    return run


@pytest.fixture
def session(lab: Lab) -> t.Iterator[None]:
    """Ada works in her home on node3."""
    lab.sh("node3", "systemd-run --unit=test-session --uid=ada --working-directory=/nfs/workbench/home/ada sleep 900")
    yield
    lab.sh("node3", "systemctl stop test-session")


@contextlib.contextmanager
def stopped(lab: Lab) -> t.Iterator[None]:
    lab.sh("node3", f"systemctl stop {SERVICES}")
    try:
        yield
    finally:
        lab.sh("node3", "systemctl start rstudio-launcher rstudio-server")


def announced(run: t.Any, *cells: str) -> bool:
    """Whether the plan that a run shows has a line with these cells, about the role storage on node3."""
    return " ".join(["node3 storage", *cells]) in " ".join(run.output.split())


def mounted(lab: Lab) -> str:
    return str(lab.sh("node3", f"grep ' {HOME} ' /proc/self/mountinfo; cat /etc/fstab"))


def test_a_second_run_changes_nothing(storage: t.Any) -> None:
    run = storage()
    assert (run.rc, run.changed) == (0, 0), run.output[-4000:]


def test_options_of_homes_in_use_are_not_changed(lab: Lab, storage: t.Any, session: None) -> None:
    before = mounted(lab)
    run = storage(storage_options=CHANGED)
    assert (run.rc != 0, run.changed) == (True, 0)
    for words in ("ada: sleep (pid", ": rserver (pid", "acregmin"):
        assert words in run.output
    assert mounted(lab) == before


def test_options_are_changed_when_nobody_uses_the_homes(lab: Lab, storage: t.Any) -> None:
    with stopped(lab):
        before = mounted(lab)
        told = storage("--check", "--diff", storage_options=CHANGED)
        assert told.rc == 0, told.output[-4000:]
        for path in (HOME, "/nfs/workbench/shared-storage"):
            assert announced(told, path, "actimeo 2 → 1", "unmounted, which nobody uses now, and mounted again")
        assert mounted(lab) == before
        changed = storage(storage_options=CHANGED)
        assert changed.rc == 0, changed.output[-4000:]
        assert "acregmin=1," in mounted(lab)
        assert storage(storage_preset="safe").rc == 0
    assert "acregmin=2," in mounted(lab)
    assert storage().changed == 0


def test_what_the_kernel_does_not_keep_unmounts_nothing(lab: Lab, storage: t.Any, session: None) -> None:
    before = lab.sh("node3", f"grep ' {HOME} ' /proc/self/mountinfo")
    run = storage(storage_options="rw,hard,tcp,noatime,nfsvers=4.1,actimeo=2,_netdev,nofail,x-systemd.mount-timeout=90")
    assert run.rc == 0, run.output[-4000:]
    assert announced(run, HOME, "in /etc/fstab x-systemd.mount-timeout=90 added")
    assert lab.sh("node3", f"grep ' {HOME} ' /proc/self/mountinfo") == before
    assert "x-systemd.mount-timeout=90" in lab.sh("node3", "cat /etc/fstab")
    assert storage(storage_preset="safe").rc == 0
    assert storage().changed == 0


@pytest.fixture
def wanda(lab: Lab) -> t.Iterator[None]:
    """Ansible's own account on node3, with its home where the homes are to be, and a share for them."""
    lab.sh("store1", "mkdir -p /var/nfs/moved && exportfs -o rw,no_root_squash,no_subtree_check '*:/var/nfs/moved'")
    lab.sh(
        "node3",
        "useradd --create-home --home-dir /home/wanda --shell /bin/bash wanda && install -d -m 700 -o wanda /home/wanda/.ssh && "
        "install -m 600 -o wanda /root/.ssh/authorized_keys /home/wanda/.ssh/ && "
        "echo 'wanda ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/wanda && cp /etc/fstab /root/fstab.before",
    )
    yield
    lab.sh(
        "node3",
        "pkill -KILL -u wanda; umount /home || umount -l /home; "
        "rm -rf /home.before-workbench-cluster /etc/sudoers.d/wanda; userdel -rf wanda",
        check=False,
    )
    lab.sh("node3", "mv /root/fstab.before /etc/fstab && systemctl daemon-reload")
    # Out of the way, not removed: the server would wait for node3 to give back each file it once had (a delegation), 45 s a file.
    lab.sh("store1", "exportfs -u '*:/var/nfs/moved' && mv /var/nfs/moved /var/nfs/moved.$(date +%s)")


def test_homes_are_not_hidden_and_can_be_moved(lab: Lab, storage: t.Any, wanda: None) -> None:
    refused = storage(**MOVED)
    assert (refused.rc != 0, refused.changed) == (True, 0)
    for words in ("/home/wanda with authorized_keys", "locked out", "storage_move_existing"):
        assert words in refused.output
    assert "/var/nfs/moved" not in mounted(lab)
    with stopped(lab):
        moved = storage(**MOVED, storage_move_existing=["/home"])
        assert moved.rc == 0, moved.output[-4000:]
        assert announced(moved, "/home", "new; mounts 10.203.0.21:/var/nfs/moved; what lies there (")
    assert "10.203.0.21:/var/nfs/moved /home nfs" in lab.sh("node3", "cat /etc/fstab")
    assert lab.sh("node3", "findmnt --noheadings --output SOURCE /home").strip() == "10.203.0.21:/var/nfs/moved"
    assert lab.sh("store1", "stat -c %U:%a /var/nfs/moved/wanda/.ssh/authorized_keys").endswith(":600\n")
    assert "wanda" in lab.sh("node3", "ls /home.before-workbench-cluster")
    again = storage(**MOVED, storage_move_existing=["/home"])
    assert (again.rc, again.changed) == (0, 0), again.output[-4000:]


def test_a_line_of_somebody_else_is_never_overwritten(lab: Lab, storage: t.Any) -> None:
    """As an admin left it: unmounted for now, and meant for another server."""
    lab.sh("node3", "cp /etc/fstab /root/fstab.before && echo 'old:/srv /srv/data nfs noauto 0 0' >> /etc/fstab")
    try:
        before = lab.sh("node3", "cat /etc/fstab")
        mounts = [
            {"path": HOME, "src": "10.203.0.21:/var/nfs/workbench/home"},
            {"path": "/srv/data", "src": "new:/srv"},
        ]
        run = storage(storage_mounts=mounts, verify_paths=[HOME, "/nfs/workbench/shared-storage"])
        assert (run.rc != 0, run.changed) == (True, 0)
        assert "/etc/fstab mounts old:/srv there, storage_mounts wants new:/srv" in run.output
        assert lab.sh("node3", "cat /etc/fstab") == before
    finally:
        lab.sh("node3", "mv /root/fstab.before /etc/fstab")


def test_a_directory_that_is_exported_already_is_not_exported_twice(lab: Lab, root: Path) -> None:
    lab.sh("store1", "echo '/var/nfs/workbench/home 10.9.0.0/16(ro)' > /etc/exports.d/theirs.exports")
    try:
        run = lab.playbook(
            root / "playbooks" / "site.yml",
            *["--tags", "nfs_server", "--limit", "store1"],
            inventory=root / "examples" / "demo" / "hosts.yml",
        )
        assert (run.rc != 0, run.changed) == (True, 0)
        assert "theirs.exports:/var/nfs/workbench/home 10.9.0.0/16(ro)" in run.output
    finally:
        lab.sh("store1", "rm /etc/exports.d/theirs.exports")
