# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts the role accounts would make or change on a host. Pure.

The module `accounts` plans by the same function, of what stands on the node; here of what the look at it told. Passwords are
compared as digests under the key of the run.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.changes import Changes, lines, plan
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.homes import Found, homes_of, missing_homes
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.present import Present
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, AccountsLook, Group, HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import sssd
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY, Change, Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.host import untold

Wanted = t.Mapping[str, t.Any]
# Names that are told one by one; of more only the first.
TOLD, FIRST = 6, 3


def differences(wanted: Wanted, report: HostReport) -> Differences:
    """What `_local` wants, and `sssd`, what `sssd.differences` wants; empty where there is no directory."""
    told = _local(wanted, report)
    return joined(sssd.differences(wanted["sssd"], report), told) if wanted["sssd"] else told


def _local(wanted: Wanted, report: HostReport) -> Differences:
    """`wanted`: `accounts`, JSON of the decided users and groups as options of the module, and whether `homes` are made here."""
    look = report.get("accounts")
    if look is None:
        return Differences([Change("accounts", untold(report, "accounts"))])
    decided = json.loads(wanted["accounts"])
    users, groups = decided["users"], decided["groups"]
    present = _present(look)
    try:
        changes = plan(present, users, groups)
        homes, unknown = _homes(users, groups, present.accounts, look) if wanted["homes"] else ([], False)
    except Failure as failure:
        return Differences(problems=str(failure).splitlines())
    told = _told(changes, present)
    if homes:
        told.append(Change(f"home {shortened(homes, 'homes')}", "new"))
    if unknown:
        told.append(Change("homes", "cannot be told"))
    after = lines({**changes.summary(present.accounts), "created_homes": homes})
    diff = [{"before_header": "accounts", "after_header": "accounts", "before": "", "after": after}] if after else []
    notes = [
        f"user {name} is a local one, and in the directory too (uid {uid}): the node takes its own."
        for name, uid in look["hidden_users"].items()
    ]
    return Differences(told, notes=notes, diff=t.cast(t.Any, diff))


def joined(first: Differences, second: Differences) -> Differences:
    """In this order."""
    return Differences(
        changes=first.changes + second.changes,
        problems=first.problems + second.problems,
        notes=first.notes + second.notes,
        diff=first.diff + second.diff,
    )


def shortened(names: t.Sequence[str], what: str) -> str:
    """`ada, bob`; of many the first only: `1,000 users: ada, bob, cyd … and 997 more`."""
    if len(names) <= TOLD:
        return ", ".join(names)
    return f"{len(names):,} {what}: {', '.join(names[:FIRST])} … and {len(names) - FIRST:,} more"


def _present(look: AccountsLook) -> Present:
    """What the module would find on the node. A group that was not asked for has no members here, and none is asked of it."""
    uids = {int(number): names for number, names in look["uids"].items()}
    gids = {int(number): names for number, names in look["gids"].items()}
    groups: dict[str, Group] = {name: {"gid": gid, "members": []} for gid, names in gids.items() for name in names}
    return Present(
        accounts={"users": look["users"], "groups": {**groups, **look["groups"]}},
        uids=uids,
        gids=gids,
        passwords=look["passwords"],
        memberships=look["memberships"],
        local_users=look["users"].keys() - set(look["foreign_users"]),
        local_groups=look["groups"].keys() - set(look["foreign_groups"]),
        digest=lambda password: digest(RUN_KEY, password.encode()),
    )


def _homes(
    users: t.Sequence[Wanted], groups: t.Sequence[Wanted], present: Accounts, look: AccountsLook
) -> tuple[list[str], bool]:
    """Homes that are missing, and whether some are not known. A home in another's hands is a `Failure`."""
    there = {path: Found(place["owner"], place["parent"]) for path, place in (look["homes"] or {}).items()}
    paths = homes_of(users, present)
    known = [user for user in users if paths.get(user["name"]) in there]
    missing = missing_homes(known, groups, present, there, check_mode=True)
    return [home.path for home in missing], any(path not in there for path in paths.values())


def _told(changes: Changes, present: Present) -> list[Change]:
    """Accounts that are made, then what changes of those that are there."""
    users = [f"{user['name']} ({user['uid']})" for user in changes.users]
    made = {user["name"] for user in changes.users}
    groups = [f"{group['name']} ({group['gid']})" for group in changes.groups if group["name"] not in made]
    told = _new(users, groups)
    joining: dict[str, list[str]] = {}
    for user, group in changes.members:
        if user not in made:
            joining.setdefault(group, []).append(user)
    told += [Change(shortened(names, "users"), f"in group {group}") for group, names in joining.items()]
    told += _modified(changes, present)
    passwords: dict[str, list[str]] = {}
    for name, field in changes.passwords.items():
        if name not in made:
            passwords.setdefault(_password(name, field, present), []).append(name)
    return told + [Change(shortened(names, "users"), why) for why, names in passwords.items()]


def _new(users: list[str], groups: list[str]) -> list[Change]:
    if len(users) + len(groups) <= TOLD:
        return [Change(", ".join(users + groups), "new")] if users or groups else []
    kinds = (users, "users"), (groups, "groups")
    return [Change(shortened(names, what), "new") for names, what in kinds if names]


def _modified(changes: Changes, present: Present) -> list[Change]:
    """Field by field with what it was; of many users only which fields."""
    if len(changes.modify) <= TOLD:
        there: dict[str, t.Any] = dict(present.accounts["users"])
        return [
            Change(name, ", ".join(f"{key} {there[name][key] or 'none'} → {new or 'none'}" for key, new in its.items()))
            for name, its in changes.modify.items()
        ]
    fields: dict[str, list[str]] = {}
    for name, its in changes.modify.items():
        fields.setdefault(", ".join(its), []).append(name)
    return [Change(shortened(names, "users"), f"another {which}") for which, names in fields.items()]


def _password(name: str, field: str, present: Present) -> str:
    """Why the password field of a user that is there changes."""
    current = present.passwords.get(name)
    if current is None or current["password"] != field.lstrip("!"):
        return "another password" if current and current["password"] else "gets a password"
    return "is locked" if field.startswith("!") else "is unlocked"
