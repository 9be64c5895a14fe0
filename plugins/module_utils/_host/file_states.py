# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and directories as they are, by digests that tell nothing to who has not the key of the run."""

from __future__ import annotations

import functools
import grp
import itertools
import os
import pwd
import stat
import threading
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest_of, sense
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import FOUND, shown
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import MANAGED

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DirectoryState, FileState, Owned

# Bytes of a file that is more than a digest; no file of a configuration is longer.
LARGEST = 1 << 20
PART = 1 << 16
# Seconds for all files, of which one may lie on a file server.
PATIENCE = 10.0

T = t.TypeVar("T")


def read_files(
    key: str, files: t.Sequence[str], secret_files: t.Sequence[str] = (), contents: bool = False
) -> dict[str, FileState | None]:
    """Each file by its path, where a link leads; with `contents` its text as a diff may show it: of secrets fingerprints.

    Where the product's grammar is sure a file that is no secret comes with its text always, so that a plan can name options.
    Raises `Failure` when a file server does not answer.
    """
    hidden = set(secret_files)
    paths = list(dict.fromkeys([*files, *secret_files]))
    return _patiently(lambda: {path: _file(key, path, contents, path in hidden) for path in paths})


def read_directories(paths: t.Sequence[str]) -> dict[str, DirectoryState | None]:
    """Owner, group and mode of each; `None` where no directory is. Raises `Failure` as `read_files` does."""
    return _patiently(lambda: {path: owned(os.stat(path)) if os.path.isdir(path) else None for path in paths})


def _patiently(read: t.Callable[[], dict[str, T]]) -> dict[str, T]:
    """What `read` returns. A thread will do, which costs less than a child: all it may wait for is a file."""
    answers: list[dict[str, T]] = []
    errors: list[Exception] = []

    def answer() -> None:
        try:
            answers.append(read())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if errors:
        raise errors[0]
    if not answers:
        raise Failure(f"no answer within {PATIENCE:g} seconds: a file server may be silent")
    return answers[0]


def _file(key: str, path: str, with_text: bool, secret: bool) -> FileState | None:
    if not os.path.lexists(path):
        return None
    place = os.path.realpath(path)
    try:
        if not stat.S_ISREG(os.stat(place).st_mode):
            return _unread(path, place)
        with open(place, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            content = file.read(LARGEST)
            more = iter(functools.partial(file.read, PART), b"")
            made = digest_of(key, itertools.chain([content], more))
            whole = file.tell() == len(content)
    except OSError:
        return _unread(path, place)
    meant = sense(key, os.path.basename(path), content) if whole else None
    told = whole and (with_text or (meant is not None and not secret))
    return {
        **owned(status),
        "digest": made,
        "sense": meant,
        "age": time.time() - status.st_mtime,
        "ours": content.startswith(MANAGED.encode()),
        "kept": os.path.lexists(f"{place}{FOUND}"),
        "content": shown(content, secret) if told else None,
    }


def _unread(path: str, place: str) -> FileState:
    """What is no file that can be read: a directory, or a link that leads nowhere."""
    status = os.lstat(path)
    kept = os.path.lexists(f"{place}{FOUND}")
    unknown: FileState = {
        **owned(status),
        "digest": "",
        "sense": None,
        "age": time.time() - status.st_mtime,
        "ours": False,
        "kept": kept,
        "content": None,
    }
    return unknown


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def owned(status: os.stat_result) -> Owned:
    """Who a file or directory belongs to."""
    return {
        "owner": _name(pwd.getpwuid, status.st_uid),
        "group": _name(grp.getgrgid, status.st_gid),
        "uid": status.st_uid,
        "gid": status.st_gid,
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
    }


@functools.lru_cache(maxsize=None)
def _name(lookup: t.Callable[[int], t.Any], number: int) -> str:
    """The name behind a number, or the number of nobody."""
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)
