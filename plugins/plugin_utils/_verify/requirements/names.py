# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge names. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, spread
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
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements.ports import _unasked

REQUIREMENT = Requirement(
    id="names",
    title="Names mean the same address everywhere",
    source=f"{GUIDE}, Local Launcher plugin",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    """A member's name means the same addresses to every other one."""
    found = []
    remedy = "Repair DNS or /etc/hosts of these nodes, or set www-host-name to an address (server_www_host_name)."
    resolved = 0
    for member in e.members:
        seen = {
            host: tuple(sorted(node["peers"][member]["address"]))
            for host, node in e.nodes.items()
            if host != member and member in (node.get("peers") or {})
        }
        if not seen:
            continue
        name, wanted = e.advertised(member), "one address on all nodes"
        missing = [host for host, addresses in seen.items() if not addresses]
        local = {host: listed(found_at) for host, found_at in seen.items() if any(map(_loopback, found_at))}
        values = {host: addresses for host, addresses in seen.items() if addresses and host not in local}
        if missing:
            found.append(
                finding(
                    FAIL,
                    f"{name} ({member}) is not resolved",
                    missing,
                    measured="no address",
                    wanted=wanted,
                    remedy=remedy,
                )
            )
        if local:
            found.append(
                finding(
                    FAIL,
                    f"{name} ({member}) is the node itself",
                    local,
                    measured=spread(local),
                    wanted=wanted,
                    remedy=remedy,
                )
            )
        if len(set(values.values())) > 1:
            hosts = [host for group in list(grouped(values).values())[1:] for host in group]
            largest = max(grouped(values).values(), key=len)
            if len(largest) * 2 > len(values):
                hosts = [host for host in values if host not in largest]
            words = f"{name} ({member}) has different addresses"
            shown = {host: listed(addresses) for host, addresses in values.items()}
            found.append(finding(FAIL, words, hosts, measured=spread(shown), wanted=wanted, remedy=remedy))
        resolved += not missing and not local
    unasked = _unasked(e)
    if unasked:
        found.append(
            finding(
                UNKNOWN,
                "The names of the others were not resolved here",
                unasked,
                remedy="See that these nodes answer all the time, and run verify again.",
            )
        )
    if not found and resolved:
        found.append(
            finding(PASS, "Each name means the same address on every node", e.nodes, measured=counted(resolved, "name"))
        )
    elif not found and len(e.members) == 1:
        found.append(finding(PASS, "There is one node only", e.nodes))
    return found


def _loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")
