# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict about a cluster, requirement by requirement. Pure.

The first nine requirements are the vendor's, in the order of "Load Balancing / Configuration"; the others are ours.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import nodes as verify_nodes
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    UNKNOWN,
    Finding,
    finding,
    worst,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    accounts as verify_requirements_accounts,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    clocks as verify_requirements_clocks,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    configuration as verify_requirements_configuration,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    database as verify_requirements_database,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    homes as verify_requirements_homes,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    keys as verify_requirements_keys,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    launcher as verify_requirements_launcher,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    locks as verify_requirements_locks,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    names as verify_requirements_names,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    ports as verify_requirements_ports,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    runtimes as verify_requirements_runtimes,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    shared_storage as verify_requirements_shared_storage,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    status as verify_requirements_status,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    tls as verify_requirements_tls,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    version as verify_requirements_version,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    visibility as verify_requirements_visibility,
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
        verify_requirements_version.version,
    ),
    Requirement(
        "configuration",
        "/etc/rstudio is valid, in use, and the same on all nodes",
        f"{GUIDE}, requirement 2",
        ("nodes",),
        verify_requirements_configuration.configuration,
    ),
    Requirement(
        "accounts",
        "Users, groups and service account have the same ids",
        f"{GUIDE}, requirement 3",
        ("nodes",),
        verify_requirements_accounts.accounts,
    ),
    Requirement(
        "clocks",
        "The clocks are synchronised",
        f"{GUIDE}, requirement 4",
        ("clocks",),
        verify_requirements_clocks.clocks,
    ),
    Requirement(
        "homes", "Homes are on shared storage", f"{GUIDE}, requirement 5", ("nodes",), verify_requirements_homes.homes
    ),
    Requirement(
        "shared-storage",
        "A shared storage path is defined",
        f"{GUIDE}, requirement 6",
        ("nodes",),
        verify_requirements_shared_storage.shared_storage,
    ),
    Requirement(
        "database",
        "Workbench uses one PostgreSQL database",
        f"{GUIDE}, requirement 7",
        ("nodes", "clusters"),
        verify_requirements_database.database,
    ),
    Requirement(
        "launcher",
        "Launcher sessions work across nodes",
        f"{GUIDE}, requirement 8",
        ("nodes",),
        verify_requirements_launcher.launcher,
    ),
    Requirement(
        "ports",
        "Server and launcher ports are open to all nodes",
        f"{GUIDE}, requirement 9",
        ("nodes",),
        verify_requirements_ports.ports,
    ),
    Requirement(
        "keys",
        "One secure-cookie-key, one launcher key pair",
        f"{GUIDE}, Synchronize keys",
        ("nodes",),
        verify_requirements_keys.keys,
    ),
    Requirement(
        "locks", "File locks exclude other nodes", f"{GUIDE}, File locking", ("nodes",), verify_requirements_locks.locks
    ),
    Requirement(
        "visibility",
        "A file written here is read there",
        f"{GUIDE}, NFS volume mounting problems",
        ("nodes",),
        verify_requirements_visibility.visibility,
    ),
    Requirement(
        "names",
        "Names mean the same address everywhere",
        f"{GUIDE}, Local Launcher plugin",
        ("nodes",),
        verify_requirements_names.names,
    ),
    Requirement(
        "runtimes",
        "R and Python are the same on all nodes",
        "sessions may move to any node",
        ("nodes",),
        verify_requirements_runtimes.runtimes,
    ),
    Requirement(
        "tls",
        "Certificates are valid and name their nodes",
        f"{GUIDE}, Local Launcher plugin",
        ("nodes",),
        verify_requirements_tls.tls,
    ),
    Requirement(
        "status",
        "All members are Online, and no others",
        f"{GUIDE}, Checking cluster status",
        ("clusters",),
        verify_requirements_status.status,
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
    measured = verify_requirements_clocks.offsets(e)
    return {
        "nodes": [_node(e, row, requirements) for row in verify_nodes.rows(e)],
        "clocks": [{"host": host, "offset": offset, "bound": bound} for host, (offset, bound) in measured.items()],
        "pairs": verify_requirements_clocks.pairs(e),
        "locks": verify_requirements_locks.lock_rows(e),
        "drift": verify_requirements_configuration.drift(e),
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
        "cookie_key": str(((node.get("key_files") or {}).get("cookie_key") or {}).get("sha256") or "")[:12] or None,
        "daemon": (clock.get("daemon") or {}).get("name"),
        "fails": named[FAIL],
        "unknown": named[UNKNOWN],
        "errors": [*(node.get("errors") or []), *(clock.get("errors") or []), *(cluster.get("errors") or [])],
    }
