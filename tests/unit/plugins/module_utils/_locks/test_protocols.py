# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a lock on real files, and each kind of refusal a file system may give."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._locks import protocols as locks_protocols
from ansible_collections.workbench.cluster.plugins.module_utils._locks.entries import Busy, Unsupported
from ansible_collections.workbench.cluster.plugins.module_utils._locks.protocols import (
    AdvisoryLock,
    LinkLock,
    Lock,
    make_lock,
)
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import LINKS, OWNERS

TIMEOUT = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir(0o700)
    return tmp_path / "folder" / "lock"


def opened(path: Path) -> int:
    """Of the lock's folder; the test's process is short."""
    return os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def link(path: Path, *, symlinks: bool = False) -> LinkLock:
    return LinkLock(opened(path), str(path), TIMEOUT, symlinks=symlinks)


def advisory(path: Path) -> AdvisoryLock:
    return AdvisoryLock(opened(path), str(path))


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def proxies(path: Path) -> list[str]:
    return sorted(name for name in os.listdir(path.parent) if name.startswith(".rstudio-lock-41c29"))


@pytest.mark.parametrize("kind", locks_protocols.KINDS)
def test_taken_and_given_back(path: Path, kind: str) -> None:
    lock = make_lock(kind, opened(path), str(path), TIMEOUT)
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
    path.write_text("1")
    age(path, TIMEOUT)
    link(path, symlinks=symlinks).acquire()
    assert path.read_text() == str(os.getpid())


def test_staleness_is_a_matter_of_time_not_of_processes(path: Path) -> None:
    """A load-balanced server cannot ask for a process of another node."""
    path.write_text("4194305")  # above the largest number a process can have
    with pytest.raises(Busy):
        link(path).acquire()


def test_broken_symlink_is_stale_for_who_takes_symlinks(path: Path) -> None:
    path.symlink_to(path.parent / ".rstudio-lock-41c29-gone-1-1")
    assert link(path, symlinks=True).state() == "stale"
    link(path, symlinks=True).acquire()
    assert path.read_text() == str(os.getpid())


def test_broken_symlink_refuses_for_ever_who_takes_hard_links(path: Path) -> None:
    """What a holder that died leaves when use-symlinks is turned off: the product does not see it, and cannot replace it."""
    path.symlink_to(path.parent / ".rstudio-lock-41c29-gone-1-1")
    os.utime(path, (1, 1), follow_symlinks=False)
    assert link(path).state() == "live"
    with pytest.raises(Busy):
        link(path).acquire()
    assert path.is_symlink()


@pytest.mark.parametrize("symlinks", [False, True])
def test_nothing_outside_the_folder_is_touched(path: Path, tmp_path: Path, symlinks: bool) -> None:
    outside = tmp_path / ".rstudio-lock-41c29-other-1-1"
    outside.write_text("kept")
    age(outside, 100)
    before = outside.stat()
    path.symlink_to(outside)
    lock = link(path, symlinks=symlinks)
    with contextlib.suppress(Busy):
        lock.acquire()
    lock.refresh()
    lock.release()
    assert (outside.read_text(), outside.stat().st_mtime) == ("kept", before.st_mtime)


def test_advisory_lock_follows_no_link(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "made")
    with pytest.raises(OSError, match="symbolic links"):
        advisory(path).acquire()
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(("seconds", "state"), [(29.0, "live"), (30.0, "stale")])
def test_whole_seconds_decide(path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, state: str) -> None:
    """The product cuts both times: 29.2 s that touch 30 whole ones are as stale as 30.0."""
    path.write_text("1")
    os.utime(path, (1000.9, 1000.9))
    monkeypatch.setattr("time.time", lambda: 1000.1 + seconds)
    assert link(path).state() == state


def test_stale_symlink_goes_with_its_target(path: Path) -> None:
    target = path.parent / ".rstudio-lock-41c29-other-1-1"
    target.write_text("1")
    age(target, TIMEOUT)
    path.symlink_to(target)
    link(path).acquire()
    assert not target.exists()


def test_only_stale_proxies_are_removed(path: Path) -> None:
    for name, seconds in (("old", TIMEOUT), ("new", 1)):
        proxy = path.parent / f".rstudio-lock-41c29-{name}-1-1"
        proxy.write_text("1")
        age(proxy, seconds)
    link(path).acquire()
    assert proxies(path) == [".rstudio-lock-41c29-new-1-1"]


def refusing(number: int) -> t.Callable[..., None]:
    def refuse(*_arguments: str, **_more: t.Any) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK])
@pytest.mark.parametrize(("name", "symlinks"), [("os.link", False), ("os.symlink", True)])
def test_file_system_without_links_locks_by_exclusive_creation(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, name: str, symlinks: bool
) -> None:
    monkeypatch.setattr(name, refusing(number))
    link(path, symlinks=symlinks).acquire()
    assert path.read_text() == str(os.getpid())
    assert len(proxies(path)) == 1
    with pytest.raises(Busy):
        link(path, symlinks=symlinks).acquire()


