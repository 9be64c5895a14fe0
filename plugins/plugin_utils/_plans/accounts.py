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

from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.accounts import (
    RANGES,
    RESERVED,
    VARIABLES,
    _users,
    account_problems,
)

UNREADABLE = "\ufffd"  # in place of a byte that is no UTF-8
States = t.Mapping[str, t.Mapping[str, t.Any]]


def plan_accounts(states: States, wanted: t.Mapping[str, t.Any]) -> dict[str, list[t.Any]]:
    """`{users, groups, errors}`: an id for every account, in the lists the `accounts` module takes.

    `states`: `{host: {state: reachable|unreachable, accounts: {users: {name: {uid, gid, home, shell}}, uids: {number:
    [names]}, gids: {number: [names]}, reached: {people: number, system: number}}}}`. Beyond the number that was reached
    in a range nothing is known to be free.
    """
    problems = account_problems(wanted)
    if problems:
        return {"users": [], "groups": [], "errors": problems}
    return _Plan(states, wanted).result()


def _id(entry: t.Mapping[str, t.Any], key: str) -> int | None:
    return None if entry.get(key) in (None, "") else int(entry[key])


def _hosts_by_value(found: t.Mapping[str, int | str]) -> str:
    """`20001 on node1, node2; 20007 on node3`"""
    return "; ".join(
        f"{value} on {', '.join(host for host, v in found.items() if v == value)}"
        for value in dict.fromkeys(found.values())
    )


