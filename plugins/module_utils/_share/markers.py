# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of each node on the share, in a folder of its own, for the others to read."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import re
import stat
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, sentence
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import as_user
from ansible_collections.workbench.cluster.plugins.module_utils._share import acls
from ansible_collections.workbench.cluster.plugins.module_utils._share import folder as share

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Granted, Kept, SeenMarker, ShareTest

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,200}\Z")


class Marker(t.NamedTuple):
    """Names the marker of a member (its name in the inventory) in a run."""

    token: str
    member: str

    def folder(self, path: str, user: str | None) -> str:
        if not NAME.match(self.member):
            raise Failure(f"{self.member} cannot be the name of a file")
        return share.folder(path, self.token, user, f"node {self.member}")

    def name(self) -> str:
        return f"node-{self.member}"

    def shared_name(self) -> str:
        """A second file, for an access control list shows in a file's mode."""
        return f"shared-{self.member}"

    def content(self) -> str:
        return f"{self.token} {self.member}\n"


class Written(t.TypedDict):
    """What one account's file became. `made`: its folder is there; `errno` is that of `error`."""

    made: bool
    uid: int | None
    mode: str | None
    errno: int | None
    error: str | None
    lists: Kept


def write_marker(path: str, marker: Marker, user: str | None, ttl: float) -> ShareTest:
    """Write a file as root and, where given, as `user`, and tell what the file server made of it. The user's stays.

    `root_squashed` is `None` when it does not show: the file system is full or read-only, or this process is not root's.
    """
    tests: dict[str | None, Written] = {}
    for account in [None] if user is None else [None, user]:
        folder = marker.folder(path, account)
        try:
            answer = as_user(account, functools.partial(_write, folder, marker), share.PATIENCE)
        except Failure as failure:
            answer = {"made": False, "uid": None, "mode": None, "errno": None, "error": str(failure), "lists": {}}
        tests[account] = answer
        if account != user:
            if answer["made"]:
                as_user(account, functools.partial(share.remove, folder), share.PATIENCE)
        elif answer["made"]:
            as_user(account, functools.partial(share.guard, [folder], ttl), share.PATIENCE)
    root, kept = tests[None], tests[user]
    squashed = None
    if os.geteuid() == 0 and (root["error"] is None or root["errno"] in (errno.EACCES, errno.EPERM)):
        squashed = root["uid"] != 0
    return {
        "written": kept["error"] is None,
        "chmod_kept": None if kept["error"] else kept["mode"] == "0600",
        "root_squashed": squashed,
        "error": kept["error"],
        **kept["lists"],
    }


def _write(folder: str, marker: Marker) -> Written:
    made = False
    try:
        with share.made(folder) as (descriptor, made):
            found = share.write(descriptor, marker.name(), marker.content())
            said = _said(descriptor, marker.name())[1]
            lists = _grant(descriptor, marker)
    except OSError as error:
        return {"made": made, "uid": None, "mode": None, "errno": error.errno, "error": sentence(error), "lists": {}}
    wrong = None if said == marker.content() else f"{folder}/{marker.name()} does not say what was written"
    mode = f"{found.st_mode & 0o7777:04o}"
    return {"made": made, "uid": found.st_uid, "mode": mode, "errno": None, "error": wrong, "lists": lists}


def _grant(descriptor: int, marker: Marker) -> Kept:
    """Have a second file read by one more account."""
    share.write(descriptor, marker.shared_name(), "")
    file = os.open(marker.shared_name(), os.O_RDONLY | os.O_NOFOLLOW, dir_fd=descriptor)
    try:
        kept, error = acls.grant(file)
    finally:
        os.close(file)
    return {"acls": kept, "acl_error": error}


def _granted(descriptor: int, marker: Marker) -> Granted:
    """What that file says here; nothing where there is none."""
    try:
        file = os.open(marker.shared_name(), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
    except OSError:
        return {"acls": []}
    try:
        return {"acls": acls.granted(file)}
    finally:
        os.close(file)


def look_for(path: str, markers: t.Sequence[Marker], user: str | None, timeout: float) -> dict[str, SeenMarker]:
    """Look for the marker of each member, again and again until all are there or `timeout` is over.

    By member. All of them were written before this is called."""
    by_member = {marker.member: (marker.folder(path, user), marker) for marker in markers}

    def work() -> dict[str, SeenMarker]:
        seen: dict[str, SeenMarker] = {}
        started = time.monotonic()
        while True:
            for member in by_member.keys() - {name for name, one in seen.items() if one["delay"] is not None}:
                seen[member] = _read(*by_member[member], started)
            if all(one["delay"] is not None for one in seen.values()) or time.monotonic() - started >= timeout:
                return seen
            time.sleep(0.1)

    try:
        return as_user(user, work, timeout + share.PATIENCE)
    except Failure as failure:
        return {member: {"delay": None, "mode": None, "uid": None, "error": str(failure)} for member in by_member}


def _read(folder: str, marker: Marker, started: float) -> SeenMarker:
    try:
        descriptor = os.open(folder, share.OPEN)
        try:
            found, said = _said(descriptor, marker.name())
            if said == marker.content():  # which a stranger does not know
                with contextlib.suppress(OSError):
                    share.touch(descriptor)
            lists = _granted(descriptor, marker)
        finally:
            os.close(descriptor)
    except OSError as error:
        return {"delay": None, "mode": None, "uid": None, "error": sentence(error)}
    mode = f"{found.st_mode & 0o7777:04o}"
    if said != marker.content():
        wrong = f"{folder}/{marker.name()} does not say what was written"
        return {"delay": None, "mode": mode, "uid": found.st_uid, "error": wrong}
    delay = round(time.monotonic() - started, 3)
    return {"delay": delay, "mode": mode, "uid": found.st_uid, "error": None, **lists}


def _said(descriptor: int, name: str) -> tuple[os.stat_result, str]:
    """A file of a folder, and what it says; nothing when it is no file, or larger than any marker."""
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
    with open(opened, "rb") as file:
        found = os.fstat(opened)
        content = file.read(4096) if stat.S_ISREG(found.st_mode) and found.st_size < 4096 else b""
    return found, content.decode("utf-8", "replace")