def test_lock_made_meanwhile_keeps_out_where_links_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race of the fallback: exclusive creation fails, and the other's lock stays."""

    def refuse(*_arguments: str, **_more: t.Any) -> None:
        path.write_text("1")
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("os.link", refuse)
    with pytest.raises(Busy):
        link(path).acquire()
    assert path.read_text() == "1"


def test_hard_link_that_is_not_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy(source: str, target: str, **_more: t.Any) -> None:
        (path.parent / target).write_text((path.parent / source).read_text())

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
        advisory(path).acquire()


def test_advisory_lock_of_another_process(path: Path) -> None:
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        advisory(path).acquire()
        os.write(ready[1], b".")
        os.read(done[0], 1)
        os._exit(0)
    try:
        os.read(ready[0], 1)
        assert advisory(path).state() == "live"
        with pytest.raises(Busy):
            advisory(path).acquire()
    finally:
        os.write(done[1], b".")
        os.waitpid(child, 0)
    assert advisory(path).state() == "gone"


def owner_files(path: Path) -> list[str]:
    return sorted(name for name in os.listdir(path.parent) if name.startswith(".rstudio-lock-owner-41c29-"))


def owner(path: Path, *, symlinks: bool = False) -> Lock:
    return make_lock("symlink" if symlinks else "linkbased", opened(path), str(path), TIMEOUT, OWNERS)


@pytest.mark.parametrize("symlinks", [False, True])
class TestSince2026October:
    def test_an_owner_file_stays_beside_the_lock(self, path: Path, symlinks: bool) -> None:
        owner(path, symlinks=symlinks).acquire()
        assert path.read_text() == f"{os.getpid()}\n"
        assert path.is_symlink() is symlinks
        assert path.samefile(path.parent / owner_files(path)[0])

    def test_a_release_leaves_the_name_as_free(self, path: Path, symlinks: bool) -> None:
        lock = owner(path, symlinks=symlinks)
        lock.acquire()
        lock.release()
        assert (lock.state(), owner_files(path)) == ("gone", [])
        assert os.path.lexists(path)
        if not symlinks:
            assert (path.read_text(), path.stat().st_mtime) == ("-1\n", 0)
        owner(path, symlinks=symlinks).acquire()

    def test_a_live_lock_keeps_the_next_out(self, path: Path, symlinks: bool) -> None:
        owner(path, symlinks=symlinks).acquire()
        age(path, TIMEOUT - 5)
        with pytest.raises(Busy):
            owner(path, symlinks=symlinks).acquire()

    def test_a_stale_lock_is_taken_with_its_owner_file(self, path: Path, symlinks: bool) -> None:
        owner(path, symlinks=symlinks).acquire()
        (old,) = owner_files(path)
        age(path, TIMEOUT)
        owner(path, symlinks=symlinks).acquire()
        assert old not in owner_files(path)
        assert len(owner_files(path)) == 1

    def test_a_refreshed_lock_lives_on(self, path: Path, symlinks: bool) -> None:
        lock = owner(path, symlinks=symlinks)
        lock.acquire()
        age(path, TIMEOUT + 1)
        assert lock.state() == "stale"
        lock.refresh()
        assert lock.state() == "live"

    def test_who_claims_it_keeps_the_next_out(self, path: Path, symlinks: bool) -> None:
        owner(path, symlinks=symlinks).acquire()
        age(path, TIMEOUT)
        claim = path.parent / ".rstudio-lock-claims-41c29" / path.name
        claim.write_text("1\n")
        with pytest.raises(Busy):
            owner(path, symlinks=symlinks).acquire()
        age(claim, TIMEOUT)
        owner(path, symlinks=symlinks).acquire()
        assert not claim.exists()

    def test_without_links_it_is_created_exclusively(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, symlinks: bool
    ) -> None:
        for name in ("os.link", "os.symlink"):
            monkeypatch.setattr(name, refusing(errno.EPERM))
        lock = owner(path, symlinks=symlinks)
        lock.acquire()
        assert (path.is_symlink(), owner_files(path), lock.state()) == (False, [], "live")

    @pytest.mark.parametrize(("one", "other"), [(LINKS, OWNERS), (OWNERS, LINKS)])
    def test_old_and_new_keep_each_other_out_and_let_each_other_in(
        self, path: Path, symlinks: bool, one: str, other: str
    ) -> None:
        kind = "symlink" if symlinks else "linkbased"
        first = make_lock(kind, opened(path), str(path), TIMEOUT, one)
        second = make_lock(kind, opened(path), str(path), TIMEOUT, other)
        first.acquire()
        with pytest.raises(Busy):
            second.acquire()
        first.release()
        second.acquire()
        with pytest.raises(Busy):
            first.acquire()


def test_the_file_of_an_advisory_lock_stays_since_2026_october(path: Path) -> None:
    lock = make_lock("advisory", opened(path), str(path), TIMEOUT, OWNERS)
    lock.acquire()
    lock.release()
    assert (path.exists(), lock.state()) == (True, "gone")
