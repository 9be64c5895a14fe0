# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide the uid and gid of every account of a cluster. Pure.

All nodes must give a user the same ids (Admin Guide, Load Balancing / Configuration, requirement 3). An id is given by
the inventory, else adopted from the nodes, else allocated once, free on all nodes: the lowest for people, the highest
for the service account. Home and shell of a user are given, else adopted, else the default.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import AccountsReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.ids import Conflict, Ids
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.accounts import (
    RANGES,
    RESERVED,
    VARIABLES,
    account_problems,
    with_service,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

UNREADABLE = "\ufffd"  # in place of a byte that is no UTF-8
States = t.Mapping[str, Answer]


def plan_accounts(states: States, wanted: t.Mapping[str, t.Any]) -> dict[str, list[t.Any]]:
    """`{users, groups, errors}`: an id for every account, in the lists the `accounts` module takes.

    `states` are the answers of accounts_info. Beyond the number that was reached in a range nothing is known to be free.
    """
    problems = account_problems(wanted)
    if problems:
        return {"users": [], "groups": [], "errors": problems}
    return _Plan(states, wanted).result()


def as_options(user: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A user as the module `accounts` has its options, each with its type, or its default where nothing is said."""
    text = {field: user.get(field) for field in ("group", "comment", "home", "shell", "password")}
    locked = user.get("locked")
    return {
        "name": str(user["name"]),
        "uid": int(user["uid"]),
        **{field: None if value is None else str(value) for field, value in text.items()},
        "groups": [str(group) for group in user.get("groups") or ()],
        "locked": None if locked is None else boolean(locked),
        "system": boolean(user.get("system") or False),
    }


def maker(members: t.Iterable[str], present: t.Sequence[str]) -> str:
    """The host, of those `present` in a run, that makes what lies on the share, for all."""
    return next((host for host in members if host in present), present[0])


def _id(entry: t.Mapping[str, t.Any], key: str) -> int | None:
    return None if entry.get(key) in (None, "") else int(entry[key])


class _Plan:
    """Accounts that get their numbers one after the other, and what stands against it.

    `missing` are the members that do not answer, `failed` the accounts, as `user ada`, that need no second sentence.
    """

    def __init__(self, states: States, wanted: t.Mapping[str, t.Any]) -> None:
        self.states = {host: state["accounts"] for host, state in states.items() if state.get("state") == "reachable"}
        self.missing = [host for host in states if host not in self.states]
        self.wanted = wanted
        self.uids = Ids("user", "uid", {host: state["uids"] for host, state in self.states.items()})
        self.gids = Ids("group", "gid", {host: state["gids"] for host, state in self.states.items()})
        self.errors: list[str] = []
        self.failed: set[str] = set()
        self.users = with_service(wanted)
        self.groups: dict[str, dict[str, t.Any]] = {group["name"]: dict(group) for group in wanted.get("groups") or ()}

    def result(self) -> dict[str, list[t.Any]]:
        """Given and adopted numbers come first, for nobody may get one of them; then those that are free."""
        self.users = [user for user in self.users if self._primary(user)]
        for user in self.users:
            self._supplementary(user)
        for ids, entries in ((self.gids, list(self.groups.values())), (self.uids, self.users)):
            for entry in entries:
                self._settle(ids, entry)
        for user in self.users:
            self._allocate_user(user)
        for group in self.groups.values():
            if self._open(self.gids, group["name"]):
                self._allocate(group, [self.gids])
        for user in self.users:
            self._check_primary(user)
            self._home_and_shell(user)
        if self.errors:
            return {"users": [], "groups": [], "errors": self.errors}
        return {
            "users": [self._user(user) for user in self.users],
            "groups": [{"name": name, "gid": self.gids.decided[name]} for name in self.groups],
            "errors": [],
        }

    def _user(self, user: dict[str, t.Any]) -> dict[str, t.Any]:
        answer = {**user, "uid": self.uids.decided[user["name"]]}
        answer.pop("gid", None)
        return answer

    def _home_and_shell(self, user: dict[str, t.Any]) -> None:
        """What the inventory says, else what the nodes have, else the default; another home would be an empty one."""
        if user.get("system"):
            return
        name, root = user["name"], self.wanted.get("home_root")
        defaults = {"home": f"{root.rstrip('/')}/{name}" if root else None, "shell": self.wanted.get("shell")}
        for field, default in defaults.items():
            if user.get(field):
                continue
            values = {host: str(dict(state["users"][name])[field]) for host, state in self._having(name)}
            found = {host: value for host, value in values.items() if value}
            if any(UNREADABLE in value for value in found.values()):
                self._error(
                    f"user {name} has a {field} that is no UTF-8: {spread(found)}. "
                    f"Name the right one as {field} in accounts_users."
                )
            if len(set(found.values())) > 1:
                self._error(
                    f"user {name} has different {field}s: {spread(found)}. "
                    f"Name the right one as {field} in accounts_users, or make them equal on the nodes."
                )
            user[field] = next(iter(found.values()), default)

    def _error(self, sentence: str, *names: str) -> None:
        self.errors.append(sentence)
        self.failed.update(names)

    def _primary(self, user: dict[str, t.Any]) -> bool:
        """The group given, else the one the nodes say, else one of the user's own; it becomes a wanted group."""
        name = user["name"]
        if not user.get("group"):
            present = {host: self.gids.name(state["users"][name]["gid"], host) for host, state in self._having(name)}
            if len(set(present.values())) > 1:
                self._error(f"user {name} has different primary groups: {spread(present)}. Make them equal.")
                return False
            user["group"] = next(iter(present.values()), name)
        group = user["group"]
        if group in self.groups:
            return True
        elsewhere = self._lacking(group)
        if group != name and elsewhere:
            self._error(
                f"user {name}: group {group} is neither in the list of groups nor present on {listed(elsewhere)}.",
                f"group {group}",
            )
        self.groups[group] = {"name": group, "gid": user.get("gid"), "system": bool(user.get("system"))}
        return True

    def _supplementary(self, user: dict[str, t.Any]) -> None:
        for group in user.get("groups") or ():
            lacking = self._lacking(group)
            if group not in self.groups and lacking:
                self._error(
                    f"user {user['name']}: group {group} is neither in the list of groups nor present on {listed(lacking)}."
                )

    def _lacking(self, group: str) -> list[str]:
        return [host for host in self.states if not self.gids.has(group, host)]

    def _having(self, name: str) -> list[tuple[str, AccountsReport]]:
        return [(host, state) for host, state in self.states.items() if name in state["users"]]

    def _settle(self, ids: Ids, entry: dict[str, t.Any]) -> None:
        try:
            ids.settle(entry["name"], _id(entry, ids.key))
        except Conflict as conflict:
            self._error(str(conflict), f"{ids.kind} {entry['name']}")

    def _open(self, ids: Ids, name: str) -> bool:
        return name not in ids.decided and f"{ids.kind} {name}" not in self.failed

    def _allocate_user(self, user: dict[str, t.Any]) -> None:
        """Where the user has a group of its own, both get the same number if they can."""
        name, own = user["name"], user["group"] == user["name"]
        uid_open, gid_open = self._open(self.uids, name), own and self._open(self.gids, name)
        if uid_open and gid_open:
            self._allocate(user, [self.uids, self.gids])
        elif uid_open:
            self._allocate(user, [self.uids], like=self.gids.decided.get(name) if own else None)
        elif gid_open:
            self._allocate(user, [self.gids], like=self.uids.decided.get(name))

    def _allocate(self, entry: dict[str, t.Any], kinds: list[Ids], like: int | None = None) -> None:
        """One free number, the same of all `kinds`; `like` another one's if that is free."""
        name, key = entry["name"], kinds[0].key
        accounts = [f"{ids.kind} {name}" for ids in kinds]
        if self.missing:
            self._error(
                f"{accounts[0]} has no {key}, and a free one is only known when all members answer; not reached: "
                f"{listed(self.missing)}. Bring up what is down, or give the {key} in the inventory.",
                *accounts,
            )
            return
        option = "system_range" if entry.get("system") else "uid_range"
        first, last = (int(i) for i in self.wanted[option])
        numbers = self._known(option, first, last)
        preferred = [like] if like is not None else []
        usable = (n for n in (*preferred, *numbers) if n not in RESERVED and all(ids.free(n) for ids in kinds))
        number = next(usable, None)
        if number is None:
            self._error(
                f"{accounts[0]}: no {key} of {VARIABLES[option]} [{first}, {last}] is free on all members"
                f"{f', of the {len(numbers)} that were asked for' if len(numbers) <= last - first else ''}. "
                f"Give it one in the inventory, or another range.",
                *accounts,
            )
            return
        for ids in kinds:
            ids.take(name, number)

    def _known(self, option: str, first: int, last: int) -> range:
        """The numbers of a range that all members were asked for, in the order in which they are given."""
        ends = [state["reached"].get(RANGES[option]) for state in self.states.values()]
        reached = [end for end in ends if end is not None]
        if len(reached) < len(ends):
            return range(0)
        if option == "system_range":
            return range(last, max([first, *reached]) - 1, -1)
        return range(first, min([last, *reached]) + 1)

    def _check_primary(self, user: dict[str, t.Any]) -> None:
        gid = self.gids.decided.get(user["group"])
        for host, state in self._having(user["name"]):
            present = int(state["users"][user["name"]]["gid"])
            if gid is not None and present != gid:
                self._error(
                    f"user {user['name']} is to have primary group {user['group']} ({gid}), but has "
                    f"{self.gids.name(present, host)} ({present}) on {host}. Give it that group, or change it there."
                )
