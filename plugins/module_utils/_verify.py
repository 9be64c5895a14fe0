# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict about a cluster, requirement by requirement. Pure. **PRIVATE** to the collection.

The first nine requirements are the vendor's, in the order of "Load Balancing / Configuration"; the others are ours.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils import (
    _verify_accounts,
    _verify_cluster,
    _verify_config,
    _verify_keys,
    _verify_locks,
    _verify_network,
    _verify_storage,
)
from ansible_collections.workbench.cluster.plugins.module_utils._verify_evidence import (
    FAIL,
    NOTE,
    UNKNOWN,
    Evidence,
    Finding,
    finding,
    worst,
)


class Requirement(t.NamedTuple):
    """`needs` are the reports without which a member cannot be judged."""

    id: str
    title: str
    source: str
    needs: tuple[str, ...]
    judge: t.Callable[[Evidence], list[Finding]]


GUIDE = "Load Balancing / Configuration"
REQUIREMENTS = (
    Requirement(
        "version",
        "All nodes run one version of Workbench",
        f"{GUIDE}, requirement 1",
        ("nodes",),
        _verify_config.version,
    ),
    Requirement(
        "configuration",
        "/etc/rstudio is valid, in use, and the same on all nodes",
        f"{GUIDE}, requirement 2",
        ("nodes",),
        _verify_config.configuration,
    ),
    Requirement(
        "accounts",
        "Users, groups and service account have the same ids",
        f"{GUIDE}, requirement 3",
        ("nodes",),
        _verify_accounts.accounts,
    ),
    Requirement(
        "clocks", "The clocks are synchronised", f"{GUIDE}, requirement 4", ("clocks",), _verify_network.clocks
    ),
    Requirement("homes", "Homes are on shared storage", f"{GUIDE}, requirement 5", ("nodes",), _verify_storage.homes),
    Requirement(
        "shared-storage",
        "A shared storage path is defined",
        f"{GUIDE}, requirement 6",
        ("nodes",),
        _verify_storage.shared_storage,
    ),
    Requirement(
        "database",
        "Workbench uses one PostgreSQL database",
        f"{GUIDE}, requirement 7",
        ("nodes", "clusters"),
        _verify_cluster.database,
    ),
    Requirement(
        "launcher",
        "Launcher sessions work across nodes",
        f"{GUIDE}, requirement 8",
        ("nodes",),
        _verify_cluster.launcher,
    ),
    Requirement(
        "ports",
        "Server and launcher ports are open to all nodes",
        f"{GUIDE}, requirement 9",
        ("nodes",),
        _verify_network.ports,
    ),
    Requirement(
        "keys",
        "One secure-cookie-key, one launcher key pair",
        f"{GUIDE}, Synchronize keys",
        ("nodes",),
        _verify_keys.keys,
    ),
    Requirement("locks", "File locks exclude other nodes", f"{GUIDE}, File locking", ("nodes",), _verify_locks.locks),
    Requirement(
        "visibility",
        "A file written here is read there",
        f"{GUIDE}, NFS volume mounting problems",
        ("nodes",),
        _verify_storage.visibility,
    ),
    Requirement(
        "names",
        "Names mean the same address everywhere",
        f"{GUIDE}, Local Launcher plugin",
        ("nodes",),
        _verify_network.names,
    ),
    Requirement(
        "runtimes",
        "R and Python are the same on all nodes",
        "sessions may move to any node",
        ("nodes",),
        _verify_config.runtimes,
    ),
    Requirement(
        "tls",
        "Certificates are valid and name their nodes",
        f"{GUIDE}, Local Launcher plugin",
        ("nodes",),
        _verify_network.tls,
    ),
    Requirement(
        "status",
        "All members are Online, and no others",
        f"{GUIDE}, Checking cluster status",
        ("clusters",),
        _verify_cluster.status,
    ),
)


def verify_verdict(measured: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """`{verdict, requirements: [{id, title, verdict, source, findings}], tables}`; shapes in docs/architecture.md, section 5.

    `measured` is what `verify_measured` gathers; `policy`:
    `{users, groups, paths, clock_max_offset (s), lock_refresh (s), allow_unknown: [ids], now (ISO)}`.
    """
    e = Evidence(measured)
    requirements = []
    for requirement in REQUIREMENTS:
        findings = requirement.judge(e) + _unmeasured(e, requirement)
        order = (FAIL, UNKNOWN)
        findings.sort(
            key=lambda item: order.index(item["verdict"]) if item["verdict"] in order else 2 + (item["verdict"] == NOTE)
        )
        requirements.append(
            {
                "id": requirement.id,
                "title": requirement.title,
                "verdict": worst(findings),
                "source": requirement.source,
                "findings": findings,
            }
        )
    return {"verdict": worst(requirements), "requirements": requirements, "tables": _tables(e, requirements)}


def _unmeasured(e: Evidence, requirement: Requirement) -> list[Finding]:
    absent = [host for host in e.members if any(host not in getattr(e, needs) for needs in requirement.needs)]
    if not e.members:
        return [
            finding(
                UNKNOWN,
                "There are no members",
                remedy="Put the nodes into the group of the cluster, or set verify_members.",
            )
        ]
    reasons = {host: e.why_silent(host) for host in absent}
    return [
        finding(
            UNKNOWN,
            f"{host} could not be measured",
            [host],
            measured=f"{host} {reason}",
            remedy="Bring it up and run verify again, or take it out of the inventory.",
        )
        for host, reason in reasons.items()
    ]


def _tables(e: Evidence, requirements: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    measured = _verify_network.offsets(e)
    return {
        "nodes": [_node(e, row, requirements) for row in _verify_cluster.rows(e)],
        "clocks": [{"host": host, "offset": offset, "bound": bound} for host, (offset, bound) in measured.items()],
        "pairs": _verify_network.pairs(e),
        "locks": _verify_locks.lock_rows(e),
        "drift": _verify_config.drift(e),
    }


def _node(e: Evidence, row: dict[str, t.Any], requirements: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    host = row["host"]
    node, clock, cluster = (e.nodes.get(host) or {}, e.clocks.get(host) or {}, e.clusters.get(host) or {})
    named = {
        verdict: [
            requirement["id"]
            for requirement in requirements
            if any(host in item["hosts"] and item["verdict"] == verdict for item in requirement["findings"])
        ]
        for verdict in (FAIL, UNKNOWN)
    }
    return {
        **row,
        "address": e.addresses.get(host),
        "reached": host in e.nodes,
        "version": (node.get("versions") or {}).get("workbench") or cluster.get("version"),
        "cookie_key": str(((node.get("keys") or {}).get("cookie_key") or {}).get("sha256") or "")[:12] or None,
        "daemon": (clock.get("daemon") or {}).get("name"),
        "fails": named[FAIL],
        "unknown": named[UNKNOWN],
        "errors": [*(node.get("errors") or []), *(clock.get("errors") or []), *(cluster.get("errors") or [])],
    }
