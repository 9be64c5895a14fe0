# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict about a cluster, requirement by requirement. Pure.

The first nine requirements are the vendor's, in the order of "Load Balancing / Configuration"; the others are ours.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import (
    Gathered,
    Judged,
    NodeRow,
    SeenNode,
    Tables,
    Verdict,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import lock_trials, nodes
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    NOTHING_TOLD,
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
    front_end,
    homes,
    inventory,
    keys,
    launcher,
    locks,
    names,
    ports,
    runtimes,
    shared_storage,
    sharing,
    status,
    tls,
    version,
    visibility,
)


class RequirementFile(t.Protocol):
    """A file of `requirements/`: what it is, and what it finds."""

    @property
    def REQUIREMENT(self) -> Requirement: ...

    @property
    def judge(self) -> t.Callable[[Evidence], t.Iterable[Finding]]: ...


REQUIREMENTS: tuple[RequirementFile, ...] = (
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
    sharing,
    names,
    runtimes,
    tls,
    status,
    front_end,
    inventory,
)
# Those that are not asked of every cluster.
SOMETIMES: t.Mapping[str, t.Callable[[Evidence], bool]] = {
    front_end.REQUIREMENT.id: front_end.applies,
    inventory.REQUIREMENT.id: inventory.applies,
    sharing.REQUIREMENT.id: sharing.applies,
}

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


def verify_verdict(measured: Gathered) -> Verdict:
    """The verdict about what `verify_measured` gathered."""
    e = Evidence(measured)
    asked = [file for file in REQUIREMENTS if SOMETIMES.get(file.REQUIREMENT.id, always)(e)]
    requirements = [_judged(e, file) for file in asked]
    return {"verdict": worst(requirements), "requirements": requirements, "tables": _tables(e, requirements)}


def always(_evidence: Evidence) -> bool:
    return True


def _judged(e: Evidence, file: RequirementFile) -> Judged:
    requirement = file.REQUIREMENT
    findings = [*file.judge(e), *_unmeasured(e, requirement)] or [NOTHING_TOLD(e.members)]
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


def _tables(e: Evidence, requirements: list[Judged]) -> Tables:
    measured = clocks.offsets(e)
    return {
        "nodes": [_node(e, row, requirements) for row in nodes.node_rows(e)],
        "clocks": [{"host": host, "offset": offset, "bound": bound} for host, (offset, bound) in measured.items()],
        "pairs": clocks.pairs(e),
        "locks": lock_trials.lock_rows(e),
        "drift": configuration.drift(e),
    }


def _node(e: Evidence, row: SeenNode, requirements: list[Judged]) -> NodeRow:
    host = row["host"]
    node, clock, cluster = e.nodes.get(host), e.clocks.get(host), e.clusters.get(host)
    return {
        **row,
        "address": e.addresses.get(host),
        "reached": node is not None,
        "version": (node["versions"]["workbench"] if node else None) or e.version(host),
        "cookie_key": ((node["key_files"]["cookie_key"]["sha256"] if node else None) or "")[:12] or None,
        "daemon": clock["daemon"]["name"] if clock else None,
        "fails": _about(host, requirements, FAIL),
        "unknown": _about(host, requirements, UNKNOWN),
        "errors": [error for report in (node, clock, cluster) if report for error in report["errors"]],
    }


def _about(host: str, requirements: list[Judged], verdict: str) -> list[str]:
    """The requirements that have a finding with this verdict about a host."""
    return [
        requirement["id"]
        for requirement in requirements
        if any(host in item["hosts"] and item["verdict"] == verdict for item in requirement["findings"])
    ]
