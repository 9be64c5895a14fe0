# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node's accounts lack, and what stands against it. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.present import Present, Wanted
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.rules import NAME, field_problems
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, Shadow, User


@dataclasses.dataclass
class Changes:
    """What to do.

    `groups` `{name, gid}` and `users` `{name, uid, gid, comment, home, shell}` are made, `members` are `(user, group)`,
    `modify` has fields of users that are there, and `passwords` fields of shadow, secret.
    """

    groups: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    users: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    members: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    modify: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    passwords: dict[str, str] = dataclasses.field(default_factory=dict)

    def summary(self, present: Accounts) -> dict[str, list[str]]:
        """`{created_users, changed_users, created_groups, changed_groups}`; changed are those that were there."""
        touched = {*self.modify, *self.passwords, *(user for user, _group in self.members)}
        return {
            "created_users": [user["name"] for user in self.users],
            "changed_users": sorted(touched & present["users"].keys()),
            "created_groups": [group["name"] for group in self.groups],
            "changed_groups": sorted({group for _user, group in self.members} & present["groups"].keys()),
        }


def lines(summary: t.Mapping[str, t.Sequence[str]]) -> str:
    """What a diff shows of a summary."""
    return "".join(f"{key.replace('_', ' ')}: {', '.join(names)}\n" for key, names in summary.items() if names)


def plan(present: Present, users: t.Sequence[Wanted], groups: t.Sequence[Wanted]) -> Changes:
    """What `present` lacks of the wanted `users` and `groups`, options of the module `accounts`.

    Raises `Failure` with all that stands against it, a sentence each.
    """
    invalid = [entry["name"] for entry in (*groups, *users) if not NAME.match(entry["name"])]
    if invalid:
        raise Failure("\n".join(f"'{name}' is not a valid name." for name in invalid))
    planned = _Plan(present)
    for group in groups:
        planned.group(group)
    for user in users:
        planned.user(user)
    if planned.problems:
        raise Failure("\n".join(planned.problems))
    return planned.changes


class _Plan:
    """Changes that grow account by account, and what stands against them.

    `gids` is of groups by name, `by_gid` and `by_uid` who has a number: of what is there, and of what was planned before.
    """

    def __init__(self, present: Present) -> None:
        self.present = present
        self.changes = Changes()
        self.problems: list[str] = []
        self.gids = {name: group["gid"] for name, group in present.accounts["groups"].items()}
        self.by_gid = {gid: names[0] for gid, names in present.gids.items()}
        self.by_uid = {uid: names[0] for uid, names in present.uids.items()}

    def group(self, group: Wanted) -> None:
        name, gid = group["name"], group["gid"]
        if name in self.present.accounts["groups"]:
            if self.gids[name] != gid:
                self.problems.append(
                    f"group {name} has gid {self.gids[name]}, wanted {gid}: the gid of an existing group is never changed."
                )
        elif self.by_gid.get(gid, name) != name:
            self.problems.append(f"gid {gid}, wanted for group {name}, belongs to group {self.by_gid[gid]}.")
        else:
            self.changes.groups.append({"name": name, "gid": gid})
            self.gids[name], self.by_gid[gid] = gid, name

    def user(self, user: Wanted) -> None:
        name = user["name"]
        unknown = [group for group in (user["group"] or name, *user["groups"]) if group not in self.gids]
        if unknown:
            self.problems.append(f"user {name}: group {', '.join(unknown)} is neither wanted nor present.")
            return
        self.problems += field_problems(user)
        there = self.present.accounts["users"].get(name)
        if there is None:
            self._new_user(user)
        else:
            self._user_there(user, there)
        for group in user["groups"]:
            self._membership(name, group)
        current = self.present.passwords.get(name)
        password = shadow_field(current, user["password"], user["locked"], self.present.digest)
        if password is not None:
            self.changes.passwords[name] = password
        if there is not None:
            self._user_of_a_directory(name)

    def _new_user(self, user: Wanted) -> None:
        name, uid = user["name"], user["uid"]
        if self.by_uid.get(uid, name) != name:
            self.problems.append(f"uid {uid}, wanted for user {name}, belongs to user {self.by_uid[uid]}.")
            return
        self.by_uid[uid] = name
        self.changes.users.append(
            {
                "name": name,
                "uid": uid,
                "gid": self.gids[user["group"] or name],
                "comment": user["comment"] or "",
                "home": user["home"] or f"/home/{name}",
                "shell": user["shell"] or ("/bin/sh" if user["system"] else "/bin/bash"),
            }
        )

    def _user_there(self, user: Wanted, there: User) -> None:
        name, uid, group = user["name"], user["uid"], user["group"] or user["name"]
        if there["uid"] != uid:
            self.problems.append(
                f"user {name} has uid {there['uid']}, wanted {uid}: the uid of an existing user is never changed."
            )
        if there["gid"] != self.gids[group]:
            self.problems.append(
                f"user {name} has primary gid {there['gid']}, wanted {self.gids[group]} ({group}): "
                "the gid of an existing user is never changed."
            )
        current: dict[str, str] = {"comment": there["comment"], "home": there["home"], "shell": there["shell"]}
        differing = {key: user[key] for key, value in current.items() if user[key] is not None and user[key] != value}
        if differing:
            self.changes.modify[name] = differing

    def _membership(self, user: str, group: str) -> None:
        there = self.present.accounts["groups"].get(group)
        if there is None:
            self.changes.members.append((user, group))
        elif user not in there["members"] and there["gid"] not in self.present.memberships.get(user, ()):
            if group in self.present.local_groups:
                self.changes.members.append((user, group))
            else:
                self.problems.append(
                    f"user {user} is not in group {group}, which a directory service has: the node cannot add it. "
                    "Add it there, or leave the group out."
                )

    def _user_of_a_directory(self, name: str) -> None:
        """What the node's tools would refuse to change, or claim to have changed."""
        fields = [*self.changes.modify.get(name, ()), *(["password"] if name in self.changes.passwords else [])]
        if fields and name not in self.present.local_users:
            self.problems.append(
                f"user {name} comes from a directory service: the node cannot change its {', '.join(fields)}. "
                "Change it there, or leave it out."
            )


def shadow_field(
    current: Shadow | None, password: str | None, locked: bool | None, digest: t.Callable[[str], str] = str
) -> str | None:
    """What shadow's password field is to become, `digest` of the password in it; `None` where it stays.

    `!` before a password locks it (usermod --lock). It stays there unless `locked` says otherwise. A field without a
    password, as a new account has it, is not locked by anybody.
    """
    there = current["password"] if current else None
    wanted = digest(password) if password is not None else there
    if wanted is None:
        return None
    marks = current["marks"] if current else ""
    if locked is None:
        locked = there is not None and marks != ""
    field = "!" if locked else "", wanted
    return None if field == (marks, there) else "".join(field)
