# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a directory, as a made-up /proc tells it."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.hold import FOLDER, PULSE
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import Processes


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

    def open(self, pid: int, name: str) -> None:
        (self.root / str(pid) / "fd" / "0").symlink_to(name)

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


def test_the_connection_by_which_this_run_holds_the_cluster_is_its_own(proc: Proc) -> None:
    """It is there as long as the run, and works in the home of the account that connects."""
    proc.add(30, 10, "sshd", 65534)
    proc.add(31, 30, "sh", 65534, cwd="/home/admin")
    proc.add(32, 31, "cat", 0, cwd="/home/admin")
    proc.open(32, f"{FOLDER}/{PULSE}")
    assert {user["pid"] for user in proc.processes(14).using("/home") if user["own"]} == {12, 13, 14, 31, 32}
    assert proc.processes(22).connected() == "root"


def test_the_account_that_connects_is_not_the_one_it_becomes(proc: Proc) -> None:
    assert proc.processes(14).connected() == pwd.getpwuid(65534).pw_name
    assert proc.processes(22).connected() == "root"


def test_processes_of_the_product_are_found_wherever_they_are(proc: Proc) -> None:
    assert [user["pid"] for user in proc.processes(14).product()] == [20, 22]
