# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A member's name means the same addresses to every other one. Pure.

Source: Admin Guide, Load Balancing / Configuration (Local Launcher plugin).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    ONE_NODE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="names",
    title="Names mean the same address everywhere",
    source=f"{GUIDE}, Local Launcher plugin",
    needs=("nodes",),
)

ONE_ADDRESS = "one address on all nodes"
REPAIR = "Repair DNS or /etc/hosts of these nodes, or set www-host-name to an address (server_www_host_name)."
UNRESOLVED = Fault("{name} ({member}) is not resolved", measured="no address", wanted=ONE_ADDRESS, remedy=REPAIR)
LOOPBACK = Fault("{name} ({member}) is the node itself", wanted=ONE_ADDRESS, remedy=REPAIR)
DIFFERENT = Fault("{name} ({member}) has different addresses", wanted=ONE_ADDRESS, remedy=REPAIR)
NOT_ASKED = Fault(
    "The names of the others were not resolved here",
    remedy="See that these nodes answer all the time, and run verify again.",
    verdict=UNKNOWN,
)
SAME = Fault("Each name means the same address on every node", verdict=PASS)

Addresses = dict[str, tuple[str, ...]]


def judge(e: Evidence) -> t.Iterator[Finding]:
    resolved = {member: _resolved(e, member) for member in e.members}
    found = [fault for member, addresses in resolved.items() for fault in _name(e, member, addresses)]
    blind = e.looked_at_nobody()
    if blind:
        found.append(NOT_ASKED(blind))
    yield from found
    if not found and any(resolved.values()):
        yield SAME(e.nodes, measured=counted(sum(map(bool, resolved.values())), "name"))
    elif not found and len(e.members) == 1:
        yield ONE_NODE(e.nodes)


def _resolved(e: Evidence, member: str) -> Addresses:
    """What a member's name means to each of the others that resolved it."""
    return {
        host: tuple(sorted(node["peers"][member]["address"]))
        for host, node in e.nodes.items()
        if host != member and member in (node.get("peers") or {})
    }


def _name(e: Evidence, member: str, resolved: Addresses) -> t.Iterator[Finding]:
    name = e.advertised(member)
    missing = [host for host, addresses in resolved.items() if not addresses]
    local = {host: listed(addresses) for host, addresses in resolved.items() if any(map(_is_loopback, addresses))}
    others = {host: addresses for host, addresses in resolved.items() if addresses and host not in local}
    if missing:
        yield UNRESOLVED(missing, name=name, member=member)
    if local:
        yield LOOPBACK(local, measured=spread(local), name=name, member=member)
    if len(set(others.values())) > 1:
        shown = {host: listed(addresses) for host, addresses in others.items()}
        yield DIFFERENT(_suspects(others), measured=spread(shown), name=name, member=member)


def _suspects(addresses: Addresses) -> list[str]:
    """Hosts that differ from the majority; where there is none, from the first."""
    hosts = odd(addresses)
    if len(hosts) < len(addresses):
        return hosts
    _first, *others = grouped(addresses).values()
    return [host for group in others for host in group]


def _is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")
