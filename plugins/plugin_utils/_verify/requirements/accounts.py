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
OTHER_RULES = Fault(
    "SSSD numbers users by different rules: {option}",
    wanted="the same on all nodes",
    remedy="Set it in accounts_sssd_options, for all nodes, and run the playbook site; or make sssd.conf equal on the nodes.",
)
SAME = Fault("{users} and {groups} with the same ids on all nodes", verdict=PASS)
NOBODY_NAMED = Fault(
    "No users were named, so only the service account was compared",
    remedy="Name the users of Workbench in verify_users (default: the names in accounts_users), or their groups in "
    "verify_groups.",
    verdict=UNKNOWN,
)


class Ids(t.NamedTuple):
    """The numbers of one of the `users` or `groups` by host, and by host and number who has it."""

    kind: str
    field: str
    numbers: dict[str, int]
    owners: dict[str, dict[str, list[str]]]


def judge(e: Evidence) -> t.Iterator[Finding]:
    services = {host: node["service_user"] for host, node in e.nodes.items()}
    groups = sorted({*(e.policy.get("groups") or [])})
    named = {*(e.users), *services.values()}
    # A node reports the members of the groups too.
    users = sorted(named.union(*(node["accounts"]["users"] for node in e.nodes.values())))
    found = [
        *_services(services),
        *_rules(e),
        *(finding for name in users for finding in _user(e, name, [] if name in named else groups)),
        *(finding for name in groups for finding in _group(e, name)),
    ]
    yield from found
    if not found and e.nodes:
        yield SAME(
            e.nodes,
            measured=listed([*users, *groups]),
            users=counted(len(users), "user"),
            groups=counted(len(groups), "group"),
        )
    if not e.users and not groups:
        yield NOBODY_NAMED(e.nodes)


def _services(services: t.Mapping[str, str]) -> t.Iterator[Finding]:
    if len(set(services.values())) > 1:
        yield OTHER_SERVICE(odd(services), measured=spread(services))


def _rules(e: Evidence) -> t.Iterator[Finding]:
    """Nobody can compare all users of a directory: what says which number each of them has is compared."""
    rules = {host: node["id_rules"] for host, node in e.nodes.items()}
    for option in sorted({option for its in rules.values() for option in its}):
        values = {host: its.get(option, "not set") for host, its in rules.items()}
        if len(set(values.values())) > 1:
            yield OTHER_RULES(odd(values), measured=spread(values), option=option)


def _user(e: Evidence, name: str, groups: t.Collection[str]) -> t.Iterator[Finding]:
    """A user, and the number of the user's own group; one nobody named was found in one of the groups."""
    known = {host: user for host, node in e.nodes.items() if (user := node["accounts"]["users"].get(name))}
    owners = {host: node["accounts"]["uids"] for host, node in e.nodes.items()}
    yield from _account(Ids("users", "uid", {host: user["uid"] for host, user in known.items()}, owners), name, groups)
    yield from _one_id(name, "gid", {host: user["gid"] for host, user in known.items()})


def _group(e: Evidence, name: str) -> t.Iterator[Finding]:
    known = {host: group for host, node in e.nodes.items() if (group := node["accounts"]["groups"].get(name))}
    owners = {host: node["accounts"]["gids"] for host, node in e.nodes.items()}
    yield from _account(Ids("groups", "gid", {host: group["gid"] for host, group in known.items()}, owners), name)


def _account(ids: Ids, name: str, groups: t.Collection[str] = ()) -> t.Iterator[Finding]:
    """There everywhere, one number, and the number is nobody else's."""
    absent = [host for host in ids.owners if host not in ids.numbers]
    elsewhere = spread({host: f"{ids.field} {number}" for host, number in ids.numbers.items()}) or "nowhere"
    if absent and groups:
        yield MISSING_OR_NO_MEMBER(absent, measured=elsewhere, name=name, groups=listed(groups), kind=ids.kind)
    elif absent:
        yield MISSING(absent, measured=elsewhere, name=name, kind=ids.kind)
    yield from _one_id(name, ids.field, ids.numbers)
    for number in sorted(set(ids.numbers.values())):
        others = {
            host: listed(sorted({*names.get(str(number), []), name} - {name})) for host, names in ids.owners.items()
        }
        others = {host: names for host, names in others.items() if names}
        if others:
            yield SHARED_ID(others, measured=spread(others), field=ids.field, number=number, name=name)


def _one_id(name: str, field: str, numbers: t.Mapping[str, int]) -> t.Iterator[Finding]:
    if len(set(numbers.values())) > 1:
        hosts = odd(numbers)
        yield OTHER_ID(hosts, measured=spread(numbers), name=name, field=field, hosts=listed(hosts))
