# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge users and groups. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 3).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    PASS,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="accounts",
    title="Users, groups and service account have the same ids",
    source=f"{GUIDE}, requirement 3",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    services = {host: node["service_user"] for host, node in e.nodes.items()}
    found = []
    if len(set(services.values())) > 1:
        found.append(
            finding(
                FAIL,
                "Workbench runs as different accounts",
                odd(services),
                measured=spread(services),
                wanted="one service account",
                remedy="Set server-user to the same account in rserver.conf and launcher.conf of all nodes.",
            )
        )
    groups = sorted({*(e.policy.get("groups") or [])})
    named = {*(e.policy.get("users") or []), *services.values()}
    # A node reports the members of the groups too.
    users = sorted(named.union(*(node["accounts"]["users"] for node in e.nodes.values())))
    for name in users:
        words = "does not exist" if name in named else f"does not exist, or is in none of {listed(groups)}"
        found += _account(e, "users", name, words)
        gids = {host: user["gid"] for host, user in _known(e, "users", name).items()}
        if len(set(gids.values())) > 1:
            found.append(_ids_differ(name, "gid", gids))
    for name in groups:
        found += _account(e, "groups", name, "does not exist")
    if not found and e.nodes:
        words = f"{counted(len(users), 'user')} and {counted(len(groups), 'group')} with the same ids on all nodes"
        found.append(finding(PASS, words, e.nodes, measured=listed([*users, *groups])))
    if not e.policy.get("users") and not groups:
        found.append(
            finding(
                UNKNOWN,
                "No users were named, so only the service account was compared",
                e.nodes,
                remedy="Name the users of Workbench in verify_users (default: the names in accounts_users), or their groups "
                "in verify_groups.",
            )
        )
    return found


def _known(e: Evidence, kind: str, name: str) -> dict[str, t.Any]:
    return {host: node["accounts"][kind][name] for host, node in e.nodes.items() if name in node["accounts"][kind]}


def _account(e: Evidence, kind: str, name: str, missing: str) -> list[Finding]:
    """One of the `users` or `groups`: there everywhere, one number, and the number is nobody else's."""
    field = "uid" if kind == "users" else "gid"
    known = _known(e, kind, name)
    numbers = {host: entry[field] for host, entry in known.items()}
    absent = [host for host in e.nodes if host not in known]
    found = []
    if absent:
        found.append(
            finding(
                FAIL,
                f"{name} {missing}",
                absent,
                measured=spread({host: f"{field} {number}" for host, number in numbers.items()}) or "nowhere",
                wanted="on all nodes",
                remedy=f"Run the playbook site with {name} in accounts_{kind} (the service account it makes by itself), or "
                "repair the directory service (SSSD) of the node.",
            )
        )
    if len(set(numbers.values())) > 1:
        found.append(_ids_differ(name, field, numbers))
    for number in sorted(set(numbers.values())):
        others = {
            host: listed(sorted(set(node["accounts"][f"{field}s"].get(str(number), [])) - {name}))
            for host, node in e.nodes.items()
        }
        others = {host: names for host, names in others.items() if names}
        if others:
            found.append(
                finding(
                    FAIL,
                    f"{field} {number} of {name} belongs to others too",
                    others,
                    measured=spread(others),
                    wanted=f"{field} {number} is {name} and nobody else",
                    remedy=f"Give the other account another {field} and its files to it (usermod or groupmod, chown).",
                )
            )
    return found


def _ids_differ(name: str, field: str, numbers: t.Mapping[str, int]) -> Finding:
    hosts = odd(numbers)
    return finding(
        FAIL,
        f"{name} has different {field}s",
        hosts,
        measured=spread(numbers),
        wanted=f"one {field} on all nodes",
        remedy=f"Change it on {listed(hosts)} with all sessions of {name} stopped (usermod or groupmod), "
        "then the owner of its local files.",
    )
