# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of the accounts that are wanted of it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts import nss
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, Shadow

# A user or group as the options of the module `accounts` ask for it.
Wanted = t.Mapping[str, t.Any]


@dataclasses.dataclass
class Present:
    """`uids` and `gids` by their owners, shadow's `passwords`, gids of the groups a user is in where a group does not list it,
    and what stands in /etc itself. `passwords` hold `digest` of each, which on the node is the password itself.
    """

    accounts: Accounts
    uids: t.Mapping[int, t.Sequence[str]]
    gids: t.Mapping[int, t.Sequence[str]]
    passwords: t.Mapping[str, Shadow]
    memberships: t.Mapping[str, t.Container[int]]
    local_users: t.Container[str]
    local_groups: t.Container[str]
    digest: t.Callable[[str], str] = str


def read_present(run: Run, users: t.Sequence[Wanted], groups: t.Sequence[Wanted]) -> Present:
    """Asks by name and by number: what is hidden by a directory service counts as well."""
    names = [user["name"] for user in users]
    named_groups = [group["name"] for group in groups]
    named_groups += [name for user in users for name in (user["group"] or user["name"], *user["groups"])]
    uids, gids = [user["uid"] for user in users], [group["gid"] for group in groups]
    passwd = nss.entries(run, "passwd", [*names, *uids])
    group = nss.entries(run, "group", [*named_groups, *gids])
    accounts = nss.accounts(passwd, group)
    members = ((user["name"], group) for user in users for group in user["groups"])
    secret = [user["name"] for user in users if user["password"] is not None or user["locked"] is not None]
    return Present(
        accounts=accounts,
        uids=nss.owners(passwd),
        gids=nss.owners(group),
        passwords={name: shadow(field) for name, field in nss.read_passwords(run, secret).items()},
        memberships=nss.read_memberships(run, unlisted(members, accounts)),
        local_users=nss.read_local(run, "passwd"),
        local_groups=nss.read_local(run, "group"),
    )


def shadow(field: str, digest: t.Callable[[str], str] = str) -> Shadow:
    """The password field of a shadow entry."""
    password = field.lstrip("!")
    there = password not in ("", "*")
    return {"marks": field[: len(field) - len(password)], "password": digest(password) if there else None}


def unlisted(members: t.Iterable[tuple[str, str]], present: Accounts) -> set[str]:
    """Users of whom a group, of pairs of user and group, is there and does not list them. They may be in it all the same."""
    listed = {name: set(group["members"]) for name, group in present["groups"].items()}
    return {user for user, group in members if group in listed and user not in listed[group]}
