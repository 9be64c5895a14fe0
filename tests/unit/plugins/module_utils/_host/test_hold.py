# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time on one host: who is let, who is refused, and when the cluster is free again."""

from __future__ import annotations

import contextlib
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import hold

SHORT = 0.3


def mine(token: str) -> hold.Holder:
    return {"verb": "restart", "who": "ada@laptop", "pid": 1, "since": "2026-11-22T09:30:00Z", "token": token}


def take(folder: Path, token: str, seen: float = 0.0, reading: float = 30.0) -> hold.Held:
    return hold.take(str(folder), mine(token), seen, SHORT, reading)


@contextlib.contextmanager
def reading(folder: Path) -> t.Iterator[subprocess.Popen[bytes]]:
    """A run: what it does is to read."""
    with subprocess.Popen(["cat", str(folder / hold.PULSE)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"."
        try:
            yield process
        finally:
            process.kill()


def until_free(folder: Path) -> float:
    """Seconds until the holder has ended."""
    begun = time.monotonic()
    while (folder / hold.PULSE).exists():
        assert time.monotonic() < begun + 10
        time.sleep(0.01)
    return time.monotonic() - begun


def test_one_run_holds_the_cluster_and_another_is_told_who_does(tmp_path: Path) -> None:
    assert take(tmp_path, "one")["held"]
    with reading(tmp_path):
        assert take(tmp_path, "two") == {"held": False, "holder": mine("one"), "ago": None}


def test_it_is_free_as_soon_as_nobody_reads(tmp_path: Path) -> None:
    take(tmp_path, "one")
    with reading(tmp_path) as process:
        process.kill()
        process.wait()
        assert until_free(tmp_path) < 5 * hold.BEAT
    assert take(tmp_path, "two", seen=0.0)["held"]


def test_a_run_that_looked_while_another_changed_things_is_refused(tmp_path: Path) -> None:
    take(tmp_path, "one")
    with reading(tmp_path):
        time.sleep(2 * hold.BEAT)
    until_free(tmp_path)
    found = take(tmp_path, "two", seen=3.0)
    assert (found["held"], found["holder"]) == (False, mine("one"))
    assert found["ago"] is not None
    assert 0 < found["ago"] < 3


def test_the_same_run_takes_it_again_after_its_connection_broke(tmp_path: Path) -> None:
    take(tmp_path, "one")
    with reading(tmp_path):
        pass
    until_free(tmp_path)
    assert take(tmp_path, "one", seen=60.0)["held"]


def test_who_never_begins_to_read_is_let_go(tmp_path: Path) -> None:
    assert take(tmp_path, "one", reading=0.2)["held"]
    assert until_free(tmp_path) < 1
    assert take(tmp_path, "two")["held"]


def test_a_file_that_was_cut_off_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / hold.LOCK).write_text('{"verb": "re')
    assert take(tmp_path, "one", seen=60.0)["held"]


def test_what_lies_there_under_its_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("theirs")
    (tmp_path / hold.LOCK).symlink_to(tmp_path / "other")
    with pytest.raises(Failure, match="symbolic links"):
        take(tmp_path, "one")
    assert (tmp_path / "other").read_text() == "theirs"
