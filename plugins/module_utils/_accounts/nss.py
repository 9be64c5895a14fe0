# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts a node has, as NSS tells it: those of a directory service count as present."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked, words

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, User

FIELDS = {"passwd": 7, "group": 4}


def read(run: Run, users: t.Iterable[str | int] = (), groups: t.Iterable[str | int] = ()) -> Accounts:
    """All accounts NSS enumerates, and those asked for by name or number: a directory service may hide the rest."""
    return accounts(entries(run, "passwd", users), entries(run, "group", groups))


def accounts(users: t.Iterable[list[str]], groups: t.Iterable[list[str]]) -> Accounts:
    """What rows of passwd and group say; of two with one name, the first."""
    found: Accounts = {"users": {}, "groups": {}}
    for f in users:
        user: User = {"uid": int(f[2]), "gid": int(f[3]), "comment": f[4], "home": f[5], "shell": f[6]}
        found["users"].setdefault(f[0], user)
    for f in groups:
        found["groups"].setdefault(f[0], {"gid": int(f[2]), "members": [m for m in f[3].split(",") if m]})
    return found


def owners(rows: t.Iterable[list[str]]) -> dict[int, list[str]]:
    """Who has each number, of rows of passwd or group."""
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(int(row[2]), []).append(row[0])
    return found


def entries(run: Run, database: str, asked: t.Iterable[str | int], enumerated: bool = True) -> list[list[str]]:
    """The rows of passwd or group, each split into its fields: all that are enumerated, and those asked for.

    What is enumerated is not asked for again: each question has the service read its file from the start.
    """
    return _getent(run, database, [*map(str, asked)], FIELDS[database], enumerated)


def read_passwords(run: Run, names: t.Iterable[str]) -> dict[str, str]:
    """The password field of the shadow entry of each name that has one."""
    wanted = set(names)
    return {f[0]: f[1] for f in _getent(run, "shadow", (), 9) if f[0] in wanted} if wanted else {}


def read_memberships(run: Run, names: t.Iterable[str]) -> dict[str, set[int]]:
    """The gids of all groups a user is in, as a session gets them: a group of a directory may not list its members."""
    asked = sorted(names)
    out = checked(run, ["getent", "initgroups", "--", *asked]) if asked else ""
    return {row[0]: {int(gid) for gid in row[1:]} for row in map(str.split, out.splitlines()) if row}


def read_local(run: Run, database: str) -> set[str]:
    """The names in the node's own /etc/passwd or /etc/group, which its tools can change."""
    _rc, out, _err = run(["getent", "-s", "files", database])
    return {line.split(":")[0] for line in out.splitlines()}


def given_by_sssd(run: Run, database: str, names: t.Iterable[str]) -> list[list[str]]:
    """The rows SSSD gives for names, whatever stands in the node's own files; none where it does not run."""
    asked = sorted(names)
    _rc, out, _err = run(["getent", "-s", "sss", database, "--", *asked]) if asked else (0, "", "")
    return [row for row in (line.split(":") for line in out.splitlines()) if len(row) >= FIELDS[database]]


def _getent(run: Run, database: str, asked: t.Iterable[str], fields: int, enumerated: bool = True) -> list[list[str]]:
    """The rows of a database, each split into its fields. Names whose bytes are no text may look alike."""
    rows: dict[tuple[str, str], list[str]] = {}
    if enumerated:
        rows = _rows(run, ["getent", database], fields)
    known = {row[0] for row in rows.values()} | {row[2] for row in rows.values() if database != "shadow"}
    keys = sorted(key for key in asked if key not in known)
    if keys:
        rows = {**_rows(run, ["getent", database, "--", *keys], fields), **rows}
    return list(rows.values())


def _rows(run: Run, argv: list[str], fields: int) -> dict[tuple[str, str], list[str]]:
    rc, out, err = run(argv)
    if rc not in (0, 2):  # 2: one of the names does not exist
        raise Failure(f"getent {argv[1]} failed: {words(out, err)}")
    rows: dict[tuple[str, str], list[str]] = {}
    for line in out.splitlines():
        row = line.split(":")
        if len(row) >= fields:
            rows.setdefault((row[0], row[2]), row)
    return rows
