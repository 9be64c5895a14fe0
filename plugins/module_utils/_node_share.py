# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder in which a verify run keeps its test files on a shared directory. **PRIVATE** to the collection.

`<path>/.workbench-verify-<token>/`: everybody may write there and nobody may remove what is another's (1777), because
a file server may turn root into somebody else. A folder outlives no run: the run removes it, else its guard does when
nobody has used it for a while, else the next run.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._node_child import Report, as_user, detach
from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure

PREFIX = ".workbench-verify-"
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}\Z")
# Seconds in which a file server should have answered.
PATIENCE = 30


def folder(path: str, token: str) -> str:
    """Raises `Failure` for a token that could name another directory, or one that somebody may use as well."""
    if not TOKEN.match(token):
        raise Failure("token has to be 8 to 64 letters, digits, '-' or '_', and begin with a letter or digit")
    return os.path.join(path, PREFIX + token)


def make(name: str) -> bool:
    """Make the folder, in a child (umask 0); whether it was not there. `OSError` when it cannot be made."""
    try:
        os.mkdir(name, 0o1777)
    except FileExistsError:
        if not stat.S_ISDIR(os.lstat(name).st_mode):
            raise Failure(f"{name} is not a directory") from None
        touch(name)
        return False
    return True


def touch(name: str) -> float:
    """Sign of use; returns the file server's time, seconds since 1970. `OSError` when the folder is gone."""
    os.utime(name)
    return os.stat(name).st_mtime


def write(name: str, content: str) -> os.stat_result:
    """Write a new file with mode 0600 and return what the file server made of it; an old one is replaced."""
    if os.path.lexists(name):
        os.unlink(name)
    # Made with another mode, so that it shows whether chmod works.
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
        os.fchmod(descriptor, 0o600)
        return os.fstat(descriptor)


def guard(folders: t.Sequence[str], ttl: float) -> None:
    """Start a process that removes `folders` once nobody has used them for `ttl` seconds; it ends when they are gone."""

    def watch(report: Report) -> None:
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
    """Remove what this user may; NFS keeps a removed file that is still open for a moment, so try again."""
    for _attempt in range(5):
        shutil.rmtree(name, ignore_errors=True)
        if not os.path.lexists(name):
            return
        time.sleep(0.1)


def clean(path: str, token: str, users: t.Sequence[str | None], ttl: float) -> list[str]:
    """Remove this run's folder and those nobody has used for `ttl` seconds, as each of `users`; what is left over.

    A file server may let only the user, or only root, remove a file. Raises `Failure` when it does not answer.
    """
    mine = folder(path, token)
    doomed = {mine}
    # All before the first is removed, for removing half of a folder is a sign of use.
    for user in users:
        doomed.update(as_user(user, lambda: _unused(path, mine, ttl), PATIENCE))

    def work() -> list[str]:
        for name in doomed:
            remove(name)
        return sorted(name for name in doomed if os.path.lexists(name))

    left: list[str] = []
    for user in users:
        left = as_user(user, work, PATIENCE)
    return left


def _unused(path: str, mine: str, ttl: float) -> list[str]:
    """Folders of other runs that nobody has used, by the file server's clock."""
    names = [os.path.join(path, name) for name in os.listdir(path) if name.startswith(PREFIX)]
    others = [name for name in names if name != mine]
    if not others:
        return []
    try:
        make(mine)
        now = touch(mine)
    except OSError:  # not writable for this user, who then owns nothing there either
        return []
    return [name for name in others if now - _mtime(name) > ttl]


def _mtime(name: str) -> float:
    try:
        return os.lstat(name).st_mtime
    except FileNotFoundError:
        return float("inf")


def _fresh_mtime(name: str) -> int:
    """NFS asks the server again when a directory is opened (close-to-open consistency), not when it is looked at."""
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        return os.fstat(descriptor).st_mtime_ns
    finally:
        os.close(descriptor)
