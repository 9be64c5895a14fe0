# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, groups and the service account: there on all nodes, with numbers that are theirs alone. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 3).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="accounts",
    title="Users, groups and service account have the same ids",
    source=f"{GUIDE}, requirement 3",
    needs=("nodes",),
)

OTHER_SERVICE = Fault(
    "Workbench runs as different accounts",
    wanted="one service account",
    remedy="Set server-user to the same account in rserver.conf and launcher.conf of all nodes.",
)
MAKE = (
    "Run the playbook site with {name} in accounts_{kind} (the service account it makes by itself), or repair the directory "
    "service (SSSD) of the node."
)
MISSING = Fault("{name} does not exist", wanted="on all nodes", remedy=MAKE)
MISSING_OR_NO_MEMBER = Fault("{name} does not exist, or is in none of {groups}", wanted="on all nodes", remedy=MAKE)
OTHER_ID = Fault(
    "{name} has different {field}s",
    wanted="one {field} on all nodes",
    remedy="Change it on {hosts} with all sessions of {name} stopped (usermod or groupmod), then the owner of its local files.",
)
SHARED_ID = Fault(
    "{field} {number} of {name} belongs to others too",
    wanted="{field} {number} is {name} and nobody else",
    remedy="Give the other account another {field} and its files to it (usermod or groupmod, chown).",
)
SAME = Fault("{users} and {groups} with the same ids on all nodes", verdict=PASS)
NOBODY_NAMED = Fault(
    "No users were named, so only the service account was compared",
    remedy="Name the users of Workbench in verify_users (default: the names in accounts_users), or their groups in "
    "verify_groups.",
    verdict=UNKNOWN,
)

FIELDS = {"users": "uid", "groups": "gid"}


def judge(e: Evidence) -> t.Iterator[Finding]:
    services = {host: node["service_user"] for host, node in e.nodes.items()}
    groups = sorted({*(e.policy.get("groups") or [])})
    named = {*(e.policy.get("users") or []), *services.values()}
    # A node reports the members of the groups too.
    users = sorted(named.union(*(node["accounts"]["users"] for node in e.nodes.values())))
    found = [
        *_services(services),
        *(finding for name in users for finding in _user(e, name, [] if name in named else groups)),
        *(finding for name in groups for finding in _account(e, "groups", name)),
    ]
    yield from found
    if not found and e.nodes:
        yield SAME(
            e.nodes,
            measured=listed([*users, *groups]),
            users=counted(len(users), "user"),
            groups=counted(len(groups), "group"),
        )
    if not e.policy.get("users") and not groups:
        yield NOBODY_NAMED(e.nodes)


def _services(services: t.Mapping[str, str]) -> t.Iterator[Finding]:
    if len(set(services.values())) > 1:
        yield OTHER_SERVICE(odd(services), measured=spread(services))


def _user(e: Evidence, name: str, groups: t.Collection[str]) -> t.Iterator[Finding]:
    """A user, and the number of the user's own group; one nobody named was found in one of the groups."""
    yield from _account(e, "users", name, groups)
    yield from _one_id(name, "gid", {host: user["gid"] for host, user in _known(e, "users", name).items()})


def _account(e: Evidence, kind: str, name: str, groups: t.Collection[str] = ()) -> t.Iterator[Finding]:
    """One of the `users` or `groups`: there everywhere, one number, and the number is nobody else's."""
    field = FIELDS[kind]
    numbers = {host: account[field] for host, account in _known(e, kind, name).items()}
    absent = [host for host in e.nodes if host not in numbers]
    elsewhere = spread({host: f"{field} {number}" for host, number in numbers.items()}) or "nowhere"
    if absent and groups:
        yield MISSING_OR_NO_MEMBER(absent, measured=elsewhere, name=name, groups=listed(groups), kind=kind)
    elif absent:
        yield MISSING(absent, measured=elsewhere, name=name, kind=kind)
    yield from _one_id(name, field, numbers)
    for number in sorted(set(numbers.values())):
        others = _others(e, field, number, name)
        if others:
            yield SHARED_ID(others, measured=spread(others), field=field, number=number, name=name)


def _known(e: Evidence, kind: str, name: str) -> dict[str, t.Any]:
    return {host: node["accounts"][kind][name] for host, node in e.nodes.items() if name in node["accounts"][kind]}


def _one_id(name: str, field: str, numbers: t.Mapping[str, int]) -> t.Iterator[Finding]:
    if len(set(numbers.values())) > 1:
        hosts = odd(numbers)
        yield OTHER_ID(hosts, measured=spread(numbers), name=name, field=field, hosts=listed(hosts))


def _others(e: Evidence, field: str, number: int, name: str) -> dict[str, str]:
    """Who else has the number, by host."""
    owners = {host: node["accounts"][f"{field}s"].get(str(number), []) for host, node in e.nodes.items()}
    others = {host: listed(sorted(set(names) - {name})) for host, names in owners.items()}
    return {host: names for host, names in others.items() if names}
