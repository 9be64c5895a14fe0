# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node's accounts lack. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.local import Accounts, User
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.rules import NAME, field_problems


@dataclasses.dataclass
class Changes:
    """What to do, or, in `errors`, why nothing is done."""

    groups: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    users: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    members: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    modify: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    passwords: dict[str, str] = dataclasses.field(default_factory=dict)
    errors: list[str] = dataclasses.field(default_factory=list)

    def changed_users(self, present: Accounts) -> list[str]:
        """Users that were there and change, in comment, home, shell, password or groups."""
        touched = [*self.modify, *self.passwords, *(user for user, _group in self.members)]
        return sorted({name for name in touched if name in present["users"]})

    def changed_groups(self, present: Accounts) -> list[str]:
        """Groups that were there and get members."""
        return sorted({group for _user, group in self.members if group in present["groups"]})


@dataclasses.dataclass
class Present:
    """What a node has: `uids` and `gids` by their owners, shadow's `passwords`, gids of each user, and what is in /etc."""

    accounts: Accounts
    uids: t.Mapping[int, t.Sequence[str]]
    gids: t.Mapping[int, t.Sequence[str]]
    passwords: t.Mapping[str, str]
    memberships: t.Mapping[str, t.Container[int]]
    local_users: t.Container[str]
    local_groups: t.Container[str]


def changes(
    node: Present, users: t.Sequence[t.Mapping[str, t.Any]], groups: t.Sequence[t.Mapping[str, t.Any]]
) -> Changes:
    """Compare wanted `users` and `groups` (options of the `accounts` module) with what is present."""
    result = Changes()
    present = node.accounts
    gids = {name: group["gid"] for name, group in present["groups"].items()}
    by_gid = {gid: names[0] for gid, names in node.gids.items()}
    by_uid = {uid: names[0] for uid, names in node.uids.items()}
    invalid = [entry["name"] for entry in (*groups, *users) if not NAME.match(entry["name"])]
    if invalid:
        return Changes(errors=[f"'{name}' is not a valid name." for name in invalid])
    for group in groups:
        name, gid = group["name"], group["gid"]
        if name in present["groups"]:
            if gids[name] != gid:
                result.errors.append(
                    f"group {name} has gid {gids[name]}, wanted {gid}: the gid of an existing group is never changed."
                )
        elif by_gid.get(gid, name) != name:
            result.errors.append(f"gid {gid}, wanted for group {name}, belongs to group {by_gid[gid]}.")
        else:
            result.groups.append({"name": name, "gid": gid})
            gids[name], by_gid[gid] = gid, name
    for user in users:
        unknown = [g for g in (user["group"] or user["name"], *user["groups"]) if g not in gids]
        if unknown:
            result.errors.append(f"user {user['name']}: group {', '.join(unknown)} is neither wanted nor present.")
            continue
        _user(result, present["users"].get(user["name"]), user, gids, by_uid)
        for group_name in user["groups"]:
            _membership(result, node, user["name"], group_name)
        password = shadow_field(node.passwords.get(user["name"]), user["password"], user["locked"])
        if password is not None:
            result.passwords[user["name"]] = password
        _directory_user(result, node, user["name"])
    return result


def shadow_field(current: str | None, password: str | None, locked: bool | None) -> str | None:
    """What shadow's password field is to become; `None` where it stays.

    `!` before a password locks it (usermod --lock). It stays there unless `locked` says otherwise. A field without a
    password, as a new account has it, is not locked by anybody.
    """
    bare = (current or "").lstrip("!")
    has_password = bare not in ("", "*")
    wanted = password if password is not None else bare if has_password else None
    if wanted is None:
        return None
    if locked is None:
        locked = has_password and (current or "").startswith("!")
    field = f"!{wanted}" if locked else wanted
    return None if field == current else field


def _membership(result: Changes, node: Present, user: str, group: str) -> None:
    there = node.accounts["groups"].get(group)
    if there is None:
        result.members.append((user, group))
    elif user not in there["members"] and there["gid"] not in node.memberships.get(user, ()):
        if group in node.local_groups:
            result.members.append((user, group))
        else:
            result.errors.append(
                f"user {user} is not in group {group}, which a directory service has: the node cannot add it. "
                "Add it there, or leave the group out."
            )


def _directory_user(result: Changes, node: Present, name: str) -> None:
    """What the node's tools would refuse, or claim to have done."""
    fields = [*result.modify.get(name, ()), *(["password"] if name in result.passwords else [])]
    if fields and name in node.accounts["users"] and name not in node.local_users:
        result.errors.append(
            f"user {name} comes from a directory service: the node cannot change its {', '.join(fields)}. "
            "Change it there, or leave it out."
        )


def _user(
    result: Changes, there: User | None, user: t.Mapping[str, t.Any], gids: dict[str, int], by_uid: dict[int, str]
) -> None:
    name, uid, group = user["name"], user["uid"], user["group"] or user["name"]
    result.errors += field_problems(user)
    if there is not None:
        if there["uid"] != uid:
            result.errors.append(
                f"user {name} has uid {there['uid']}, wanted {uid}: the uid of an existing user is never changed."
            )
        if there["gid"] != gids[group]:
            result.errors.append(
                f"user {name} has primary gid {there['gid']}, wanted {gids[group]} ({group}): "
                "the gid of an existing user is never changed."
            )
        current: dict[str, str] = {"comment": there["comment"], "home": there["home"], "shell": there["shell"]}
        differing = {key: user[key] for key, value in current.items() if user[key] is not None and user[key] != value}
        if differing:
            result.modify[name] = differing
    elif by_uid.get(uid, name) != name:
        result.errors.append(f"uid {uid}, wanted for user {name}, belongs to user {by_uid[uid]}.")
    else:
        by_uid[uid] = name
        result.users.append(
            {
                "name": name,
                "uid": uid,
                "gid": gids[group],
                "comment": user["comment"] or "",
                "home": user["home"] or f"/home/{name}",
                "shell": user["shell"] or ("/bin/sh" if user["system"] else "/bin/bash"),
            }
        )
