# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts before the first build: what would stop it, or make a cluster that fails `verify`. Pure."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import counts, unproven
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Gathered, JudgedPart, Preflight
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import free_ports, hosts
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    NOTHING_TOLD,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    worst,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import clocks, names
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements.runtimes import NO_R

DATABASE, FILES = "database server", "file server"

SILENT = Fault(
    "Some hosts could not be measured",
    remedy="Bring them up and run check again, or take them out of the inventory.",
    verdict=UNKNOWN,
)
AN_R = Fault("An R for sessions", verdict=PASS)
NO_SESSIONS = Fault("No sessions run on the nodes", verdict=PASS)
NO_DATABASE = Fault(
    f"No {DATABASE} is named",
    remedy="Put a host into the group, or set database_host. Where the nodes get it in another way, allow it: "
    "verify_allow_unknown: [database].",
    verdict=UNKNOWN,
)
NO_FILES = Fault(
    f"No {FILES} is named",
    remedy="Put a host into the group, or set storage_server. Where nothing can be tried before others have mounted the "
    "directories, allow it: verify_allow_unknown: [storage].",
    verdict=UNKNOWN,
)
UNREACHED = Fault(
    "The {service} cannot be reached",
    wanted="the {service} reached from every node",
    remedy="See that the {service} runs, that its name resolves, and that firewalls let the nodes in.",
)
REACHED = Fault("The {service} can be reached", verdict=PASS)


class Part(t.NamedTuple):
    """One line of the preflight; a member without one of the `reports` cannot be judged."""

    id: str
    judge: t.Callable[[Evidence], t.Iterable[Finding]]
    reports: t.Container[str]


def verify_preflight(measured: Gathered, cluster: str = "workbench") -> Preflight:
    """The verdict on hosts that may have nothing on them yet."""
    e = Evidence(measured)
    parts = (
        Part("system", hosts.system, e.facts),
        Part("memory", hosts.memory, e.facts),
        Part("disk", hosts.disk, e.facts),
        Part("runtimes", _runtimes, e.clusters),
        Part("names", names.judge, e.nodes),
        Part("ports", functools.partial(free_ports.judge, listeners=e.listeners), e.nodes),
        Part("database", functools.partial(_service, name=DATABASE), e.nodes),
        Part("storage", functools.partial(_service, name=FILES), e.nodes),
        Part("clocks", clocks.judge, e.clocks),
    )
    requirements = [_judged(e, part) for part in parts]
    return {
        "cluster": cluster,
        "verdict": worst(requirements),
        "unproven": unproven(requirements, e.policy),
        "policy": e.policy,
        "requirements": requirements,
        "counts": counts(requirements),
    }


def _judged(e: Evidence, part: Part) -> JudgedPart:
    silent = {host: e.why_silent(host) for host in e.members if host not in part.reports}
    findings = [*part.judge(e)]
    if silent:
        findings.append(SILENT(silent, measured=spread(silent)))
    if not findings:
        findings.append(NOTHING_TOLD(e.members))
    return {"id": part.id, "verdict": worst(findings), "findings": findings}


def _runtimes(e: Evidence) -> t.Iterator[Finding]:
    """An R is there, or the role brings it."""
    found = {host: list(cluster["runtimes"]["r"]) for host, cluster in e.clusters.items() if e.runs_sessions(host)}
    comes = {host: e.options(host, "runtimes").get("r") or [] for host in found}
    without = [host for host in found if not found[host] and not comes[host]]
    said = {host: listed([*found[host], *(f"{version} to come" for version in comes[host])]) for host in found}
    if without:
        yield NO_R(without)
    else:
        yield (AN_R if said else NO_SESSIONS)(e.clusters, measured=spread(said))


def _service(e: Evidence, name: str) -> t.Iterator[Finding]:
    """A server that the playbook site builds may refuse connections still; one that exists must answer."""
    states = {
        host: f"port {port} {state}"
        for host, node in e.nodes.items()
        for port, state in (node["peers"].get(name) or {"ports": {}})["ports"].items()
    }
    good = ("open", "refused") if name in (e.policy.get("managed") or []) else ("open",)
    bad = {host: state for host, state in states.items() if state.split()[-1] not in good}
    if bad:
        yield UNREACHED(bad, measured=spread(bad), service=name)
    elif states:
        yield REACHED(states, measured=listed(sorted(set(states.values()))), service=name)
    elif e.nodes:
        yield (NO_DATABASE if name == DATABASE else NO_FILES)()
