# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link-based lock of Workbench 2026.10 and later.

rstudio/rstudio#18747: the lock is a name of an owner file, which stays beside it. Who wants to take it claims it first; a
release writes -1 and a time of 1970 through the open file, and leaves the name to the next. For those who read file times only,
as earlier versions do, that is as old as a lock can be: both keep each other out, and let each other in.
"""

from __future__ import annotations

import binascii
import contextlib
import errno
import os
import stat
import time
import typing as t
import uuid

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
from ansible_collections.workbench.cluster.plugins.module_utils._share.folder import OPEN

OWNER = ".rstudio-lock-owner-41c29"
CLAIM, CLAIMS = ".rstudio-lock-claim-41c29", ".rstudio-lock-claims-41c29"
TEMPORARY = ".rstudio-lock-tmp-41c29"
RELEASED = "-1"


class OwnerLock:
    """A name of an owner file, which says who holds the lock; the name stays when the lock is given back."""

    def __init__(self, folder: int, path: str, timeout: float, *, symlinks: bool) -> None:
        self._folder, self._timeout, self._symlinks = folder, timeout, symlinks
        self._directory, self._name = os.path.split(path)
        self._owner: str | None = None
        self._descriptor = -1

    def acquire(self) -> None:
        if self.state() == "live":
            raise Busy
        with self._claimed():
            if self.state() == "live":
                raise Busy
            self._remove_old()
            self._publish()
        self._sweep()

    @contextlib.contextmanager
    def _claimed(self) -> t.Iterator[None]:
        """Both claims, that of the first versions of this protocol and the one by name; only one node at a time has them."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(CLAIMS, 0o700, dir_fd=self._folder)
        claims = os.open(CLAIMS, OPEN, dir_fd=self._folder)
        try:
            hashed = f"{CLAIM}-{binascii.crc32(self._name.encode()):X}"
            with self._claim(self._folder, hashed), self._claim(claims, self._name):
                yield
        finally:
            os.close(claims)

    @contextlib.contextmanager
    def _claim(self, folder: int, name: str) -> t.Iterator[None]:
        found = look(folder, name)
        if found and age(found) >= self._timeout:
            remove(folder, name)
        try:
            descriptor = create(folder, name, 0o644)
        except FileExistsError as error:
            raise Busy from error
        try:
            _mark(descriptor, str(os.getpid()), time.time())
            yield
        finally:
            os.close(descriptor)
            remove(folder, name)

    def _remove_old(self) -> None:
        """A lock that nobody holds, with its owner file; renamed first, so that nobody else's successor is removed."""
        old = self._resolved()
        if look(self._folder, self._name) is None:
            return
        aside = f"{TEMPORARY}-{os.getpid()}-{uuid.uuid4()}"
        os.rename(self._name, aside, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        remove(self._folder, aside)
        for name in os.listdir(self._folder) if old else ():
            found = look(self._folder, name) if name.startswith(OWNER) else None
            if found and old and found.st_ino == old.st_ino:
                remove(self._folder, name)

    def _publish(self) -> None:
        owner = f"{OWNER}-{uuid.uuid4()}"
        descriptor = create(self._folder, owner, 0o644)
        try:
            _mark(descriptor, str(os.getpid()), time.time())
            try:
                self._link(owner)
            except OSError as error:
                remove(self._folder, owner)
                if error.errno == errno.EEXIST:
                    raise Busy from error
                own = self._create()
                os.close(descriptor)
                owner, descriptor = "", own
            found = self._resolved()
            if found is None or found.st_ino != os.fstat(descriptor).st_ino:
                raise Unsupported("the lock was made, but is not a name of its owner's file")
        except BaseException:
            os.close(descriptor)
            if owner:
                remove(self._folder, owner)
            raise
        self._owner, self._descriptor = owner or None, descriptor

    def _link(self, owner: str) -> None:
        if self._symlinks:
            os.symlink(os.path.join(self._directory, owner), self._name, dir_fd=self._folder)
        else:
            os.link(owner, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _create(self) -> int:
        """What the product does where it gets no link."""
        try:
            descriptor = create(self._folder, self._name, 0o644)
        except FileExistsError as error:
            raise Busy from error
        _mark(descriptor, str(os.getpid()), time.time())
        return descriptor

    def refresh(self) -> None:
        os.utime(self._descriptor, (time.time(),) * 2)

    def release(self) -> None:
        _mark(self._descriptor, RELEASED, 0)
        os.close(self._descriptor)
        if self._owner:
            remove(self._folder, self._owner)

    def state(self) -> State:
        found = self._resolved()
        if found is None or self._content() == RELEASED:  # a broken link is what a release leaves of a symbolic one
            return "gone"
        return "stale" if age(found) >= self._timeout else "live"

    def _resolved(self) -> os.stat_result | None:
        return look(self._folder, target_of(self._folder, self._directory, self._name) or self._regular())

    def _regular(self) -> str | None:
        found = look(self._folder, self._name)
        return self._name if found and not stat.S_ISLNK(found.st_mode) else None

    def _content(self) -> str:
        name = target_of(self._folder, self._directory, self._name) or self._name
        with contextlib.suppress(OSError):
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=self._folder)
            with open(descriptor, "rb") as file:
                return file.read(64).decode("ascii", "replace").strip()
        return ""

    def _sweep(self) -> None:
        """Owner files of locks that are no more; a hard link that still has its second name is a lock."""
        for name in os.listdir(self._folder):
            if name.startswith((OWNER, TEMPORARY)) and name != self._owner:
                found = look(self._folder, name)
                if found and stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and age(found) >= self._timeout:
                    remove(self._folder, name)


def _mark(descriptor: int, content: str, when: float) -> None:
    """Who holds it, and since when by this node's clock."""
    data = f"{content}\n".encode()
    os.pwrite(descriptor, data, 0)
    os.ftruncate(descriptor, len(data))
    os.utime(descriptor, (when, when))
