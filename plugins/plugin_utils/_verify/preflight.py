# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge hosts before the first build. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.console import verify_summary
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import counts, unproven
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Finding,
    finding,
    worst,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    clocks as verify_requirements_clocks,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    names as verify_requirements_names,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    ports as verify_requirements_ports,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements.runtimes import NO_R

# The systems the roles know, and of them the releases that the vendor's Platform Support names.
FAMILIES = ("Debian", "RedHat")
ARCHITECTURES = ("x86_64", "aarch64")
RELEASES: dict[str, tuple[tuple[int, ...], ...]] = {"Ubuntu": ((22, 4), (24, 4)), "RedHat": ((8,), (9,), (10,))}
# It says nothing of these: the oldest with systemd-sysusers and a Python of 3.8 or later, which the roles need.
OLDEST = {"Debian": 11, "AlmaLinux": 8, "CentOS": 8, "OracleLinux": 8, "Rocky": 8}
# Process names end after 15 characters (proc(5), comm).
PROCESSES = {"rserver", "rserver-http", "rstudio-launche", "rstudio-launcher"}
LISTENER = re.compile(r"^LISTEN\s+\d+\s+\d+\s+\S*:(?P<port>\d+)\s(?P<rest>.*)$", re.MULTILINE)
DATABASE, FILES = "database server", "file server"


def verify_preflight(measured: t.Mapping[str, t.Any], cluster: str = "workbench") -> dict[str, t.Any]:
    """`{verdict, unproven, requirements, lines}`.

    `measured` is what `verify_measured` gathered, with `facts` of Ansible, ports and names (`node`), `listeners` and `clock`.
    Its `policy`: `{min_memory (MB), min_disk (MB), managed: [database server, file server], clock_max_offset (s), allow_unknown,
    now}`.
    """
    e = Evidence(measured)
    listeners: t.Mapping[str, str] = measured.get("listeners") or {}
    parts: list[tuple[str, t.Callable[[Evidence], t.Iterable[Finding]], t.Mapping[str, t.Any]]] = [
        ("system", _system, e.facts),
        ("memory", _memory, e.facts),
        ("disk", _disk, e.facts),
        ("runtimes", _runtimes, e.clusters),
        ("names", verify_requirements_names.judge, e.nodes),
        ("ports", lambda e: _ports(e, listeners), e.nodes),
        ("database", lambda e: _service(e, DATABASE), e.nodes),
        ("storage", lambda e: _service(e, FILES), e.nodes),
        ("clocks", verify_requirements_clocks.judge, e.clocks),
    ]
    requirements: list[dict[str, t.Any]] = []
    for name, judge, reports in parts:
        silent = {host: e.why_silent(host) for host in e.members if host not in reports}
        findings = [*judge(e)]
        if silent:
            findings.append(
                finding(
                    UNKNOWN,
                    "Some hosts could not be measured",
                    silent,
                    measured=spread(silent),
                    remedy="Bring them up and run check again, or take them out of the inventory.",
                )
            )
        requirements.append({"id": name, "verdict": worst(findings), "findings": findings})
    report = {
        "cluster": cluster,
        "verdict": worst(requirements),
        "unproven": unproven(requirements, e.policy),
        "policy": e.policy,
        "requirements": requirements,
        "counts": counts(requirements),
    }
    return {
        "verdict": report["verdict"],
        "unproven": report["unproven"],
        "requirements": requirements,
        "lines": verify_summary(report),
    }


def _system(e: Evidence) -> list[Finding]:
    systems = {
        host: f"{facts['ansible_distribution']} {facts['ansible_distribution_version']} {facts['ansible_architecture']}"
        for host, facts in e.facts.items()
    }
    verdicts = {host: _release(facts) for host, facts in e.facts.items()}
    said = {
        FAIL: ("The system is not supported", "Use one of those."),
        UNKNOWN: (
            "Whether the system is supported is not known",
            "See the vendor's Platform Support, or use one of those.",
        ),
        NOTE: ("The roles know the system, the vendor does not name it", "See the vendor's Platform Support."),
    }
    vendor = listed(f"{name} {_numbers(release)}" for name, releases in RELEASES.items() for release in releases)
    roles = listed(f"{name} from {oldest}" for name, oldest in OLDEST.items())
    found = []
    for verdict, (words, remedy) in said.items():
        hosts = {host: systems[host] for host in systems if verdicts[host] == verdict}
        if hosts:
            wanted = f"{vendor} (vendor); {roles} (roles only); {' or '.join(ARCHITECTURES)}"
            found.append(finding(verdict, words, hosts, measured=spread(hosts), wanted=wanted, remedy=remedy))
    if systems and not {FAIL, UNKNOWN} & set(verdicts.values()):
        found.append(finding(PASS, "Supported systems", systems, measured=spread(systems)))
    return found


def _release(facts: t.Mapping[str, t.Any]) -> str:
    """`pass` where the vendor names the release, `note` where only the roles know it."""
    name = facts["ansible_distribution"]
    if facts["ansible_os_family"] not in FAMILIES or facts["ansible_architecture"] not in ARCHITECTURES:
        return FAIL
    release = tuple(map(int, re.findall(r"\d+", str(facts["ansible_distribution_version"]))))
    if not release or name not in (*RELEASES, *OLDEST):
        return UNKNOWN
    if name in OLDEST:
        return NOTE if release[0] >= OLDEST[name] else FAIL
    known = RELEASES[name]
    release = release[: len(known[0])]
    return PASS if release in known else FAIL if release < min(known) else UNKNOWN


