# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and create local accounts.

`read` asks NSS, so accounts of a directory service count as present. Accounts are made by systemd-sysusers, one call
for all groups, users and memberships; it makes no homes and sets no passwords. (newusers runs each password through
PAM, in clear text, and makes homes.) Names that systemd-sysusers refuses, "jane.doe", go to groupadd and useradd.
"""

from __future__ import annotations

import os
import shutil
import stat
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.rules import SYSUSERS_NAME
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words


class User(t.TypedDict):
    uid: int
    gid: int
    comment: str
    home: str
    shell: str


class Group(t.TypedDict):
    gid: int
    members: list[str]


class Accounts(t.TypedDict):
    users: dict[str, User]
    groups: dict[str, Group]


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
    """The rows of passwd or group, each split into its fields: all that are enumerated, and those asked for."""
    return _getent(run, database, [*map(str, asked)], {"passwd": 7, "group": 4}[database], enumerated)


def read_passwords(run: Run, names: t.Iterable[str]) -> dict[str, str]:
    """The password field of the shadow entry of each name that has one."""
    wanted = set(names)
    return {f[0]: f[1] for f in _getent(run, "shadow", (), 9) if f[0] in wanted} if wanted else {}


def read_memberships(run: Run, names: t.Iterable[str]) -> dict[str, set[int]]:
    """The gids of all groups a user is in, as a session gets them: a group of a directory may not list its members."""
    asked = sorted(names)
    out = _checked(run, ["getent", "initgroups", "--", *asked]) if asked else ""
    return {row[0]: {int(gid) for gid in row[1:]} for row in map(str.split, out.splitlines()) if row}


def read_local(run: Run, database: str, names: t.Iterable[str]) -> set[str]:
    """Those of `names` that stand in the node's own /etc/passwd or /etc/group, which its tools can change."""
    asked = sorted(names)
    if not asked:
        return set()
    _rc, out, _err = run(["getent", "-s", "files", database, "--", *asked])
    return {line.split(":")[0] for line in out.splitlines()}


def _getent(run: Run, database: str, asked: t.Iterable[str], fields: int, enumerated: bool = True) -> list[list[str]]:
    """The rows of a database, each split into its fields. Names whose bytes are no text may look alike."""
    rows: dict[tuple[str, str], list[str]] = {}
    keys = sorted(asked)
    calls = ([["getent", database]] if enumerated else []) + ([["getent", database, "--", *keys]] if keys else [])
    for argv in calls:
        rc, out, err = run(argv)
        if rc not in (0, 2):  # 2: one of the names does not exist
            raise Failure(f"getent {database} failed: {words(out, err)}")
        for line in out.splitlines():
            row = line.split(":")
            if len(row) >= fields:
                rows.setdefault((row[0], row[2]), row)
    return list(rows.values())


def create(
    run: Run, groups: list[dict[str, t.Any]], users: list[dict[str, t.Any]], members: list[tuple[str, str]]
) -> None:
    """Make groups `{name, gid}`, users `{name, uid, gid, comment, home, shell}` and memberships `(user, group)`.

    Their passwords are locked.
    """
    batch = [f"g {g['name']} {g['gid']}" for g in groups if SYSUSERS_NAME.match(g["name"])]
    batch += [
        f"u {u['name']} {u['uid']}:{u['gid']} {_quoted(u['comment'])} {_quoted(u['home'])} {_quoted(u['shell'])}"
        for u in users
        if SYSUSERS_NAME.match(u["name"])
    ]
    batch += [
        f"m {user} {group}" for user, group in members if SYSUSERS_NAME.match(user) and SYSUSERS_NAME.match(group)
    ]
    for g in groups:
        if not SYSUSERS_NAME.match(g["name"]):
            _checked(run, ["groupadd", "-g", str(g["gid"]), g["name"]])
    if batch:
        _checked(run, ["systemd-sysusers", "-"], "\n".join(batch))
    for u in users:
        if not SYSUSERS_NAME.match(u["name"]):
            ids = ["-u", str(u["uid"]), "-g", str(u["gid"])]
            fields = ["-c", u["comment"], "-d", u["home"], "-s", u["shell"]]
            _checked(run, ["useradd", "-M", "-N", *ids, *fields, u["name"]])
    for user, group in members:
        if not (SYSUSERS_NAME.match(user) and SYSUSERS_NAME.match(group)):
            _checked(run, ["gpasswd", "-a", user, group])


def modify(run: Run, name: str, changes: dict[str, str]) -> None:
    """Set comment, home or shell of a user."""
    flags = {"comment": "-c", "home": "-d", "shell": "-s"}
    _checked(run, ["usermod", *[word for key, value in changes.items() for word in (flags[key], value)], name])


def set_passwords(run: Run, hashes: dict[str, str]) -> None:
    """Set password hashes, `!` before those that are locked; `-e` keeps PAM out, stdin keeps them out of argv."""
    _checked(run, ["chpasswd", "-e"], "\n".join(f"{name}:{value}" for name, value in hashes.items()))


def _checked(run: Run, argv: list[str], data: str | None = None) -> str:
    rc, out, err = run(argv, data=data)
    if rc != 0:
        raise Failure(f"{argv[0]} failed: {words(out, err)}")
    return out


def _quoted(text: str) -> str:
    """A field of a sysusers.d(5) line: a C-style string in which `%` starts a specifier."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if text else "-"


def home_owner(home: str) -> int | None:
    """uid of the owner of a home directory, `None` where there is none yet."""
    try:
        found = os.stat(home)
    except FileNotFoundError:
        return None
    if not stat.S_ISDIR(found.st_mode):
        raise Failure(f"{home} is to be a home directory, but is a file")
    return found.st_uid


def create_home(home: str, uid: int, gid: int, mode: int, skeleton: str) -> None:
    """Make a home beside its place and rename it, so that it appears whole. Owners are numbers: no account needed."""
    draft = os.path.join(os.path.dirname(home), f".{os.path.basename(home)}.new")
    if os.path.lexists(draft):
        shutil.rmtree(draft)  # left by an interrupted run
    os.mkdir(draft, 0o700)
    if os.path.isdir(skeleton):
        shutil.copytree(skeleton, draft, symlinks=True, dirs_exist_ok=True)
    for folder, folders, files in os.walk(draft):
        for name in folders + files:
            os.lchown(os.path.join(folder, name), uid, gid)
    os.chown(draft, uid, gid)
    os.chmod(draft, mode)
    os.rename(draft, home)
