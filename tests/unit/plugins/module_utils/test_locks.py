# SPDX-FileCopyrightText: The workbench.cluster founders
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a lock on real files, and each kind of refusal a file system may give."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils import _locks
from ansible_collections.workbench.cluster.plugins.module_utils._locks import (
    AdvisoryLock,
    Busy,
    LinkLock,
    Unsupported,
    make_lock,
)

TIMEOUT = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "lock"


def link(path: Path, *, symlinks: bool = False) -> LinkLock:
    return LinkLock(str(path), TIMEOUT, symlinks=symlinks)


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def proxies(path: Path) -> list[str]:
    return sorted(name for name in os.listdir(path.parent) if name.startswith(".rstudio-lock-41c29"))


@pytest.mark.parametrize("kind", _locks.TYPES)
def test_taken_and_given_back(path: Path, kind: str) -> None:
    lock = make_lock(kind, str(path), TIMEOUT)
    lock.acquire()
    assert path.exists()
    lock.release()
    assert os.listdir(path.parent) == []


def test_lock_holds_the_process_and_its_proxy_is_removed(path: Path) -> None:
    link(path).acquire()
    assert (path.read_text(), path.stat().st_nlink, proxies(path)) == (str(os.getpid()), 1, [])


def test_symlink_points_to_a_proxy_of_the_product_s_name(path: Path) -> None:
    link(path, symlinks=True).acquire()
    name = f".rstudio-lock-41c29-{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"
    assert os.readlink(path) == str(path.parent / name)
    assert path.read_text() == str(os.getpid())


@pytest.mark.parametrize("symlinks", [False, True])
def test_live_lock_keeps_the_next_out(path: Path, symlinks: bool) -> None:
    link(path, symlinks=symlinks).acquire()
    age(path, TIMEOUT - 5)
    with pytest.raises(Busy):
        link(path, symlinks=symlinks).acquire()


@pytest.mark.parametrize("symlinks", [False, True])
def test_refreshed_lock_lives_on(path: Path, symlinks: bool) -> None:
    lock = link(path, symlinks=symlinks)
    lock.acquire()
    age(path, TIMEOUT + 1)
    assert lock.state() == "stale"
    lock.refresh()
    assert lock.state() == "live"


@pytest.mark.parametrize("symlinks", [False, True])
def test_stale_lock_is_taken(path: Path, symlinks: bool) -> None:
    path.parent.mkdir()
    path.write_text("1")
    age(path, TIMEOUT)
    link(path, symlinks=symlinks).acquire()
    assert path.read_text() == str(os.getpid())


def test_staleness_is_a_matter_of_time_not_of_processes(path: Path) -> None:
    """A load-balanced server cannot ask for a process of another node."""
    path.parent.mkdir()
    path.write_text("4194305")  # above the largest number a process can have
    with pytest.raises(Busy):
        link(path).acquire()


def test_broken_symlink_is_stale(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path.parent / "nothing")
    assert link(path).state() == "stale"
    link(path, symlinks=True).acquire()
    assert path.read_text() == str(os.getpid())


def test_stale_symlink_goes_with_its_target(path: Path) -> None:
    path.parent.mkdir()
    target = path.parent / ".rstudio-lock-41c29-other-1-1"
    target.write_text("1")
    age(target, TIMEOUT)
    path.symlink_to(target)
    link(path).acquire()
    assert not target.exists()


def test_only_stale_proxies_are_removed(path: Path) -> None:
    path.parent.mkdir()
    for name, seconds in (("old", TIMEOUT), ("new", 1)):
        proxy = path.parent / f".rstudio-lock-41c29-{name}-1-1"
        proxy.write_text("1")
        age(proxy, seconds)
    link(path).acquire()
    assert proxies(path) == [".rstudio-lock-41c29-new-1-1"]


def refusing(number: int) -> t.Callable[..., None]:
    def refuse(*_arguments: str) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_file_system_without_hard_links(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr("os.link", refusing(number))
    with pytest.raises(Unsupported, match="hard links are not supported"):
        link(path).acquire()
    assert not path.exists()


def test_file_system_without_symbolic_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.symlink", refusing(errno.EPERM))
    with pytest.raises(Unsupported, match="symbolic links are not supported"):
        link(path, symlinks=True).acquire()


def test_lock_made_meanwhile_keeps_out_where_links_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race of the fallback: exclusive creation fails, and the other's lock stays."""

    def refuse(*_arguments: str) -> None:
        path.write_text("1")
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("os.link", refuse)
    with pytest.raises(Busy):
        link(path).acquire()
    assert path.read_text() == "1"


def test_other_refusal_falls_back_to_exclusive_creation(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", refusing(errno.EMLINK))
    link(path).acquire()
    assert path.read_text() == str(os.getpid())
    assert len(proxies(path)) == 1


def test_hard_link_that_is_not_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy(source: str, target: str) -> None:
        Path(target).write_text(Path(source).read_text())

    monkeypatch.setattr("os.link", copy)
    with pytest.raises(Unsupported, match="1 names instead of 2"):
        link(path).acquire()
    assert proxies(path) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EAGAIN, Busy),
        (errno.EACCES, Busy),
        (errno.ENOLCK, Unsupported),
        (errno.EOPNOTSUPP, Unsupported),
        (errno.EIO, OSError),
    ],
)
def test_answers_to_an_advisory_lock(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    monkeypatch.setattr("fcntl.lockf", refusing(number))
    with pytest.raises(expected):
        AdvisoryLock(str(path)).acquire()


def test_advisory_lock_of_another_process(path: Path) -> None:
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        AdvisoryLock(str(path)).acquire()
        os.write(ready[1], b".")
        os.read(done[0], 1)
        os._exit(0)
    try:
        os.read(ready[0], 1)
        assert AdvisoryLock(str(path)).state() == "live"
        with pytest.raises(Busy):
            AdvisoryLock(str(path)).acquire()
    finally:
        os.write(done[1], b".")
        os.waitpid(child, 0)
    assert AdvisoryLock(str(path)).state() == "gone"
