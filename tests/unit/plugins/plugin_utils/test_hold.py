# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run and what it has beside it: the cluster is free when the run and all it forked have ended, however they did."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import hold as on_host
from ansible_collections.workbench.cluster.plugins.plugin_utils import _hold

FORKS, WORKED = "forks", "worked"


def ansible(folder: Path, name: str, out: int) -> t.NoReturn:
    """A run, as far as it matters here: it has the module loaded, forks, and the fork asks for the cluster."""

    def take() -> _hold.Answer:
        mine: on_host.Holder = {"verb": "site", "who": "ada@laptop", "pid": os.getppid(), "since": "now", "token": name}
        return dict(on_host.take(str(folder), mine, 0.0, ending=0.3, reading=1.0))

    def read() -> None:
        subprocess.run(["cat", str(folder / on_host.PULSE)], stdout=subprocess.DEVNULL, check=False)

    def say(word: str) -> None:
        os.write(out, f"{word}\n".encode())

    own: t.Any = _hold
    own.ENDED, own._RUNS = os.pipe()
    own._file, own.LOOK = lambda: folder / f"{name}.here", 0.1
    if os.fork() == 0:
        say(str(_hold.hold(take, read)["held"]))
        os._exit(0)
    os.wait()
    if name == FORKS and os.fork() == 0:
        eventually((folder / WORKED).exists)
        os._exit(0)
    while True:
        time.sleep(0.2)
        say(_hold.state())


class Run:
    """A process that is `ansible`, and what it says."""

    def __init__(self, folder: Path, name: str) -> None:
        readable, writable = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                ansible(folder, name, writable)
            finally:
                os._exit(1)
        os.close(writable)
        self.out = os.fdopen(readable)

    def says(self) -> str:
        return self.out.readline().strip()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


Start = t.Callable[[str], Run]


@pytest.fixture
def start(tmp_path: Path) -> t.Iterator[Start]:
    """Begin a run of this name; all are over when the test is."""
    runs: list[Run] = []

    def run(name: str) -> Run:
        runs.append(Run(tmp_path, name))
        return runs[-1]

    yield run
    for each in runs:
        each.kill()
        each.out.close()
    assert eventually(lambda: free(tmp_path))


def readers(folder: Path) -> list[int]:
    """Processes that read what the holder says: the program, and who waits for it."""
    found = subprocess.run(
        ["pgrep", "-f", f"^cat {folder}"], capture_output=True, text=True, check=False
    ).stdout.split()
    parents = [Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[1] for pid in found]
    return [int(pid) for pid in [*parents, *found]]


def free(folder: Path) -> bool:
    return not (folder / on_host.PULSE).exists()


def eventually(condition: t.Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def test_a_second_run_is_refused_until_the_first_was_killed(start: Start, tmp_path: Path) -> None:
    one = start("one")
    assert (one.says(), one.says()) == ("True", "held")
    two = start("two")
    assert (two.says(), two.says()) == ("False", "")
    one.kill()
    assert eventually(lambda: free(tmp_path))
    assert start("three").says() == "True"


def test_what_a_killed_run_forked_still_works_and_holds(start: Start, tmp_path: Path) -> None:
    one = start(FORKS)
    assert one.says() == "True"
    one.kill()
    time.sleep(0.5)
    assert start("two").says() == "False"
    (tmp_path / WORKED).touch()
    assert eventually(lambda: free(tmp_path))


def test_a_run_whose_connection_broke_takes_the_cluster_again(start: Start, tmp_path: Path) -> None:
    one = start("one")
    assert (one.says(), one.says()) == ("True", "held")
    os.kill(readers(tmp_path)[-1], signal.SIGKILL)
    assert eventually(lambda: len(readers(tmp_path)) == 2)
    assert start("two").says() == "False"
    assert one.says() == "held"


def test_a_run_whose_reader_is_gone_knows_that_it_lost_the_cluster(start: Start, tmp_path: Path) -> None:
    one = start("one")
    assert (one.says(), one.says()) == ("True", "held")
    os.kill(readers(tmp_path)[0], signal.SIGKILL)
    assert eventually(lambda: one.says() == "lost")


def test_who_refuses_is_told_by_name() -> None:
    other = {"verb": "restart", "who": "ada@laptop", "pid": 4711, "since": "2026-11-22T09:30:00Z", "token": "x"}
    words = _hold.refused("n1", {"held": False, "holder": other, "ago": None})
    assert "ada@laptop runs restart on this cluster since 2026-11-22T09:30:00Z, says n1 (pid 4711 there)." in words
    words = _hold.refused("n1", {"held": False, "holder": other, "ago": 3.2})
    assert "ada@laptop ran restart on this cluster until 3 s ago, while this run looked at it." in words


@pytest.mark.parametrize(
    ("silent", "hosts", "asked"),
    [
        ([], ["n2"], ["n1", "n2", "n3"]),
        (["n1"], ["n2"], ["n2", "n3"]),
        (["n1", "n2", "n3"], ["s1"], ["s1"]),
    ],
)
def test_all_runs_ask_the_nodes_in_the_same_order(silent: list[str], hosts: list[str], asked: list[str]) -> None:
    found = _hold.candidates(["n1", "n2", "n3"], silent, hosts)
    assert found[: len(asked)] == asked
