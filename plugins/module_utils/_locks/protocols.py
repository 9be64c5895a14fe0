# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks of Workbench, step by step.

rstudio/rstudio, core/file_lock: LinkBasedFileLock.cpp and AdvisoryFileLock.cpp, as a session of a load-balanced server
takes them. A lock made here keeps the product out, and the other way round. Locks lie in an open folder of this account's
own (its descriptor); nothing is done outside it, and no link is followed.
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

from ansible_collections.workbench.cluster.plugins.module_utils._locks.entries import (
    Busy,
    State,
    Unsupported,
    age,
    create,
    look,
    remove,
    target_of,
)
from ansible_collections.workbench.cluster.plugins.module_utils._locks.owner import OwnerLock
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import LINKS, OWNERS

PROXY = ".rstudio-lock-41c29"
KINDS = ("linkbased", "symlink", "advisory")

# What a file system answers that knows no locks.
UNSUPPORTED = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL)


class Lock(t.Protocol):
    def acquire(self) -> None:
        """Raises `Busy`, `Unsupported` or `OSError`."""

    def refresh(self) -> None: ...

    def release(self) -> None: ...

    def state(self) -> State:
        """As this node sees it."""


def make_lock(kind: str, folder: int, path: str, timeout: float, protocol: str = LINKS) -> Lock:
    """The lock `path` in the open `folder`. `timeout` is the timeout-interval of file-locks, seconds."""
    if kind == "advisory":
        return AdvisoryLock(folder, path, stays=protocol == OWNERS)
    if protocol == OWNERS:
        return OwnerLock(folder, path, timeout, symlinks=kind == "symlink")
    return LinkLock(folder, path, timeout, symlinks=kind == "symlink")


class LinkLock:
    """A file that exists while the lock is held, and whose time of modification says since when nobody refreshed it."""

    def __init__(self, folder: int, path: str, timeout: float, *, symlinks: bool) -> None:
        self._folder, self._timeout, self._symlinks = folder, timeout, symlinks
        self._directory, self._name = os.path.split(path)
        self._proxy = f"{PROXY}-{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"

    def acquire(self) -> None:
        state = self.state()
        if state == "live":
            raise Busy
        if state == "stale":
            self.release()
        remove(self._folder, self._proxy)
        self._write_pid(self._proxy, 0o644)
        try:
            if self._symlinks:
                os.symlink(os.path.join(self._directory, self._proxy), self._name, dir_fd=self._folder)
            else:
                os.link(self._proxy, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError:
            self._create()
        else:
            self._check()
        self._remove_stale_proxies()

    def _create(self) -> None:
        """What the product does where it gets no link. The proxy stays; who next finds it stale removes it."""
        try:
            self._write_pid(self._name, 0o755)
        except FileExistsError as error:
            raise Busy from error

    def _check(self) -> None:
        if self._symlinks:
            # The proxy is what the lock points to, so it stays as long as the lock.
            if target_of(self._folder, self._directory, self._name) != self._proxy:
                raise Busy
            return
        links = os.stat(self._proxy, dir_fd=self._folder, follow_symlinks=False).st_nlink
        os.unlink(self._proxy, dir_fd=self._folder)
        if links != 2:
            raise Unsupported(f"a hard link was made, but the file has {links} names instead of 2")

    def refresh(self) -> None:
        now = time.time()
        name = target_of(self._folder, self._directory, self._name) or self._name
        os.utime(name, (now, now), dir_fd=self._folder, follow_symlinks=False)

    def release(self) -> None:
        target = target_of(self._folder, self._directory, self._name)
        if target:
            remove(self._folder, target)
        remove(self._folder, self._name)

    def state(self) -> State:
        found = look(self._folder, self._name)
        if found is None:
            return "gone"
        if stat.S_ISLNK(found.st_mode):
            found = look(self._folder, target_of(self._folder, self._directory, self._name))
            if found is None:
                # Who takes hard links does not see a broken symbolic one, and is refused by it for ever.
                return "stale" if self._symlinks else "live"
        return "stale" if age(found) >= self._timeout else "live"

    def _write_pid(self, name: str, mode: int) -> None:
        with os.fdopen(create(self._folder, name, mode), "w") as file:
            file.write(str(os.getpid()))

    def _remove_stale_proxies(self) -> None:
        for name in os.listdir(self._folder):
            if name.startswith(PROXY) and name != self._proxy:
                found = look(self._folder, name)
                if found and stat.S_ISREG(found.st_mode) and age(found) >= self._timeout:
                    remove(self._folder, name)


class AdvisoryLock:
    """fcntl on a whole file. The kernel, or the file server, knows who holds it. Its file may stay after a release."""

    def __init__(self, folder: int, path: str, *, stays: bool = False) -> None:
        self._folder, self._name, self._stays = folder, os.path.basename(path), stays
        self._descriptor = -1

    def acquire(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        self._descriptor = os.open(self._name, flags, 0o644, dir_fd=self._folder)
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
        if not self._stays:
            remove(self._folder, self._name)
        self.let_go()

    def let_go(self) -> None:
        os.close(self._descriptor)

    def state(self) -> State:
        if look(self._folder, self._name) is None:
            return "gone"
        try:
            self.acquire()
        except Busy:
            return "live"
        self.let_go()
        return "gone"
