# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the numbers of users or groups are on all hosts, and which of them an account gets. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import spread


class Conflict(Exception):
    """Why an account cannot have a number: a sentence for people."""


class Ids:
    """The numbers of one kind of account, `user` or `group`, and what is decided of them.

    `found` is `{name: {host: number}}`, `owners` `{number: {host: [names]}}`, both as the hosts have it; `decided` is the
    number each account gets, and `taken` are all that are somebody's.
    """

    def __init__(self, kind: str, key: str, numbers: t.Mapping[str, t.Mapping[str, list[str]]]) -> None:
        """`key` is `uid` or `gid`; `numbers` is `{host: {number: [names]}}`."""
        self.kind, self.key = kind, key
        self.found: dict[str, dict[str, int]] = {}
        self.owners: dict[int, dict[str, list[str]]] = {}
        self.decided: dict[str, int] = {}
        self._decided_of: dict[int, str] = {}
        for host, its in numbers.items():
            for number, names in its.items():
                self.owners.setdefault(int(number), {})[host] = names
                for name in names:
                    self.found.setdefault(name, {})[host] = int(number)
        self.taken = set(self.owners)

    def settle(self, name: str, given: int | None) -> None:
        """Give an account the number of the inventory, else the one it has; neither leaves it open. Raises `Conflict`."""
        number = self._agreed(name, given)
        if number is None:
            return
        owners = {host: names[0] for host, names in self.owners.get(number, {}).items() if name not in names}
        if owners:
            raise Conflict(
                f"{self.key} {number} of {self.kind} {name} belongs to another {self.kind}: {spread(owners)}."
            )
        twin = self._decided_of.get(number, name)
        if twin != name:
            raise Conflict(f"{self.key} {number} would belong to two {self.kind}s, {twin} and {name}.")
        self.take(name, number)

    def _agreed(self, name: str, given: int | None) -> int | None:
        found = self.found.get(name, {})
        if given is not None:
            others = {host: number for host, number in found.items() if number != given}
            if others:
                raise Conflict(
                    f"{self.kind} {name} is to have {self.key} {given}, but has {spread(others)}. "
                    f"Give it that {self.key} in the inventory, or change it on the nodes."
                )
            return given
        if len(set(found.values())) > 1:
            raise Conflict(
                f"{self.kind} {name} has different {self.key}s: {spread(found)}. "
                "Make them equal on the nodes; an id that is in use is not changed here."
            )
        return next(iter(found.values()), None)

    def take(self, name: str, number: int) -> None:
        self.decided[name] = number
        self._decided_of.setdefault(number, name)
        self.taken.add(number)

    def free(self, number: int) -> bool:
        return number not in self.taken

    def has(self, name: str, host: str) -> bool:
        return host in self.found.get(name, {})

    def name(self, number: int, host: str) -> str:
        """Whose a number is on a host; itself where it is nobody's."""
        return self.owners.get(number, {}).get(host, [str(number)])[0]
