# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and create local accounts. **PRIVATE** to the collection.

`read` asks NSS, so accounts of a directory service count as present. Accounts are made by systemd-sysusers, one call
for all groups, users and memberships; it makes no homes and sets no passwords. (newusers runs each password through
PAM, in clear text, and makes homes.) Names that systemd-sysusers refuses, "jane.doe", go to groupadd and useradd.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure, Run, words

# What useradd of both families takes; a trailing $ (Samba machine accounts) has no use here.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}\Z")
SYSUSERS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,30}\Z")


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


def read(run: Run, users: t.Iterable[str] = (), groups: t.Iterable[str] = ()) -> Accounts:
    """All accounts NSS enumerates, and those asked for by name: a directory service may hide the rest."""
    return {
        "users": {
            f[0]: {"uid": int(f[2]), "gid": int(f[3]), "comment": f[4], "home": f[5], "shell": f[6]}
            for f in _getent(run, "passwd", users, 7)
        },
        "groups": {
            f[0]: {"gid": int(f[2]), "members": [m for m in f[3].split(",") if m]}
            for f in _getent(run, "group", groups, 4)
        },
    }


def read_passwords(run: Run, names: t.Iterable[str]) -> dict[str, str]:
    """The password field of the shadow entry of each name that has one."""
    wanted = set(names)
    return {f[0]: f[1] for f in _getent(run, "shadow", (), 9) if f[0] in wanted} if wanted else {}


def _getent(run: Run, database: str, names: t.Iterable[str], fields: int) -> list[list[str]]:
    """The rows of a database, each split into its fields."""
    rows: dict[str, list[str]] = {}
    asked = sorted(names)
    calls = [["getent", database]] + ([["getent", database, "--", *asked]] if asked else [])
    for argv in calls:
        rc, out, err = run(argv)
        if rc not in (0, 2):  # 2: one of the names does not exist
            raise Failure(f"getent {database} failed: {words(out, err)}")
        for line in out.splitlines():
            row = line.split(":")
            if len(row) >= fields:
                rows.setdefault(row[0], row)
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
    """Set password hashes; `-e` keeps PAM out, stdin keeps them out of argv."""
    _checked(run, ["chpasswd", "-e"], "\n".join(f"{name}:{value}" for name, value in hashes.items()))


def _checked(run: Run, argv: list[str], data: str | None = None) -> None:
    rc, out, err = run(argv, data=data)
    if rc != 0:
        raise Failure(f"{argv[0]} failed: {words(out, err)}")


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
