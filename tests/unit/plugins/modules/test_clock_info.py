# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on a real directory, whose clock is this host's."""

from __future__ import annotations

import errno
import os
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._clock import report as clock_report
from ansible_collections.workbench.cluster.plugins.module_utils._clock import storage as clock_storage
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.read import file_system
from ansible_collections.workbench.cluster.plugins.module_utils._share import folder as share
from ansible_collections.workbench.cluster.plugins.modules import clock_info

Result = t.Dict[str, t.Any]
TOKEN = "5f3c970b-unit"


class Node:
    def __init__(self, path: Path, run_module: t.Callable[..., Result]) -> None:
        self.path = path
        self._run_module = run_module

    def result(self, **options: t.Any) -> Result:
        return self._run_module(clock_info.main, **{"path": str(self.path), "token": TOKEN, **options})

    def clock(self, **options: t.Any) -> Result:
        result = self.result(**options)
        assert result["changed"] is False
        clock: Result = result["clock"]
        return clock


@pytest.fixture
def node(tmp_path: Path, run_module: t.Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Node:
    """A node whose directories are as good as NFS, once they answer."""
    monkeypatch.setattr(clock_report, "file_system", lambda path, user: file_system(path, user) and "nfs4")
    return Node(tmp_path, run_module)


def test_same_clock_differs_by_less_than_the_bound(node: Node) -> None:
    clock = node.clock()
    assert (clock["reference"], clock["path"], clock["fstype"]) == ("storage", str(node.path), "nfs4")
    assert abs(clock["offset"]) <= clock["bound"]
    assert len(clock["samples"]) == 8
    assert clock["bound"] >= min(one["round_trip"] for one in clock["samples"]) / 2


@pytest.mark.parametrize("ahead", [3.0, -3.0, 0.3])
def test_node_whose_clock_is_off(node: Node, monkeypatch: pytest.MonkeyPatch, ahead: float) -> None:
    now = time.time_ns
    monkeypatch.setattr("time.time_ns", lambda: now() + int(ahead * 1e9))
    clock = node.clock()
    assert abs(clock["offset"] - ahead) <= clock["bound"]


def test_test_directory_is_removed_at_once(node: Node) -> None:
    node.clock()
    assert os.listdir(node.path) == []


def test_folder_of_a_child_that_was_killed_is_removed(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(_now: t.Callable[[], int], _count: int) -> list[t.Any]:
        time.sleep(60)
        return []

    monkeypatch.setattr(clock_storage, "sample", stuck)
    monkeypatch.setattr(share, "PATIENCE", 1)
    node.clock(ttl=0.5)
    until = time.monotonic() + 20
    while os.listdir(node.path):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_daemon_and_kernel_are_reported(node: Node) -> None:
    clock = node.clock()
    assert set(clock["daemon"]) == {"name", "synchronized", "offset", "bound", "source", "error"}
    assert set(clock["kernel"]) == {"synchronized", "max_error"}


def unknown(clock: Result) -> None:
    assert (clock["reference"], clock["offset"], clock["bound"], clock["samples"]) == ("none", None, None, [])


def test_check_mode_writes_nothing(node: Node) -> None:
    clock = node.clock(check_mode=True)
    unknown(clock)
    assert "in check mode" in clock["errors"][0]
    assert os.listdir(node.path) == []


def test_directory_that_may_not_be_written(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_arguments: t.Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    monkeypatch.setattr("os.mkdir", refuse)
    clock = node.clock()
    unknown(clock)
    assert "Read-only file system" in clock["errors"][0]


def test_missing_directory(node: Node) -> None:
    clock = node.clock(path="/nonexistent/share")
    unknown(clock)
    assert "/nonexistent/share" in clock["errors"][0]


def test_file_server_that_does_not_answer(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "PATIENCE", 0.2)
    monkeypatch.setattr("os.mkdir", lambda *_arguments: time.sleep(60))
    clock = node.clock()
    unknown(clock)
    assert "no answer within 0.2 seconds" in clock["errors"][0]


@pytest.mark.parametrize("fstype", ["ceph", "lustre", "fuse.glusterfs", "gpfs", "ext4"])
def test_where_the_node_may_stamp_files_itself_nothing_is_measured(
    node: Node, monkeypatch: pytest.MonkeyPatch, fstype: str
) -> None:
    monkeypatch.setattr(clock_report, "file_system", lambda *_arguments: fstype)
    clock = node.clock()
    unknown(clock)
    assert clock["fstype"] == fstype
    assert f"{node.path} is on {fstype}" in clock["errors"][0]
    assert os.listdir(node.path) == []


@pytest.mark.parametrize(("path", "fstype"), [("/proc/self", "proc"), ("/", None)])
def test_file_system_of_a_path(path: str, fstype: str | None) -> None:
    found = file_system(path)
    assert found == fstype if fstype else found not in {"", "unknown"}


def test_without_a_path_there_is_no_reference(node: Node) -> None:
    clock = node.clock(path=None)
    unknown(clock)
    assert (clock["path"], clock["fstype"]) == (None, None)


@pytest.mark.parametrize("options", [{"token": None}, {"samples": 0}])
def test_refused_options(node: Node, options: Result) -> None:
    assert node.result(**options)["failed"] is True
