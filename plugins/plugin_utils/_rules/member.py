# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's variables, as rules read them. Pure."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import (
    KNOWN,
    OPTIONS,
    default,
    is_constant,
    role_of,
)

Hostvars = t.Mapping[str, t.Mapping[str, t.Any]]
Groups = t.Mapping[str, t.Sequence[str]]


class Unusable(Exception):
    """A rule asks for a variable that has a problem of its own. The text is a sentence about it, empty where its host says it."""


class Cluster(t.NamedTuple):
    """What is around a host: the cluster's name, the inventory's groups, and every host's variables without roles' defaults."""

    name: str
    groups: Groups
    hostvars: Hostvars


class Member:
    """A host with its variables.

    `variables` are templated; those of roles that are not at hand are absent. `named`: those that somebody has set, rather
    than a role's default. `unreadable`: why a variable could not be templated, by name.
    """

    def __init__(
        self,
        host: str,
        variables: t.Mapping[str, t.Any],
        cluster: Cluster,
        named: t.Collection[str] | None = None,
        unreadable: t.Mapping[str, str] | None = None,
    ) -> None:
        self.host = host
        self.cluster = cluster
        self.variables = dict(variables)
        self.named = set(variables if named is None else named)
        self.unreadable = dict(unreadable or {})
        self.wrong = set(self.unreadable)

    def given(self, name: str) -> t.Any:
        """A variable as it is, `None` where it is not at hand. Raises `Unusable`."""
        if name in self.wrong:
            raise Unusable
        return self.variables.get(name)

    def __getitem__(self, name: str) -> t.Any:
        """A variable of a role, or the role's default where that is no template and none is set; else `None`."""
        value = self.given(name)
        return default(name) if value is None and is_constant(name) else value

    def on(self, switch: str) -> bool:
        return is_on(self[switch])


Rule = t.Callable[[Member], t.Iterator[str]]


def value_of(hostvars: Hostvars, host: str, name: str) -> t.Any:
    """A host's variable, or the role's default where that is no template (`hostvars` has no defaults); else `None`.

    Raises `Unusable` where a list is wanted and something else is set: the rules of that host say so.
    """
    value = hostvars[host].get(name)
    if value is None:
        return default(name) if is_constant(name) else None
    option = OPTIONS[role_of(name)][name]
    if option["type"] == "list" and not is_list(value, of_entries=option.get("elements") == "dict"):
        raise Unusable
    return value


def is_list(value: t.Any, of_entries: bool) -> bool:
    """Whether a value is a list and no text; with `of_entries`, a list of dictionaries."""
    whole = isinstance(value, (list, tuple))
    return whole and (not of_entries or all(isinstance(entry, t.Mapping) for entry in value))


def is_on(value: t.Any) -> bool:
    """A switch as Ansible reads it."""
    try:
        return bool(boolean(value, strict=False))
    except TypeError:
        raise Unusable from None


def role_is_on(role: str, member: Member) -> bool:
    """Whether a role does its work on this host. The role database has rules also where others build the server."""
    switch = f"{role}_manage"
    return switch not in KNOWN or role_of(switch) == "database" or member.on(switch)
