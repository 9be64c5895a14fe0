# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a plan needs to know of a node's accounts, in a few questions however many they are."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts import nss
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.homes import Found, read_homes
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.present import shadow, unlisted
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.report import ask
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import asked_by_nss
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import as_user
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        Accounts,
        AccountsAsked,
        AccountsLook,
        HomePlace,
    )

# Seconds for all homes, which lie on a file server.
PATIENCE = 20.0


def read_look(run: Run, key: str, text: str) -> AccountsLook:
    """What `text`, an `AccountsAsked` in JSON, asks; passwords as digests under `key`."""
    asked: AccountsAsked = json.loads(text)
    passwd = nss.entries(run, "passwd", [*asked["users"], *asked["numbers"]])
    names = set(asked["users"])
    primary = {int(row[3]) for row in passwd if row[0] in names}
    group = nss.entries(run, "group", [*asked["groups"], *asked["numbers"], *primary])
    found = nss.accounts(passwd, group)
    uids, gids = nss.owners(passwd), nss.owners(group)
    count = _count(asked, found, primary - gids.keys())
    fields = nss.read_passwords(run, asked["passwords"]) if asked["passwords"] else {}
    members = ((user, group) for user, group in asked["members"])
    memberships = nss.read_memberships(run, unlisted(members, found) & found["users"].keys())
    reached = {name: ask(run, uids, gids, limits, count) for name, limits in asked["ranges"].items()}
    users = {name: found["users"][name] for name in asked["users"] if name in found["users"]}
    groups = {name: found["groups"][name] for name in asked["groups"] if name in found["groups"]}
    local = nss.read_local(run, "passwd")
    return {
        "users": users,
        "groups": groups,
        "uids": {str(number): its for number, its in uids.items()},
        "gids": {str(number): its for number, its in gids.items()},
        "reached": reached,
        "passwords": {name: shadow(field, lambda bare: digest(key, bare.encode())) for name, field in fields.items()},
        "memberships": {name: sorted(its) for name, its in memberships.items()},
        "foreign_users": sorted(users.keys() - local),
        "foreign_groups": sorted(groups.keys() - nss.read_local(run, "group")),
        "hidden_users": _hidden(run, asked, local),
        "homes": _homes(asked, found),
    }


def _count(asked: AccountsAsked, found: Accounts, nameless: t.Collection[int]) -> int:
    """How many free numbers to find: an account gets one only where no node has it, so each node that lacks one tells enough."""
    missing = sum(name not in found["users"] for name in asked["users"]) + len(nameless)
    missing += sum(name not in found["groups"] for name in asked["groups"])
    return asked["spare"] + missing if missing else 0


def _hidden(run: Run, asked: AccountsAsked, local: t.Collection[str]) -> dict[str, int]:
    """Users with a local account, which hides one of a directory, and the uid of that."""
    names = [name for name in asked["users"] if name in local] if asked_by_nss() else []
    found = nss.accounts(nss.given_by_sssd(run, "passwd", names), [])["users"]
    return {name: user["uid"] for name, user in found.items()}


def _homes(asked: AccountsAsked, found: Accounts) -> dict[str, HomePlace] | None:
    if asked["homes"] is None:
        return None
    fixed = set(asked["fixed_homes"])
    paths = {
        found["users"][name]["home"] if name in found["users"] and name not in fixed else path
        for name, path in asked["homes"].items()
    }
    try:
        return as_user(None, lambda: {path: _place(place) for path, place in read_homes(paths).items()}, PATIENCE)
    except Failure:
        return None


def _place(found: Found) -> HomePlace:
    return {"owner": found.owner, "parent": found.parent}