class _Ids:
    """Who has which id of one kind, `uid` or `gid`, on which host."""

    def __init__(self, kind: str, key: str, states: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
        self.kind, self.key = kind, key
        self.found: dict[str, dict[str, int]] = {}
        self.owners: dict[int, dict[str, list[str]]] = {}
        self.decided: dict[str, int] = {}
        for host, state in states.items():
            for number, names in state[f"{key}s"].items():
                self.owners.setdefault(int(number), {})[host] = names
                for name in names:
                    self.found.setdefault(name, {})[host] = int(number)
        self.taken = set(self.owners)

    def settle(self, name: str, given: int | None) -> str | None:
        """Decide a given or adopted id; the sentence that says why not."""
        found = self.found.get(name, {})
        numbers = set(found.values())
        if given is None and len(numbers) > 1:
            return (
                f"{self.kind} {name} has different {self.key}s: {_hosts_by_value(found)}. "
                "Make them equal on the nodes; an id that is in use is not changed here."
            )
        if given is not None and numbers - {given}:
            others = {host: number for host, number in found.items() if number != given}
            return (
                f"{self.kind} {name} is to have {self.key} {given}, but has {_hosts_by_value(others)}. "
                f"Give it that {self.key} in the inventory, or change it on the nodes."
            )
        number = given if given is not None else next(iter(numbers), None)
        if number is None:
            return None
        others_names = {host: names[0] for host, names in self.owners.get(number, {}).items() if name not in names}
        if others_names:
            where = ", ".join(f"{owner} on {host}" for host, owner in others_names.items())
            return f"{self.key} {number} of {self.kind} {name} belongs to another {self.kind}: {where}."
        twin = next((other for other, n in self.decided.items() if n == number), None)
        if twin is not None:
            return f"{self.key} {number} would belong to two {self.kind}s, {twin} and {name}."
        self.take(name, number)
        return None

    def take(self, name: str, number: int) -> None:
        self.decided[name] = number
        self.taken.add(number)

    def free(self, number: int) -> bool:
        return number not in self.taken


class _Plan:
    def __init__(self, states: States, wanted: t.Mapping[str, t.Any]) -> None:
        self.states = {host: state["accounts"] for host, state in states.items() if state.get("state") == "reachable"}
        self.missing = [host for host in states if host not in self.states]
        self.wanted = wanted
        self.uids = _Ids("user", "uid", self.states)
        self.gids = _Ids("group", "gid", self.states)
        self.errors: list[str] = []
        self.failed: set[str] = set()
        self.users = _users(wanted)
        self.groups: dict[str, dict[str, t.Any]] = {group["name"]: dict(group) for group in wanted.get("groups") or ()}

    def result(self) -> dict[str, list[t.Any]]:
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
            values = {host: str(state["users"][name][field]) for host, state in self._having(name)}
            found = {host: value for host, value in values.items() if value}
            if any(UNREADABLE in value for value in found.values()):
                self._error(
                    f"user {name} has a {field} that is no UTF-8: {_hosts_by_value(found)}. "
                    f"Name the right one as {field} in accounts_users."
                )
            if len(set(found.values())) > 1:
                self._error(
                    f"user {name} has different {field}s: {_hosts_by_value(found)}. "
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
            present = {host: self._group_name(host, state["users"][name]["gid"]) for host, state in self._having(name)}
            if len(set(present.values())) > 1:
                where = ", ".join(f"{group} on {host}" for host, group in present.items())
                self._error(f"user {name} has different primary groups: {where}. Make them equal.")
                return False
            user["group"] = next(iter(present.values()), name)
        group = user["group"]
        if group in self.groups:
            return True
        elsewhere = self._lacking(group)
        if group != name and elsewhere:
            self._error(
                f"user {name}: group {group} is neither in the list of groups nor present on {', '.join(elsewhere)}.",
                f"group {group}",
            )
        self.groups[group] = {"name": group, "gid": user.get("gid"), "system": bool(user.get("system"))}
        return True

    def _supplementary(self, user: dict[str, t.Any]) -> None:
        for group in user.get("groups") or ():
            lacking = self._lacking(group)
            if group not in self.groups and lacking:
                where = ", ".join(lacking)
                self._error(
                    f"user {user['name']}: group {group} is neither in the list of groups nor present on {where}."
                )

    def _lacking(self, group: str) -> list[str]:
        return [host for host in self.states if host not in self.gids.found.get(group, {})]

    def _having(self, name: str) -> list[tuple[str, t.Mapping[str, t.Any]]]:
        return [(host, state) for host, state in self.states.items() if name in state["users"]]

    def _group_name(self, host: str, gid: int) -> str:
        return self.gids.owners.get(gid, {}).get(host, [str(gid)])[0]

    def _settle(self, ids: _Ids, entry: dict[str, t.Any]) -> None:
        problem = ids.settle(entry["name"], _id(entry, ids.key))
        if problem:
            self._error(problem, f"{ids.kind} {entry['name']}")

    def _open(self, ids: _Ids, name: str) -> bool:
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

    def _allocate(self, entry: dict[str, t.Any], kinds: list[_Ids], like: int | None = None) -> None:
        name, what = entry["name"], f"{kinds[0].kind} {entry['name']}"
        if self.missing:
            self._error(
                f"{what} has no {kinds[0].key}, and a free one is only known when all members answer; not reached: "
                f"{', '.join(self.missing)}. Bring up what is down, or give the {kinds[0].key} in the inventory.",
                *(f"{ids.kind} {name}" for ids in kinds),
            )
            return
        option = "system_range" if entry.get("system") else "uid_range"
        first, last = (int(i) for i in self.wanted[option])
        reached = [state["reached"].get(RANGES[option]) for state in self.states.values()]
        if None in reached:
            numbers = range(0)
        elif entry.get("system"):
            numbers = range(last, max([first, *reached]) - 1, -1)
        else:
            numbers = range(first, min([last, *reached]) + 1)
        preferred = [like] if like is not None else []
        usable = (n for n in (*preferred, *numbers) if n not in RESERVED and all(ids.free(n) for ids in kinds))
        number = next(usable, None)
        if number is None:
            self._error(
                f"{what}: no {kinds[0].key} of {VARIABLES[option]} [{first}, {last}] is free on all members"
                f"{f', of the {len(numbers)} that were asked for' if len(numbers) <= last - first else ''}. "
                f"Give it one in the inventory, or another range.",
                *(f"{ids.kind} {name}" for ids in kinds),
            )
            return
        for ids in kinds:
            ids.take(name, number)

    def _check_primary(self, user: dict[str, t.Any]) -> None:
        gid = self.gids.decided.get(user["group"])
        for host, state in self._having(user["name"]):
            present = int(state["users"][user["name"]]["gid"])
            if gid is not None and present != gid:
                self._error(
                    f"user {user['name']} is to have primary group {user['group']} ({gid}), but has "
                    f"{self._group_name(host, present)} ({present}) on {host}. Give it that group, or change it there."
                )
