# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge hosts before the first build. Pure. **PRIVATE** to the collection."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils import _verify_network
from ansible_collections.workbench.cluster.plugins.module_utils._report import counts, verify_summary
from ansible_collections.workbench.cluster.plugins.module_utils._verify_evidence import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Evidence,
    Finding,
    finding,
    listed,
    spread,
    worst,
)

# The systems the roles know.
FAMILIES = ("Debian", "RedHat")
ARCHITECTURES = ("x86_64", "aarch64")
DATABASE, FILES = "database server", "file server"


def verify_preflight(measured: t.Mapping[str, t.Any], cluster: str = "workbench") -> dict[str, t.Any]:
    """`{verdict, requirements, lines}`.

    `measured` is what `verify_measured` gathered, with `facts` of Ansible, ports and names (`node`) and `clock`. Its `policy`:
    `{min_memory (MB), min_disk (MB), managed: [database server, file server], clock_max_offset (s), now}`.
    """
    e = Evidence(measured)
    parts: list[tuple[str, t.Callable[[Evidence], list[Finding]], t.Mapping[str, t.Any]]] = [
        ("system", _system, e.facts),
        ("memory", _memory, e.facts),
        ("disk", _disk, e.facts),
        ("names", _verify_network.names, e.nodes),
        ("ports", _ports, e.nodes),
        ("database", lambda e: _service(e, DATABASE), e.nodes),
        ("storage", lambda e: _service(e, FILES), e.nodes),
        ("clocks", _verify_network.clocks, e.clocks),
    ]
    requirements: list[dict[str, t.Any]] = []
    for name, judge, reports in parts:
        silent = {host: e.why_silent(host) for host in e.members if host not in reports}
        findings = judge(e)
        if silent:
            findings.append(finding(UNKNOWN, "Some hosts could not be measured", silent, measured=spread(silent)))
        requirements.append({"id": name, "verdict": worst(findings), "findings": findings})
    report = {
        "cluster": cluster,
        "verdict": worst(requirements),
        "requirements": requirements,
        "counts": counts(requirements),
    }
    return {"verdict": report["verdict"], "requirements": requirements, "lines": verify_summary(report)}


def _system(e: Evidence) -> list[Finding]:
    systems = {
        host: f"{facts['ansible_distribution']} {facts['ansible_distribution_version']} {facts['ansible_architecture']}"
        for host, facts in e.facts.items()
    }
    other = {
        host: systems[host]
        for host, facts in e.facts.items()
        if facts["ansible_os_family"] not in FAMILIES or facts["ansible_architecture"] not in ARCHITECTURES
    }
    wanted = f"a system of the family {' or '.join(FAMILIES)}, {' or '.join(ARCHITECTURES)}"
    if other:
        remedy = "Use a system the vendor supports (Platform support)."
        return [
            finding(FAIL, "The system is not supported", other, measured=spread(other), wanted=wanted, remedy=remedy)
        ]
    return [finding(PASS, "Supported systems", systems, measured=spread(systems))] if systems else []


def _memory(e: Evidence) -> list[Finding]:
    sizes = {host: int(facts["ansible_memtotal_mb"]) for host, facts in e.facts.items()}
    return _enough("memory", sizes, int(e.policy["min_memory"]), "verify_min_memory", "Give the host more memory")


def _disk(e: Evidence) -> list[Finding]:
    free = {
        host: min(
            int(mount["size_available"]) // 1_000_000 for mount in facts["ansible_mounts"] if mount["mount"] == "/"
        )
        for host, facts in e.facts.items()
        if any(mount["mount"] == "/" and "size_available" in mount for mount in facts["ansible_mounts"])
    }
    return _enough("space on /", free, int(e.policy["min_disk"]), "verify_min_disk", "Make room")


def _enough(what: str, sizes: t.Mapping[str, int], least: int, variable: str, remedy: str) -> list[Finding]:
    if not sizes:
        return []
    short = {host: f"{size} MB" for host, size in sizes.items() if size < least}
    wanted = f"at least {least} MB ({variable})"
    if short:
        return [
            finding(
                FAIL,
                f"Too little {what}",
                short,
                measured=spread(short),
                wanted=wanted,
                remedy=f"{remedy}, or lower {variable}.",
            )
        ]
    return [finding(PASS, f"Enough {what}", sizes, measured=f"{min(sizes.values())} MB at least")]


def _ports(e: Evidence) -> list[Finding]:
    """A refused connection is the best answer before anything runs: the packets arrive, and the port is free."""
    dropped: dict[str, str] = {}
    taken: dict[str, str] = {}
    tried = 0
    for host, node in e.nodes.items():
        for peer, seen in node["peers"].items():
            if peer not in e.members or peer == host:
                continue
            for port, state in seen["ports"].items():
                tried += state in ("open", "refused")
                if state in ("timeout", "unreachable"):
                    dropped[peer] = f"{port} from {host}"
                elif state == "open":
                    taken[peer] = f"port {port}"
    found = []
    if dropped:
        found.append(
            finding(
                FAIL,
                "Packets to the ports of Workbench get lost",
                dropped,
                measured=spread(dropped),
                wanted="server and launcher port open between all nodes",
                remedy="Open them in the firewalls of the hosts and of the network.",
            )
        )
    if taken:
        words = "Right where Workbench runs already; else stop what listens there, or choose www-port and the launcher's port."
        found.append(
            finding(NOTE, "Something answers on a port of Workbench", taken, measured=spread(taken), remedy=words)
        )
    if tried and not dropped:
        found.append(finding(PASS, "The ports of Workbench can be reached", e.nodes))
    elif len(e.members) == 1 and e.nodes:
        found.append(finding(PASS, "There is one node only", e.nodes))
    return found


def _service(e: Evidence, name: str) -> list[Finding]:
    """A server that the playbook site builds may refuse connections still; one that exists must answer."""
    states = {
        host: f"port {port} {state}"
        for host, node in e.nodes.items()
        for port, state in (node["peers"].get(name) or {"ports": {}})["ports"].items()
    }
    if not states:
        return [
            finding(
                UNKNOWN,
                f"No {name} is named",
                remedy="Put a host into the group, or set storage_server and database_host.",
            )
        ]
    good = ("open", "refused") if name in (e.policy.get("managed") or []) else ("open",)
    bad = {host: state for host, state in states.items() if state.split()[-1] not in good}
    if bad:
        wanted = f"the {name} reached from every node"
        remedy = f"See that the {name} runs, that its name resolves, and that firewalls let the nodes in."
        return [finding(FAIL, f"The {name} cannot be reached", bad, measured=spread(bad), wanted=wanted, remedy=remedy)]
    return [finding(PASS, f"The {name} can be reached", states, measured=listed(sorted(set(states.values()))))]