def _numbers(release: tuple[int, ...]) -> str:
    """`22.04`, `9`"""
    return ".".join([str(release[0]), *(f"{number:02}" for number in release[1:])])


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


def parse_listeners(text: str) -> tuple[dict[int, set[str]], set[str]]:
    """`{port: {process}}` of `ss -ltnp`, and the active units of `systemctl show` behind it.

    A listener whose process cannot be seen has none.
    """
    ports: dict[int, set[str]] = {}
    for found in LISTENER.finditer(text):
        ports.setdefault(int(found.group("port")), set()).update(re.findall(r'\("([^"]*)",pid=', found.group("rest")))
    units = [dict(re.findall(r"^(\w+)=(\S+)$", block, re.MULTILINE)) for block in text.split("\n\n")]
    return ports, {unit["Id"].replace(".service", "") for unit in units if unit.get("ActiveState") == "active"}


def _listening(e: Evidence, host: str, text: str) -> tuple[list[str], list[str]]:
    """Who listens on the ports that a host is to use: Workbench, others; `8787 (nginx)`."""
    listening, active = parse_listeners(text)
    ours: list[str] = []
    others: list[str] = []
    for port in [port for port in e.ports(host) if port in listening]:
        unit = "rstudio-launcher" if str(port) == e.launcher_port(host) else "rstudio-server"
        own = bool(PROCESSES & listening[port]) or unit in active
        who = listed(sorted(listening[port])) or "a process that cannot be seen"
        (ours if own else others).append(f"{port} ({who})")
    return ours, others


def _ports(e: Evidence, listeners: t.Mapping[str, str]) -> list[Finding]:
    """A refused connection is the best answer before anything runs: the packets arrive, and the port is free.

    What listens on a port is seen on the host itself, for it may listen on one address only; what a peer reaches stands in.
    """
    dropped: dict[str, str] = {}
    taken: dict[str, str] = {}
    looked = {host: _listening(e, host, text) for host, text in listeners.items() if host in e.nodes}
    others = {host: listed(those) for host, (_ours, those) in looked.items() if those}
    taken.update({host: listed(ours) for host, (ours, _others) in looked.items() if ours})
    tried = 0
    for host, node in e.nodes.items():
        for peer, seen in node["peers"].items():
            if peer not in e.members or peer == host:
                continue
            for port, state in seen["ports"].items():
                tried += state in ("open", "refused")
                if state in ("timeout", "unreachable"):
                    dropped[peer] = f"{port} from {host}"
                elif state == "open" and peer not in looked:
                    taken[peer] = f"port {port}"
    found = [*verify_requirements_ports.unusable(e)]
    if others:
        found.append(
            finding(
                FAIL,
                "Another program listens on a port of Workbench",
                others,
                measured=spread(others),
                wanted="ports that nobody uses",
                remedy="Stop it, or give Workbench another port: www-port in server_rserver_conf; for the launcher, port in "
                "server_launcher_conf and launcher-port in server_rserver_conf.",
            )
        )
    blind = [host for host in e.nodes if host not in looked]
    if blind:
        found.append(
            finding(
                UNKNOWN,
                "Who listens could not be seen",
                blind,
                wanted="an answer of ss -ltnp",
                remedy="Install ss (package iproute2, on Red Hat's systems iproute).",
            )
        )
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
        who = "Workbench runs already" if set(taken) <= set(looked) else "Something answers on a port of Workbench"
        found.append(finding(NOTE, who, taken, measured=spread(taken), remedy=words))
    if any(item["verdict"] == FAIL for item in found):
        return found
    if tried:
        found.append(finding(PASS, "The ports of Workbench can be reached", e.nodes))
    elif len(e.members) == 1 and e.nodes:
        found.append(finding(PASS, "There is one node only", e.nodes))
    return found


def _runtimes(e: Evidence) -> list[Finding]:
    """An R is there, or the role brings it."""
    found = {host: list(cluster["runtimes"]["r"]) for host, cluster in e.clusters.items() if e.runs_sessions(host)}
    comes = {host: e.options(host, "runtimes").get("r") or [] for host in found}
    failing = [host for host in found if not found[host] and not comes[host]]
    if failing:
        return [NO_R(failing)]
    said = {host: listed([*found[host], *(f"{version} to come" for version in comes[host])]) for host in found}
    return [
        finding(
            PASS, "An R for sessions" if said else "No sessions run on the nodes", e.clusters, measured=spread(said)
        )
    ]


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
                remedy="Put a host into the group, or set storage_server and database_host. Where nothing can be tried before "
                "others have mounted the directories, allow it: verify_allow_unknown: [storage].",
            )
        ]
    good = ("open", "refused") if name in (e.policy.get("managed") or []) else ("open",)
    bad = {host: state for host, state in states.items() if state.split()[-1] not in good}
    if bad:
        wanted = f"the {name} reached from every node"
        remedy = f"See that the {name} runs, that its name resolves, and that firewalls let the nodes in."
        return [finding(FAIL, f"The {name} cannot be reached", bad, measured=spread(bad), wanted=wanted, remedy=remedy)]
    return [finding(PASS, f"The {name} can be reached", states, measured=listed(sorted(set(states.values()))))]
