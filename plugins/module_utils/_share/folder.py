# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders in which a verify run keeps its test files on a shared directory.

`<path>/.workbench-verify-<run>.<use>/`, made by the account that uses it and open to nobody else (0700). Anybody may write
to the shared directory: a folder is opened without following a link, its owner is looked at through that descriptor, and all
that is done in it is done through the descriptor too. What another account made under such a name is neither used nor removed.
A folder outlives no run: the run removes it, else its guard does when nobody has used it for a while, else the next run.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import Report, as_user, detach

PREFIX = ".workbench-verify-"
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}\Z")
# Seconds in which a file server should have answered.
PATIENCE = 30
OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def folder(path: str, token: str, user: str | None, use: str) -> str:
    """The folder of `user` (`None`: the module's own) for a use, in a run. Who sees one cannot guess another.

    Raises `Failure` for a token that somebody may use as well.
    """
    return os.path.join(path, f"{_run(token)}.{_digest(token, os.path.normpath(path), user or '', use)}")


def _run(token: str) -> str:
    if not TOKEN.match(token):
        raise Failure("token has to be 8 to 64 letters, digits, '-' or '_', and begin with a letter or digit")
    return PREFIX + _digest(token)


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


@contextlib.contextmanager
def made(name: str) -> t.Iterator[tuple[int, bool]]:
    """An open folder, and whether it was not there. In a child (umask 0). `OSError` when it cannot be made."""
    new = True
    try:
        os.mkdir(name, 0o700)
    except FileExistsError:
        new = False
    with opened(name) as descriptor:
        yield descriptor, new


@contextlib.contextmanager
def opened(name: str) -> t.Iterator[int]:
    """The descriptor of a folder that is there. `Failure` when it is another account's, or none."""
    try:
        descriptor = os.open(name, OPEN)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise Failure(f"{name} is not a directory, and not of this run") from None
        raise
    try:
        _prove_own(descriptor, name)
        yield descriptor
    finally:
        os.close(descriptor)


def _prove_own(descriptor: int, name: str) -> None:
    found = os.fstat(descriptor)
    if found.st_uid == os.geteuid() and not found.st_mode & 0o077:
        return
    own = _as_stored(os.path.dirname(name))
    if own is None or found.st_uid != own.st_uid:
        raise Failure(f"{name} belongs to user {found.st_uid}, and was not made by this run")
    if found.st_mode & ~own.st_mode & 0o077:
        raise Failure(f"{name} is open to others (mode {found.st_mode & 0o7777:04o}), and was not made by this run")


def _as_stored(path: str) -> os.stat_result | None:
    """What a file server makes of a new private file: it may turn one account into another, or keep no modes."""
    probe = os.path.join(path, PREFIX + secrets.token_hex(16))
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(probe)


def touch(descriptor: int) -> float:
    """Sign of use; returns the file server's time, seconds since 1970."""
    os.utime(descriptor)
    return os.fstat(descriptor).st_mtime


def write(descriptor: int, name: str, content: str) -> os.stat_result:
    """Write a new file with mode 0600 into a folder and return what the file server made of it; an old one is replaced."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=descriptor)
    # Made with another mode, so that it shows whether chmod works.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file_descriptor = os.open(name, flags, 0o644, dir_fd=descriptor)
    with os.fdopen(file_descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file_descriptor)
        os.fchmod(file_descriptor, 0o600)
        return os.fstat(file_descriptor)


def guard(folders: t.Sequence[str], ttl: float) -> None:
    """Start a process that removes `folders` once nobody has used them for `ttl` seconds; it ends when they are gone."""

    def watch(report: Report[int]) -> None:
        report(os.getpid())
        used: dict[str, int] = {}
        until = dict.fromkeys(folders, time.monotonic() + ttl)
        while until:
            for name in list(until):
                try:
                    seen = _fresh_mtime(name)
                except OSError:
                    del until[name]
                    continue
                if used.setdefault(name, seen) != seen:
                    used[name], until[name] = seen, time.monotonic() + ttl
                elif time.monotonic() >= until[name]:
                    remove(name)
                    del until[name]
            time.sleep(0.5)

    if folders:
        detach(watch, PATIENCE)


def remove(name: str) -> None:
    """Remove a folder of this account; another's stays. NFS keeps a removed file that is open for a moment, so try again."""
    for _attempt in range(5):
        try:
            with opened(name) as descriptor:
                _empty(descriptor)
            os.rmdir(name)
        except (FileNotFoundError, PermissionError, Failure):  # trying again makes no folder this account's
            return
        except OSError:
            time.sleep(0.1)
        else:
            return


def _empty(descriptor: int) -> None:
    for name in os.listdir(descriptor):
        try:
            os.unlink(name, dir_fd=descriptor)
        except IsADirectoryError:
            inner = os.open(name, OPEN, dir_fd=descriptor)
            try:
                _empty(inner)
            finally:
                os.close(inner)
            os.rmdir(name, dir_fd=descriptor)
        except FileNotFoundError:
            continue


def clean(path: str, token: str, users: t.Sequence[str | None], ttl: float) -> list[str]:
    """Remove this run's folders and those nobody has used for `ttl` seconds, as each of `users`; what is left over.

    Each account removes its own: a file server may let nobody else. What a stranger made under such a name is left, and told
    with its owner. Raises `Failure` when the file server does not answer.
    """
    run = _run(token)
    doomed: set[str] = set()
    # All before the first is removed, for removing half of a folder is a sign of use.
    for user in users:
        doomed.update(as_user(user, lambda: _unused(path, run, ttl), PATIENCE))

    def work() -> list[str]:
        for name in doomed:
            remove(name)
        return [f"{name} (of user {uid})" for name in sorted(doomed) for uid in _owners(name)]

    left: list[str] = []
    for user in users:
        left = as_user(user, work, PATIENCE)
    return left


def _unused(path: str, run: str, ttl: float) -> list[str]:
    """Folders of this run, and of others that nobody has used, by the file server's clock."""
    try:
        names = [name for name in os.listdir(path) if name.startswith(PREFIX)]
    except PermissionError:  # as below
        return []
    doomed = [name for name in names if name.startswith(f"{run}.")]
    others = [name for name in names if name not in doomed]
    if others:
        own = os.path.join(path, PREFIX + secrets.token_hex(16))
        try:
            with made(own) as (descriptor, _new):
                now = touch(descriptor)
            doomed += [name for name in others if now - _mtime(os.path.join(path, name)) > ttl]
        except OSError:  # not writable for this user, who then owns nothing there either
            pass
        finally:
            remove(own)
    return [os.path.join(path, name) for name in doomed]


def _owners(name: str) -> list[int]:
    try:
        return [os.lstat(name).st_uid]
    except FileNotFoundError:
        return []


def _mtime(name: str) -> float:
    try:
        return os.lstat(name).st_mtime
    except FileNotFoundError:
        return float("inf")


def _fresh_mtime(name: str) -> int:
    """NFS asks the server again when a directory is opened (close-to-open consistency), not when it is looked at."""
    descriptor = os.open(name, OPEN)
    try:
        return os.fstat(descriptor).st_mtime_ns
    finally:
        os.close(descriptor)
