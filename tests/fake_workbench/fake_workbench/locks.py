# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock dance on real files (rstudio/rstudio, core/file_lock), in the protocol of the installed release."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
import threading
import time
import typing as t
import uuid

from fake_workbench import paths, release
from fake_workbench.config import Settings
from fake_workbench.lock_rules import LINKS, OWNERS, read_lock_settings

PROXY = ".rstudio-lock-41c29"
OWNER, CLAIMS = ".rstudio-lock-owner-41c29", ".rstudio-lock-claims-41c29"


class LockConfig(t.NamedTuple):
    """file-locks; times are seconds. `load_balanced` makes staleness a matter of time alone."""

    lock_type: str = "linkbased"
    use_symlinks: bool = False
    refresh_rate: int = 20
    timeout_interval: int = 30
    load_balanced: bool = False
    protocol: str = LINKS


class LockUnavailable(OSError):
    def __init__(self, path: str) -> None:
        super().__init__(errno.ENOLCK, os.strerror(errno.ENOLCK), path)


class Lock(t.Protocol):
    path: str

    def acquire(self) -> None: ...

    def refresh(self) -> None: ...

    def release(self) -> None: ...


def read_lock_config(warn: t.Callable[[str], None], load_balanced: bool = False) -> LockConfig:
    protocol = release.lock_protocol()
    read = read_lock_settings(Settings(paths.read_text(paths.config_file("file-locks"))).values, protocol)
    for warning in read.warnings:
        warn(warning)
    routed = bool(os.environ.get("RSTUDIO_SESSION_ROUTE"))
    return LockConfig(
        read.lock_type,
        read.use_symlinks,
        read.refresh,
        read.timeout,
        load_balanced or routed or os.environ.get("RSTUDIO_DISTRIBUTED_LOCKING_ENABLED") == "1",
        protocol,
    )


def make_lock(path: str, config: LockConfig) -> Lock:
    if config.lock_type == "advisory":
        return AdvisoryLock(path, stays=config.protocol == OWNERS)
    return OwnerLock(path, config) if config.protocol == OWNERS else LinkLock(path, config)


class LinkLock:
    """The steps and their order are those of LinkBasedFileLock.cpp."""

    def __init__(self, path: str, config: LockConfig) -> None:
        self.path = path
        self.config = config
        self._proxy = os.path.join(
            os.path.dirname(path), f"{PROXY}-{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"
        )

    def acquire(self) -> None:
        """Raises LockUnavailable."""
        try:
            # A broken symbolic link is not there; link() fails on it all the same, now and for ever.
            if os.path.exists(self.path):
                if not self._is_stale():
                    raise LockUnavailable(self.path)
                self._remove()
            elif self.config.use_symlinks:
                _remove_if_there(self.path)
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            _remove_if_there(self._proxy)
            _write_pid(self._proxy, os.O_TRUNC)
            self._take()
        except LockUnavailable:
            raise
        except OSError as error:
            raise LockUnavailable(self.path) from error
        self._clean_up()

    def _take(self) -> None:
        try:
            (os.symlink if self.config.use_symlinks else os.link)(self._proxy, self.path)
        except OSError:
            _write_pid(self.path, os.O_EXCL, 0o755)
            return
        if self.config.use_symlinks:
            taken = os.path.realpath(self.path) == os.path.realpath(self._proxy)
        else:
            taken = os.stat(self._proxy).st_nlink == 2
            os.unlink(self._proxy)
        if not taken:
            raise LockUnavailable(self.path)

    def refresh(self) -> None:
        now = time.time()
        os.utime(self.path, (now, now))

    def release(self) -> None:
        self._remove()

    def _is_stale(self) -> bool:
        if not self.config.load_balanced:
            with open(self.path, encoding="ascii", errors="replace") as file:
                pid = file.read().strip()
            if not pid.isdigit() or not os.path.exists(f"/proc/{pid}"):
                return True
        return _age(self.path) >= self.config.timeout_interval

    def _remove(self) -> None:
        if os.path.islink(self.path):
            _remove_if_there(os.path.realpath(self.path))
        _remove_if_there(self.path)

    def _clean_up(self) -> None:
        directory = os.path.dirname(self.path)
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            if not name.startswith(PROXY) or path == self._proxy:
                continue
            try:
                if stat.S_ISREG(os.lstat(path).st_mode) and _age(path) >= self.config.timeout_interval:
                    _remove_if_there(path)
            except FileNotFoundError:
                continue


