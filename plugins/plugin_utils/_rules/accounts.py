# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory may say of accounts. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.rules import NAME, field_problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.kinds import list_problem, mode_problem
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member

LAST_ID = 2**32 - 2
RESERVED = {0, 65534, 65535}  # root, nobody, and the 16 bit form of "no id"

# The account Workbench runs as, and its group.
SERVICE = "rstudio-server"

# Lists that are read on one host, which decides for all: of a thousand users it costs much to read them on each.
ONCE = ("accounts_users", "accounts_groups")
# Those whose defaults are made of them.
DERIVED = ("verify_users", "verify_groups", "verify_lock_user")

# The admin's names for what is wanted.
VARIABLES = {
    "users": "accounts_users",
    "groups": "accounts_groups",
    "uid_range": "accounts_id_range",
    "system_range": "accounts_system_id_range",
}

# What accounts_info calls the ranges: people from the lowest id on, the service account from the highest.
RANGES = {"uid_range": "people", "system_range": "system"}


def account_problems(wanted: t.Mapping[str, t.Any]) -> list[str]:
    """What is wrong with the wanted accounts whatever the nodes have: one sentence each.

    `wanted`: `{users: [{name, uid, group, groups, ...}], groups: [{name, gid}], service: {name, group, uid, gid},
    uid_range, system_range}`, and optionally `shell` and `home_root`, which fill in what a user does not say.
    """
    problems = _shape_problems(wanted)
    if problems:
        return problems
    users = with_service(wanted)
    groups = list(wanted.get("groups") or ())
    for kind, entries, key in (("user", users, "uid"), ("group", groups, "gid")):
        lists = VARIABLES[f"{kind}s"]
        seen: dict[str, int] = {}
        owner: dict[int, str] = {}
        for entry in entries:
            name = str(entry.get("name", ""))
            if not NAME.match(name):
                problems.append(
                    f"{lists}: {kind} name '{name}' is not valid: letters, digits, '_', '.', '-', no digit first, "
                    "at most 32."
                )
            seen[name] = seen.get(name, 0) + 1
            if seen[name] == 2:
                problems.append(f"{lists}: {kind} {name} is listed more than once.")
            number = entry.get(key)
            if number in (None, ""):
                continue
            if not _valid_id(number):
                where = "accounts_service_uid" if entry.get("system") else lists
                problems.append(
                    f"{where}: {kind} {name}: {key} {number} is no id: 1 to {LAST_ID} without 65534 and 65535."
                )
            elif owner.setdefault(int(number), name) != name:
                problems.append(f"{lists}: {key} {number} is given to two {kind}s, {owner[int(number)]} and {name}.")
    problems += [f"{VARIABLES['users']}: {problem}" for user in users for problem in field_problems(user)]
    for option in ("uid_range", "system_range"):
        ids = wanted.get(option) or []
        whole = isinstance(ids, (list, tuple)) and len(ids) == 2 and all(_valid_id(i) for i in ids)
        if not whole or int(ids[0]) > int(ids[1]):
            problems.append(
                f"{VARIABLES[option]} is {ids}: it must be [first, last], two ids with first not above last."
            )
    return problems


def _shape_problems(wanted: t.Mapping[str, t.Any]) -> list[str]:
    """Text where a list belongs: the argument specs let it pass as a list of one, and hand it on as text."""
    problems = []
    for key in ("users", "groups"):
        entries = wanted.get(key) or []
        if not isinstance(entries, (list, tuple)) or not all(isinstance(entry, t.Mapping) for entry in entries):
            problems.append(f"{VARIABLES[key]} must be a list of entries, such as [{{name: {key[:-1]}1}}].")
        elif key == "users":
            for user in entries:
                problem = list_problem(user.get("groups") or [])
                if problem:
                    problems.append(
                        f"{VARIABLES[key]}: user {user.get('name')}: groups is {user['groups']}: it {problem}."
                    )
    return problems


def with_service(wanted: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The service account, which is a system account, then the users."""
    service = wanted.get("service")
    return [*([{**service, "system": True}] if service else ()), *(dict(user) for user in wanted.get("users") or ())]


def _valid_id(number: t.Any) -> bool:
    return re.match(r"[0-9]+\Z", str(number)) is not None and 0 < int(number) <= LAST_ID and int(number) not in RESERVED


def _accounts(m: Member) -> t.Iterator[str]:
    yield from account_problems(
        {
            "users": m["accounts_users"],
            "groups": m["accounts_groups"],
            "service": {
                "name": SERVICE,
                "group": SERVICE,
                "uid": m["accounts_service_uid"],
                "gid": m["accounts_service_gid"],
            },
            "uid_range": m["accounts_id_range"],
            "system_range": m["accounts_system_id_range"],
            "home_root": m["accounts_home_root"],
            "shell": m["accounts_shell"],
        }
    )


def _home_mode(m: Member) -> t.Iterator[str]:
    problem = mode_problem(m["accounts_home_mode"])
    if problem:
        yield f"accounts_home_mode={m['accounts_home_mode']} {problem}."


RULES = (_accounts, _home_mode)
