# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Children in place of this process, and detached ones."""

from __future__ import annotations

import os
import signal
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import child as host_child


def test_what_is_returned_arrives() -> None:
    large = ["x" * 100_000, 1, None]
    assert host_child.as_user(None, lambda: large, 10) == large


def test_work_is_done_elsewhere() -> None:
    assert host_child.as_user(None, os.getpid, 10) != os.getpid()


def refuse() -> None:
    raise Failure("the sentence")


def test_failure_is_passed_on() -> None:
    with pytest.raises(Failure, match=r"^the sentence$"):
        host_child.as_user(None, refuse, 10)


def test_fault_names_its_place() -> None:
    with pytest.raises(Failure, match="ZeroDivisionError"):
        host_child.as_user(None, lambda: 1 / 0, 10)


def test_who_does_not_answer_is_left(tmp_path: Path) -> None:
    def hang() -> None:
        (tmp_path / "pid").write_text(str(os.getpid()))
        signal.pause()

    with pytest.raises(Failure, match=r"no answer within 0\.5 seconds"):
        host_child.as_user(None, hang, 0.5)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_killed_child_is_no_answer() -> None:
    with pytest.raises(Failure, match="killed before it answered"):
        host_child.as_user(None, lambda: os.kill(os.getpid(), signal.SIGKILL), 10)


def test_no_children_are_left() -> None:
    pid = host_child.as_user(None, os.getpid, 10)
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_unknown_user() -> None:
    with pytest.raises(Failure, match="there is no user no-such-user"):
        host_child.as_user("no-such-user", lambda: None, 10)


def test_detached_process_outlives_its_report(tmp_path: Path) -> None:
    released = tmp_path / "released"

    def work(report: host_child.Report[dict[str, t.Any]]) -> None:
        report({"pid": os.getpid(), "session": os.getsid(0), "open": sorted(os.listdir("/proc/self/fd"))})
        while not released.exists():
            time.sleep(0.01)

    said = host_child.detach(work, 10)
    try:
        os.kill(said["pid"], 0)
        assert said["session"] not in (os.getsid(0), said["pid"])
        # Standard streams, the pipe of the report, and the descriptor that listed them.
        assert len(said["open"]) == 5
        assert {
            os.readlink(f"/proc/{said['pid']}/fd/{number}") for number in os.listdir(f"/proc/{said['pid']}/fd")
        } == {"/dev/null"}
    finally:
        released.touch()


def test_detached_process_that_fails() -> None:
    with pytest.raises(Failure, match="the sentence"):
        host_child.detach(lambda report: refuse(), 10)


def test_detached_process_that_says_nothing() -> None:
    with pytest.raises(Failure, match="killed before it answered"):
        host_child.detach(lambda report: None, 10)
