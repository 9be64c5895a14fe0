# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's round trip to a node's `date`."""

from __future__ import annotations

import time
import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.workbench.cluster.plugins.action.clock_info import ActionModule

Result = t.Dict[str, t.Any]


class Node:
    """A node that answers `date` and runs the module."""

    def __init__(self, ahead: float = 0, said: str | None = None) -> None:
        self.ahead, self.said, self.asked = ahead, said, 0

    def date(self, command: str, sudoable: bool = True) -> Result:
        assert (command, sudoable) == ("date +%s.%N", False)
        self.asked += 1
        now = time.time_ns() + int(self.ahead * 1e9)
        text = f"{now // 10**9}.{now % 10**9:09d}\n" if self.said is None else self.said
        return {"rc": 0, "stdout": f"Welcome!\n{text}", "stderr": ""}

    def run(self, fstype: str | None = None, **options: t.Any) -> Result:
        task: t.Any = SimpleNamespace(args=options, async_val=0, check_mode=False, environment=None)
        connection: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
        unused: t.Any = None
        action: t.Any = ActionModule(task, connection, unused, unused, unused, unused)
        clock: Result = {
            "reference": "none",
            "offset": None,
            "bound": None,
            "samples": [],
            "errors": [],
            "fstype": fstype,
        }
        action._execute_module = lambda task_vars: {"changed": False, "clock": clock}
        action._low_level_execute_command = self.date
        return t.cast(Result, action.run(task_vars={})["clock"])


@pytest.mark.parametrize("ahead", [0.0, 3.0, -3.0])
def test_offset_from_the_controller(ahead: float) -> None:
    clock = Node(ahead).run()
    assert clock["reference"] == "controller"
    assert abs(clock["offset"] - ahead) <= clock["bound"] + 1e-6
    assert len(clock["samples"]) == 8


def test_first_question_does_not_count() -> None:
    node = Node()
    assert (len(node.run(samples=3)["samples"]), node.asked) == (3, 4)


@pytest.mark.parametrize("fstype", ["nfs", "nfs4", None])
def test_where_the_server_stamps_files_the_module_measures(fstype: str | None) -> None:
    """Or where nobody can tell, for the directory does not answer."""
    node = Node()
    assert (node.run(fstype, path="/srv/shared")["reference"], node.asked) == ("none", 0)


@pytest.mark.parametrize("fstype", ["ceph", "lustre", "fuse.glusterfs", "ext4"])
def test_where_a_node_may_stamp_files_the_controller_measures(fstype: str) -> None:
    clock = Node(3.0).run(fstype, path="/srv/shared")
    assert clock["reference"] == "controller"
    assert abs(clock["offset"] - 3.0) <= clock["bound"] + 1e-6


def test_date_without_nanoseconds() -> None:
    clock = Node(said="1794230912.%N\n").run()
    assert (clock["reference"], clock["offset"]) == ("none", None)
    assert "1794230912.%N" in clock["errors"][0]
