# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make and change a node's own accounts, and prove that it was done.

Accounts are made by systemd-sysusers, one call for all groups, users and memberships; it makes no homes and sets no
passwords. (newusers runs each password through PAM, in clear text, and makes homes.) Names that systemd-sysusers
refuses, "jane.doe", go to groupadd and useradd.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts import nss
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.changes import Changes
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.rules import SYSUSERS_NAME
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked


def apply(run: Run, changes: Changes) -> None:
    """Make what is missing, then change what is there, passwords last."""
    if changes.groups or changes.users or changes.members:
        create(run, changes.groups, changes.users, changes.members)
    for name, differing in changes.modify.items():
        modify(run, name, differing)
    if changes.passwords:
        set_passwords(run, changes.passwords)


def prove(run: Run, changes: Changes) -> None:
    """Read back what was made: the tools may take a free id in place of a wanted one."""
    after = nss.read(run, [user["name"] for user in changes.users], [group["name"] for group in changes.groups])
    for group in changes.groups:
        found = after["groups"].get(group["name"])
        if found is None or found["gid"] != group["gid"]:
            raise Failure(f"group {group['name']} was made without its gid {group['gid']}")
    for user in changes.users:
        made = after["users"].get(user["name"])
        if made is None or (made["uid"], made["gid"]) != (user["uid"], user["gid"]):
            raise Failure(f"user {user['name']} was made without its uid {user['uid']} and gid {user['gid']}")
    memberships = nss.read_memberships(run, {user for user, _group in changes.members})
    gids = nss.read(run, groups=[group for _user, group in changes.members])["groups"]
    for member, name in changes.members:
        if name not in gids or gids[name]["gid"] not in memberships.get(member, ()):
            raise Failure(f"user {member} was added to group {name}, but is not in it")


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
            checked(run, ["groupadd", "-g", str(g["gid"]), g["name"]])
    if batch:
        checked(run, ["systemd-sysusers", "-"], "\n".join(batch))
    for u in users:
        if not SYSUSERS_NAME.match(u["name"]):
            ids = ["-u", str(u["uid"]), "-g", str(u["gid"])]
            fields = ["-c", u["comment"], "-d", u["home"], "-s", u["shell"]]
            checked(run, ["useradd", "-M", "-N", *ids, *fields, u["name"]])
    for user, group in members:
        if not (SYSUSERS_NAME.match(user) and SYSUSERS_NAME.match(group)):
            checked(run, ["gpasswd", "-a", user, group])


def modify(run: Run, name: str, changes: dict[str, str]) -> None:
    """Set comment, home or shell of a user."""
    flags = {"comment": "-c", "home": "-d", "shell": "-s"}
    checked(run, ["usermod", *[word for key, value in changes.items() for word in (flags[key], value)], name])


def set_passwords(run: Run, hashes: dict[str, str]) -> None:
    """Set password hashes, `!` before those that are locked; `-e` keeps PAM out, stdin keeps them out of argv."""
    checked(run, ["chpasswd", "-e"], "\n".join(f"{name}:{value}" for name, value in hashes.items()))


def _quoted(text: str) -> str:
    """A field of a sysusers.d(5) line: a C-style string in which `%` starts a specifier."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if text else "-"