class OwnerLock:
    """From 2026.10 on: the lock is a name of an owner file that stays, and a release marks it (rstudio#18747).

    Without the vendor's care for lock files that are swapped while they are looked at.
    """

    def __init__(self, path: str, config: LockConfig) -> None:
        self.path = path
        self.config = config
        self._owner = ""
        self._descriptor = -1

    def acquire(self) -> None:
        """Raises LockUnavailable."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        try:
            if not self._is_free():
                raise LockUnavailable(self.path)
            with self._claimed():
                if not self._is_free():
                    raise LockUnavailable(self.path)
                if os.path.lexists(self.path):
                    self._remove()
                self._take()
        except LockUnavailable:
            raise
        except OSError as error:
            raise LockUnavailable(self.path) from error

    @contextlib.contextmanager
    def _claimed(self) -> t.Iterator[None]:
        folder = os.path.join(os.path.dirname(self.path), CLAIMS)
        os.makedirs(folder, exist_ok=True)
        claim = os.path.join(folder, os.path.basename(self.path))
        if os.path.exists(claim) and _age(claim) >= self.config.timeout_interval:
            os.unlink(claim)
        os.close(os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        try:
            yield
        finally:
            _remove_if_there(claim)

    def _take(self) -> None:
        owner = os.path.join(os.path.dirname(self.path), f"{OWNER}-{uuid.uuid4()}")
        descriptor = os.open(owner, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        _mark(descriptor, os.getpid(), time.time())
        try:
            (os.symlink if self.config.use_symlinks else os.link)(owner, self.path)
        except FileExistsError:
            os.unlink(owner)
            raise
        except OSError:
            os.unlink(owner)
            owner = ""
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            _mark(descriptor, os.getpid(), time.time())
        self._owner, self._descriptor = owner, descriptor

    def refresh(self) -> None:
        os.utime(self._descriptor, (time.time(),) * 2)

    def release(self) -> None:
        _mark(self._descriptor, -1, 0)
        os.close(self._descriptor)
        if self._owner:
            os.unlink(self._owner)

    def _is_free(self) -> bool:
        if not os.path.exists(self.path):
            return True
        with open(self.path, encoding="ascii", errors="replace") as file:
            pid = file.read().strip()
        dead = pid.isdigit() and not os.path.exists(f"/proc/{pid}") and not self.config.load_balanced
        return pid == "-1" or dead or _age(self.path) >= self.config.timeout_interval

    def _remove(self) -> None:
        directory = os.path.dirname(self.path)
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            if name.startswith(OWNER) and os.path.exists(self.path) and os.path.samefile(path, self.path):
                os.unlink(path)
                break
        os.unlink(self.path)


def _mark(descriptor: int, pid: int, when: float) -> None:
    content = f"{pid}\n".encode()
    os.pwrite(descriptor, content, 0)
    os.ftruncate(descriptor, len(content))
    os.utime(descriptor, (when, when))


def _age(path: str) -> int:
    """Whole seconds, by this host's clock against the file's time: clocks that differ make a live lock look stale."""
    return int(time.time()) - int(os.stat(path).st_mtime)


class AdvisoryLock:
    """fcntl on the whole file, held by the process; the file goes with the lock, or `stays` from 2026.10 on.

    Source: AdvisoryFileLock.cpp.
    """

    def __init__(self, path: str, stays: bool = False) -> None:
        self.path = path
        self._stays = stays
        self._descriptor = -1

    def acquire(self) -> None:
        """Raises LockUnavailable."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise LockUnavailable(self.path) from error

    def refresh(self) -> None:
        """Nothing to do: the kernel knows who holds it."""

    def release(self) -> None:
        if not self._stays:
            _remove_if_there(self.path)
        os.close(self._descriptor)


def _write_pid(path: str, flag: int, mode: int = 0o644) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(str(os.getpid()))


def _remove_if_there(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
