# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks of Workbench, step by step. **PRIVATE** to the collection.

rstudio/rstudio, core/file_lock: LinkBasedFileLock.cpp and AdvisoryFileLock.cpp, as a session of a load-balanced server
takes them. A lock made here keeps the product out, and the other way round.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import threading
import time
import typing as t

PROXY = ".rstudio-lock-41c29"
TYPES = ("linkbased", "symlink", "advisory")

# What a file system answers that knows no links, or no locks.
UNSUPPORTED = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL)


class Busy(Exception):
    """Somebody else holds the lock."""


class Unsupported(Exception):
    """This file system has no such locks; a sentence."""


class Lock(t.Protocol):
    path: str

    def acquire(self) -> None:
        """Raises `Busy`, `Unsupported` or `OSError`."""

    def refresh(self) -> None: ...

    def release(self) -> None: ...

    def state(self) -> str:
        """`live`, `stale` (the next who wants it takes it) or `gone` (nobody has it), as this node sees it."""


def make_lock(kind: str, path: str, timeout: float) -> Lock:
    """`timeout` is the timeout-interval of file-locks, seconds."""
    return AdvisoryLock(path) if kind == "advisory" else LinkLock(path, timeout, symlinks=kind == "symlink")


class LinkLock:
    """A file that exists while the lock is held, and whose time of modification says since when nobody refreshed it."""

    def __init__(self, path: str, timeout: float, *, symlinks: bool) -> None:
        self.path = path
        self._timeout = timeout
        self._symlinks = symlinks
        name = f"{PROXY}-{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"
        self._proxy = os.path.join(os.path.dirname(path), name)

    def acquire(self) -> None:
        state = self.state()
        if state == "live":
            raise Busy
        if state == "stale":
            self.release()
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        _remove(self._proxy)
        _write_pid(self._proxy, os.O_TRUNC, 0o644)
        try:
            (os.symlink if self._symlinks else os.link)(self._proxy, self.path)
        except OSError as refusal:
            self._create(refusal)
        else:
            self._check()
        self._remove_stale_proxies()

    def _create(self, refusal: OSError) -> None:
        """What the product does where it gets no link. The proxy stays; who next finds it stale removes it."""
        try:
            _write_pid(self.path, os.O_EXCL, 0o755)
        except FileExistsError as error:
            raise Busy from error
        if refusal.errno in UNSUPPORTED:
            _remove(self.path)
            words = "symbolic links" if self._symlinks else "hard links"
            raise Unsupported(f"{words} are not supported here ({refusal.strerror})")

    def _check(self) -> None:
        if self._symlinks:
            # The proxy is what the lock points to, so it stays as long as the lock.
            if os.path.realpath(self.path) != os.path.realpath(self._proxy):
                raise Busy
            return
        links = os.stat(self._proxy).st_nlink
        os.unlink(self._proxy)
        if links != 2:
            raise Unsupported(f"a hard link was made, but the file has {links} names instead of 2")

    def refresh(self) -> None:
        now = time.time()
        os.utime(self.path, (now, now))

    def release(self) -> None:
        if os.path.islink(self.path):
            _remove(os.path.realpath(self.path))
        _remove(self.path)

    def state(self) -> str:
        if not os.path.lexists(self.path):
            return "gone"
        # stat of a broken symlink fails as that of no file does.
        return "stale" if _age(self.path, self._timeout) >= self._timeout else "live"

    def _remove_stale_proxies(self) -> None:
        folder = os.path.dirname(self.path)
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if name.startswith(PROXY) and path != self._proxy and _age(path, 0) >= self._timeout:
                _remove(path)


class AdvisoryLock:
    """fcntl on a whole file. The kernel, or the file server, knows who holds it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = -1

    def acquire(self) -> None:
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                raise Busy from error
            if error.errno in UNSUPPORTED:
                raise Unsupported(f"advisory locks are not supported here ({error.strerror})") from error
            raise

    def refresh(self) -> None:
        """Nothing to do."""

    def release(self) -> None:
        _remove(self.path)
        self.let_go()

    def let_go(self) -> None:
        os.close(self._descriptor)

    def state(self) -> str:
        if not os.path.exists(self.path):
            return "gone"
        try:
            self.acquire()
        except Busy:
            return "live"
        self.let_go()
        return "gone"


def _age(path: str, otherwise: float) -> float:
    """Seconds by this node's clock against the file's time: a clock that is ahead makes a live lock look stale."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return otherwise
    return time.time() - found.st_mtime if stat.S_ISREG(found.st_mode) else otherwise


def _write_pid(path: str, flag: int, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(str(os.getpid()))


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
