# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All problems of a host's variables, and of a cluster's. Pure.

Types are judged first, by the argument specs. What has a problem already is not asked about again, so one mistake is one
sentence and hides no other; a default that cannot be made is told only where nothing else is wrong.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules import (
    accounts,
    clock,
    config_files,
    database,
    firewall,
    keys,
    nfs_server,
    operate,
    proxy,
    server,
    sssd,
    storage,
    tls,
    verify,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.kinds import type_problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, Rule, Unusable, role_is_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import OPTIONS
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import by_sentence, listed

RULES: t.Mapping[str, tuple[Rule, ...]] = {
    "accounts": (*accounts.RULES, *sssd.RULES),
    "clock": clock.RULES,
    "database": database.RULES,
    "firewall": firewall.RULES,
    "keys": keys.RULES,
    "nfs_server": nfs_server.RULES,
    "operate": operate.RULES,
    "proxy": proxy.RULES,
    "server": server.RULES,
    "storage": storage.RULES,
    "tls": tls.RULES,
    "verify": verify.RULES,
}
# Of all members at once: asked on one host of a run.
TOGETHER: t.Mapping[str, tuple[Rule, ...]] = {"accounts": sssd.TOGETHER, "server": server.TOGETHER}
NOTES: t.Mapping[str, Rule] = {
    "database": database.notes,
    "proxy": proxy.notes,
    "server": config_files.notes,
    "tls": tls.notes,
}
# Roles that decide once for all hosts of a play, and what they decide.
ORDERED = {
    "accounts": "ids are decided once for all hosts",
    "keys": "keys are decided once for all hosts",
    "server": "a first start defines the cluster once for all hosts",
}
# The roles that concern a host, by the kind of its group.
CONCERNED = {
    "nodes": ("clock", "storage", "accounts", "keys", "tls", "database", "server", "firewall", "verify", "operate"),
    "storage": ("clock", "nfs_server", "firewall"),
    "database": ("clock", "tls", "database", "firewall"),
    "proxy": ("clock", "tls", "proxy", "firewall"),
}


def roles_of(member: Member) -> list[str]:
    """The roles that concern a host, by the groups of the cluster that it is in."""
    groups = member.cluster.groups
    kinds = [kind for kind in CONCERNED if member.host in groups.get(group(member.cluster.name, kind), ())]
    return list(dict.fromkeys(role for kind in kinds for role in CONCERNED[kind]))


def problems(roles: t.Sequence[str], member: Member, is_first: bool = True) -> list[str]:
    """One sentence for everything wrong with the variables of these roles on a host, whatever the host is like.

    What concerns all members together is asked where `is_first`. A default that could not be made is told only where
    nothing else is wrong, for that is mostly its cause.
    """
    unreadable = {name: f"{name} cannot be read: {why}" for name, why in member.unreadable.items()}
    asked = [name for role in roles for name in OPTIONS[role] if name in unreadable]
    on = []
    found = [unreadable[name] for name in asked if name in member.named]
    for role in roles:
        try:
            is_on = role_is_on(role, member)
        except Unusable:
            is_on = False
        found += type_problems(role, member, is_on)
        on += [role] if is_on else []
    for role in on:
        for rule in (*RULES[role], *(TOGETHER.get(role, ()) if is_first else ())):
            found += _asked(rule, member)
    return list(dict.fromkeys(found)) or [unreadable[name] for name in asked]


def notes(roles: t.Sequence[str], member: Member) -> list[str]:
    """What is no problem and yet worth a word."""
    return [note for role in roles if role in NOTES for note in _asked(NOTES[role], member)]


def order_problems(roles: t.Sequence[str], unordered: str) -> list[str]:
    """What is wrong where hosts do not wait for each other, in a play with the strategy `unordered`."""
    return [
        f"this play has strategy={unordered}, but {ORDERED[role]}. Use strategy: linear."
        for role in roles
        if role in ORDERED
    ]


def together(problems_of: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    """Problems by host as lines: each sentence once, with the hosts it is about."""
    return [f"{sentence} ({listed(hosts)})" for sentence, hosts in by_sentence(problems_of).items()]


def _asked(rule: Rule, member: Member) -> list[str]:
    try:
        return list(rule(member))
    except Unusable:
        return []
