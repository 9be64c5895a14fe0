# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict about a cluster, requirement by requirement. Pure.

The first nine requirements are the vendor's, in the order of "Load Balancing / Configuration"; the others are ours.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import SeenNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import lock_trials, nodes
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
    worst,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    accounts,
    clocks,
    configuration,
    database,
    homes,
    keys,
    launcher,
    locks,
    names,
    ports,
    runtimes,
    shared_storage,
    status,
    tls,
    version,
    visibility,
)


class Judged(t.Protocol):
    """A file of `requirements/`: what it is, and what it finds."""

    @property
    def REQUIREMENT(self) -> Requirement: ...

    @property
    def judge(self) -> t.Callable[[Evidence], t.Iterable[Finding]]: ...


REQUIREMENTS: tuple[Judged, ...] = (
    version,
    configuration,
    accounts,
    clocks,
    homes,
    shared_storage,
    database,
    launcher,
    ports,
    keys,
    locks,
    visibility,
    names,
    runtimes,
    tls,
    status,
)

NO_MEMBERS = Fault(
    "There are no members",
    remedy="Put the nodes into the group of the cluster, or set verify_members.",
    verdict=UNKNOWN,
)
SILENT = Fault(
    "{host} could not be measured",
    measured="{host} {reason}",
    remedy="Bring it up and run verify again, or take it out of the inventory.",
    verdict=UNKNOWN,
)
# What is read first.
ORDER = (FAIL, UNKNOWN, PASS, NOTE)


def verify_verdict(measured: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """`{verdict, requirements: [{id, title, verdict, source, findings}], tables}`; shapes in docs/architecture.md, section 5.

    `measured` is what `verify_measured` gathers; `policy`:
    `{users, groups, paths, clock_max_offset (s), lock_refresh (s), allow_unknown: [ids], now (ISO)}`.
    """
    e = Evidence(measured)
    requirements = [_judged(e, file) for file in REQUIREMENTS]
    return {"verdict": worst(requirements), "requirements": requirements, "tables": _tables(e, requirements)}


def _judged(e: Evidence, file: Judged) -> dict[str, t.Any]:
    requirement = file.REQUIREMENT
    findings = [*file.judge(e), *_unmeasured(e, requirement)]
    findings.sort(key=lambda item: ORDER.index(item["verdict"]))
    return {
        "id": requirement.id,
        "title": requirement.title,
        "verdict": worst(findings),
        "source": requirement.source,
        "findings": findings,
    }


def _unmeasured(e: Evidence, requirement: Requirement) -> t.Iterator[Finding]:
    if not e.members:
        yield NO_MEMBERS()
    for host in e.members:
        if any(host not in getattr(e, needs) for needs in requirement.needs):
            yield SILENT([host], host=host, reason=e.why_silent(host))


def _tables(e: Evidence, requirements: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    measured = clocks.offsets(e)
    return {
        "nodes": [_node(e, row, requirements) for row in nodes.node_rows(e)],
        "clocks": [{"host": host, "offset": offset, "bound": bound} for host, (offset, bound) in measured.items()],
        "pairs": clocks.pairs(e),
        "locks": lock_trials.lock_rows(e),
        "drift": configuration.drift(e),
    }


def _node(e: Evidence, row: SeenNode, requirements: list[dict[str, t.Any]]) -> dict[str, t.Any]:
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
