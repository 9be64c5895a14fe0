# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock dance, with a second process where it takes two."""

from __future__ import annotations

import errno
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import typing as t

import pytest
from fake_workbench import locks
from harness import HERE, wait_until

CLUSTER = locks.LockConfig(load_balanced=True)
HOLDER = """
import sys, time
from fake_workbench import locks
lock = locks.make_lock(sys.argv[1], locks.LockConfig(sys.argv[2], sys.argv[3] == "1", load_balanced=True))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def hold(tmp_path: pathlib.Path) -> t.Iterator[t.Callable[..., subprocess.Popen[str]]]:
    """Another process that holds `tmp_path/lock`."""
    started = []

    def start(lock_type: str = "linkbased", symlinks: str = "0") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path / "lock"), lock_type, symlinks],
            env={"PYTHONPATH": str(HERE.parent)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def age(path: pathlib.Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def refused(lock: locks.Lock) -> bool:
    try:
        lock.acquire()
    except locks.LockUnavailable:
        return True
    lock.release()
    return False


@pytest.mark.parametrize(("lock_type", "symlinks"), [("linkbased", False), ("linkbased", True), ("advisory", False)])
def test_a_second_holder_is_refused(
    hold: t.Callable[..., subprocess.Popen[str]], tmp_path: pathlib.Path, lock_type: str, symlinks: bool
) -> None:
    hold(lock_type, str(int(symlinks)))
    assert refused(locks.make_lock(str(tmp_path / "lock"), locks.LockConfig(lock_type, symlinks, load_balanced=True)))


@pytest.mark.parametrize(("lock_type", "symlinks"), [("linkbased", False), ("linkbased", True), ("advisory", False)])
def test_release_leaves_nothing(tmp_path: pathlib.Path, lock_type: str, symlinks: bool) -> None:
    lock = locks.make_lock(str(tmp_path / "data/lock"), locks.LockConfig(lock_type, symlinks))
    lock.acquire()
    assert (tmp_path / "data/lock").exists()
    lock.release()
    assert list((tmp_path / "data").iterdir()) == []


def test_hard_link_leaves_only_the_lock_with_the_holders_pid(tmp_path: pathlib.Path) -> None:
    locks.LinkLock(str(tmp_path / "lock"), CLUSTER).acquire()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_symlink_points_to_the_proxy_with_the_products_name(tmp_path: pathlib.Path) -> None:
    locks.LinkLock(str(tmp_path / "lock"), locks.LockConfig(use_symlinks=True)).acquire()
    target = os.readlink(tmp_path / "lock")
    assert os.path.basename(target).startswith(f".rstudio-lock-41c29-{socket.gethostname()}-{os.getpid()}-")


def test_a_lock_whose_holder_died_is_taken_at_once_on_one_host(
    hold: t.Callable[..., subprocess.Popen[str]], tmp_path: pathlib.Path
) -> None:
    process = hold()
    process.kill()
    process.wait()
    assert not refused(locks.LinkLock(str(tmp_path / "lock"), locks.LockConfig()))


def test_in_a_cluster_a_dead_holders_lock_counts_until_it_is_old(
    hold: t.Callable[..., subprocess.Popen[str]], tmp_path: pathlib.Path
) -> None:
    process = hold()
    process.kill()
    process.wait()
    assert refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))
    age(tmp_path / "lock", 29)
    assert refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))
    age(tmp_path / "lock", 30)
    assert not refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))


def test_a_skewed_clock_steals_a_live_lock(
    hold: t.Callable[..., subprocess.Popen[str]], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold()
    age(tmp_path / "lock", 20)
    now = time.time()
    assert refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))
    monkeypatch.setattr(time, "time", lambda: now + 11)
    assert not refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))


def test_refresh_makes_a_lock_young(tmp_path: pathlib.Path) -> None:
    lock = locks.LinkLock(str(tmp_path / "lock"), CLUSTER)
    lock.acquire()
    age(tmp_path / "lock", 100)
    lock.refresh()
    assert time.time() - (tmp_path / "lock").stat().st_mtime < 10


@pytest.mark.parametrize("symlinks", [True, False])
def test_broken_symlink_refuses_for_ever_who_takes_hard_links(tmp_path: pathlib.Path, symlinks: bool) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "gone")
    os.utime(tmp_path / "lock", (1, 1), follow_symlinks=False)
    config = locks.LockConfig(use_symlinks=symlinks, load_balanced=True)
    assert refused(locks.LinkLock(str(tmp_path / "lock"), config)) is not symlinks


def test_whole_seconds_decide(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock").write_text("1")
    os.utime(tmp_path / "lock", (1000.9, 1000.9))
    monkeypatch.setattr(time, "time", lambda: 1029.95)
    assert refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))
    monkeypatch.setattr(time, "time", lambda: 1030.05)
    assert not refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))


def test_without_links_the_lock_is_created_exclusively(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_paths: str) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    locks.LinkLock(str(tmp_path / "lock"), CLUSTER).acquire()
    assert (tmp_path / "lock").read_text() == str(os.getpid())
    assert refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))


def test_a_link_count_other_than_two_is_refused(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def link_twice(source: str, target: str) -> None:
        link(source, target)
        link(source, target + ".more")

    monkeypatch.setattr(os, "link", link_twice)
    assert refused(locks.LinkLock(str(tmp_path / "lock"), CLUSTER))


def test_left_over_proxies_go_when_they_are_old(tmp_path: pathlib.Path) -> None:
    old, young = tmp_path / ".rstudio-lock-41c29-a-1-1", tmp_path / ".rstudio-lock-41c29-b-1-1"
    old.touch()
    young.touch()
    age(old, 40)
    locks.LinkLock(str(tmp_path / "lock"), CLUSTER).acquire()
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, "lock"]


@pytest.mark.parametrize(
    ("text", "read", "warnings"),
    [
        ("", locks.LockConfig(), []),
        ("lock-type=ADVISORY\nuse-symlinks=1\n", locks.LockConfig("advisory", True), []),
        ("refresh-rate=5\ntimeout-interval=9\n", locks.LockConfig(refresh_rate=5, timeout_interval=9), []),
        ("lock-type=flock\n", locks.LockConfig(), ["unrecognized lock type 'flock'"]),
        ("refresh-rate=-1\n", locks.LockConfig(), ["refresh-rate=-1 is not taken: it must be at least 0"]),
        ("use-symlinks=true\ntimeout-interval=40.9\n", locks.LockConfig(timeout_interval=40), []),
    ],
)
def test_file_locks(
    text: str, read: locks.LockConfig, warnings: list[str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file-locks").write_text(text)
    monkeypatch.setenv("RSTUDIO_CONFIG_DIR", str(tmp_path))
    given: list[str] = []
    assert locks.read_lock_config(given.append) == read
    assert given == warnings


@pytest.mark.parametrize(
    ("name", "value", "load_balanced"),
    [
        ("RSTUDIO_SESSION_ROUTE", "node1:8787", True),
        ("RSTUDIO_SESSION_ROUTE", "", False),
        ("RSTUDIO_DISTRIBUTED_LOCKING_ENABLED", "1", True),
        ("RSTUDIO_DISTRIBUTED_LOCKING_ENABLED", "0", False),
    ],
)
def test_the_environment_says_that_locks_are_for_a_cluster(
    name: str, value: str, load_balanced: bool, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RSTUDIO_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert locks.read_lock_config(print).load_balanced is load_balanced


class LockTester:
    """A running locktester and its output so far."""

    def __init__(self, install: pathlib.Path, directory: pathlib.Path) -> None:
        self.output = directory / f"output-{time.monotonic_ns()}"
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [install / "bin/locktester", directory / "test"],
                env={"RSTUDIO_CONFIG_DIR": str(directory)},
                stdout=file,
            )

    def wait(self, text: str) -> None:
        wait_until(lambda: text in self.output.read_text(), self.output.read_text)


HEAD = "Posit Workbench Lock Test\n---------------------------\nHost: {}\nLock type: {}\nUser: root\nFile: {}\n\n"


ACQUIRED = "* Acquired advisory lock\n* Acquired link-based lock\n"


@pytest.mark.parametrize(
    ("lock_type", "name", "refusal"),
    [
        (
            "linkbased",
            "Link-based",
            "* Acquired advisory lock\n* Unable to acquire link-based lock \n\n\n"
            "Your filesystem appears to support link-based locks.\n",
        ),
        (
            "advisory",
            "Advisory",
            "* Unable to acquire advisory lock \n* Acquired link-based lock\n\n\n"
            "Your filesystem appears to support advisory locks.\n",
        ),
    ],
)
def test_locktester(install: pathlib.Path, tmp_path: pathlib.Path, lock_type: str, name: str, refusal: str) -> None:
    (tmp_path / "file-locks").write_text(f"lock-type={lock_type}\n")
    head = HEAD.format(socket.gethostname(), name, tmp_path / "test")
    holder = LockTester(install, tmp_path)
    try:
        holder.wait(head + ACQUIRED)
        other = LockTester(install, tmp_path)
        assert other.process.wait(timeout=20) == 0
        assert other.output.read_text() == head + refusal
        holder.process.send_signal(signal.SIGINT)
        assert holder.process.wait(timeout=20) == 0
        assert holder.output.read_text() == head + ACQUIRED
        assert not list(tmp_path.glob("test*"))
    finally:
        holder.process.kill()
        holder.process.wait()


def test_a_refusal_says_no_locks_available(
    hold: t.Callable[..., subprocess.Popen[str]], tmp_path: pathlib.Path
) -> None:
    hold()
    with pytest.raises(locks.LockUnavailable) as refusal:
        locks.LinkLock(str(tmp_path / "lock"), CLUSTER).acquire()
    assert (refusal.value.errno, errno.ENOLCK) == (37, 37)


OWNERS = locks.LockConfig(load_balanced=True, protocol="owners")


@pytest.mark.parametrize(("one", "other"), [(CLUSTER, OWNERS), (OWNERS, CLUSTER), (OWNERS, OWNERS)])
@pytest.mark.parametrize(("lock_type", "symlinks"), [("linkbased", False), ("linkbased", True), ("advisory", False)])
def test_old_and_new_locks_keep_each_other_out_and_let_each_other_in(
    tmp_path: pathlib.Path, one: locks.LockConfig, other: locks.LockConfig, lock_type: str, symlinks: bool
) -> None:
    first, second = (
        locks.make_lock(str(tmp_path / "data/lock"), config._replace(lock_type=lock_type, use_symlinks=symlinks))
        for config in (one, other)
    )
    first.acquire()
    if lock_type != "advisory":  # within one process, fcntl refuses nothing
        assert refused(second)
    first.release()
    assert not refused(second)
    assert not refused(first)


@pytest.mark.parametrize("symlinks", [False, True])
def test_from_2026_10_a_release_leaves_the_name_of_the_lock(tmp_path: pathlib.Path, symlinks: bool) -> None:
    lock = locks.make_lock(str(tmp_path / "lock"), OWNERS._replace(use_symlinks=symlinks))
    lock.acquire()
    (owner,) = tmp_path.glob(".rstudio-lock-owner-41c29-*")
    assert owner.samefile(tmp_path / "lock")
    assert owner.read_text() == f"{os.getpid()}\n"
    lock.release()
    assert (owner.exists(), os.path.lexists(tmp_path / "lock")) == (False, True)
    if not symlinks:
        assert ((tmp_path / "lock").read_text(), (tmp_path / "lock").stat().st_mtime) == ("-1\n", 0)


def test_from_2026_10_a_dead_holders_lock_counts_until_it_is_old(tmp_path: pathlib.Path) -> None:
    locks.make_lock(str(tmp_path / "lock"), OWNERS).acquire()
    age(tmp_path / "lock", 29)
    assert refused(locks.make_lock(str(tmp_path / "lock"), OWNERS))
    age(tmp_path / "lock", 30)
    assert not refused(locks.make_lock(str(tmp_path / "lock"), OWNERS))


def test_the_release_decides_which_locks_it_takes(installs: dict[str, pathlib.Path], tmp_path: pathlib.Path) -> None:
    """The newest holds, an older one is refused, and takes over when it is released."""
    new, old = installs["2026.10.0+1.pro1"], installs["2026.07.0+139.pro9"]
    holder = LockTester(new, tmp_path)
    try:
        holder.wait("* Acquired link-based lock")
        assert len(list(tmp_path.glob(".rstudio-lock-owner-41c29-*"))) == 1
        other = LockTester(old, tmp_path)
        assert other.process.wait(timeout=20) == 0
        assert "* Unable to acquire link-based lock" in other.output.read_text()
        holder.process.send_signal(signal.SIGINT)
        assert holder.process.wait(timeout=20) == 0
        assert (tmp_path / "test").read_text() == "-1\n"
        assert not refused(locks.LinkLock(str(tmp_path / "test"), CLUSTER))
    finally:
        holder.process.kill()
        holder.process.wait()
