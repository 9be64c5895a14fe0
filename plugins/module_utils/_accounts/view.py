# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups as a node sees them, through NSS."""

from __future__ import annotations

import grp
import pwd
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, NodeAccounts


# An id in, its name out; None where it has none.
Name = t.Callable[[int], t.Optional[str]]


def user_name(uid: int) -> str | None:
    """NSS's own answer: of several names the first."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def group_name(gid: int) -> str | None:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return None


def account_view(
    found: Accounts, users: t.Iterable[str], groups: t.Iterable[str], named: tuple[Name, Name] = (user_name, group_name)
) -> NodeAccounts:
    """What to judge of the accounts that were found.

    Of `users`, `groups`, all their members and primary groups, as far as they exist. The first name of a number is NSS's
    own answer.
    """
    known = {name: found["groups"][name] for name in groups if name in found["groups"]}
    members = {member for group in known.values() for member in group["members"]}
    primary = {group["gid"] for group in known.values()}
    wanted = {*users, *members}
    people = {name: user for name, user in found["users"].items() if name in wanted or user["gid"] in primary}
    return {
        "users": {
            name: {"uid": user["uid"], "gid": user["gid"], "home": user["home"]} for name, user in people.items()
        },
        "groups": {name: {"gid": group["gid"]} for name, group in known.items()},
        "uids": _names(
            {user["uid"] for user in people.values()},
            {name: user["uid"] for name, user in found["users"].items()},
            named[0],
        ),
        "gids": _names(
            primary | {user["gid"] for user in people.values()},
            {name: group["gid"] for name, group in found["groups"].items()},
            named[1],
        ),
    }


def _names(numbers: t.Iterable[int], all_names: t.Mapping[str, int], named: Name) -> dict[str, list[str]]:
    names = {}
    for number in sorted(numbers):
        first = named(number)
        others = sorted(name for name, its in all_names.items() if its == number and name != first)
        names[str(number)] = ([first] if first is not None else []) + others
    return names
