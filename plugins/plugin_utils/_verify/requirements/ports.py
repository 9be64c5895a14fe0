# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge ports. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import port_number
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence, split_port
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
    id="ports",
    title="Server and launcher ports are open to all nodes",
    source=f"{GUIDE}, requirement 9",
    needs=("nodes",),
)


def no_ports(e: Evidence) -> list[Finding]:
    """Options that should be a port and are none: nobody can be sent there, and the service does not start."""
    wrong: dict[str, list[str]] = {}
    for host in [host for host in e.members if host in e.nodes or host in e.planned]:
        written = {
            "www-port in rserver.conf": e.option(host, "rserver.conf", "www-port"),
            "www-host-name in load-balancer": split_port(e.option(host, "load-balancer", "www-host-name"))[1],
            "port in launcher.conf": e.option(host, "launcher.conf", "server.port") if e.uses_launcher(host) else "",
        }
        wrong[host] = [f"{port} for {name}" for name, port in written.items() if port and not port_number(port)]
    bad = {host: listed(said) for host, said in wrong.items() if said}
    if not bad:
        return []
    return [
        finding(
            FAIL,
            "A port is no number from 1 to 65535",
            bad,
            measured=spread(bad),
            wanted="a number, or nothing for the default: 8787, with TLS 443; launcher 5559",
            remedy="Set www-port (server_rserver_conf), the port behind www-host-name (server_www_host_name) or the "
            "launcher's port (server_launcher_conf), and restart the service.",
        )
    ]


def judge(e: Evidence) -> list[Finding]:
    """Every member reaches every other one; what is not running has no port to be closed."""
    closed: dict[tuple[str, str], dict[str, str]] = {}
    opened: set[tuple[str, str]] = set()
    untold: dict[str, str] = {}
    older = e.older("configuration")
    for host, node in e.nodes.items():
        for peer, seen in (node.get("peers") or {}).items():
            if peer not in e.members or peer == host:
                continue
            for port, state in seen["ports"].items():
                unit = "rstudio-launcher" if _is_launcher(e, peer, port) else "rstudio-server"
                if state == "open":
                    opened.add((host, port))
                elif peer not in e.nodes:
                    untold[peer] = e.why_silent(peer)
                elif not e.active(peer, unit):
                    untold[peer] = f"{unit} is not active, or nobody could ask"
                elif unit in older.get(peer, {}):
                    untold[peer] = f"{unit} runs with older files than those that name its port: see configuration"
                elif state == "unresolved":
                    untold[peer] = "its name is not resolved"
                else:
                    closed.setdefault((peer, port), {})[host] = state
    found = no_ports(e)
    for source, port, peers in _cut_off(closed, opened):
        found.append(_closed(e, source, port, f"{source} reaches none of {listed(peers)} on port {port}", "no way out"))
        for peer in peers:
            closed[(peer, port)].pop(source)
    for (peer, port), sources in closed.items():
        if sources:
            words = f"Port {port} of {peer} does not answer to {listed(sources)}"
            found.append(_closed(e, peer, port, words, spread(sources)))
    if untold:
        found.append(
            finding(
                UNKNOWN,
                "The ports could not be tried",
                untold,
                measured=spread(untold),
                wanted="an answer of the service behind the port",
                remedy="Start the services, or bring the node up: see status.",
            )
        )
    unasked = _unasked(e)
    if unasked:
        found.append(
            finding(
                UNKNOWN,
                "The ports of the others were not tried from here",
                unasked,
                remedy="See that these nodes answer all the time, and run verify again.",
            )
        )
    if opened and not found:
        numbers = sorted({port for _host, port in opened}, key=int)
        found.append(finding(PASS, f"Ports {listed(numbers)} answer from every node to every node", e.nodes))
    elif not found and len(e.members) == 1:
        found.append(finding(PASS, "There is one node only", e.nodes))
    return found


def _unasked(e: Evidence) -> list[str]:
    """Nodes that did not look at the others."""
    return [host for host, node in e.nodes.items() if not node.get("peers") and len(e.members) > 1]


def _is_launcher(e: Evidence, host: str, port: str) -> bool:
    return e.uses_launcher(host) and port == e.launcher_port(host)


def _cut_off(
    closed: t.Mapping[tuple[str, str], t.Mapping[str, str]], opened: set[tuple[str, str]]
) -> list[tuple[str, str, list[str]]]:
    """Sources that reach nobody on a port which others reach: the fault is theirs."""
    tried: dict[tuple[str, str], list[str]] = {}
    for (peer, port), sources in closed.items():
        for source in sources:
            tried.setdefault((source, port), []).append(peer)
    return [
        (source, port, peers)
        for (source, port), peers in tried.items()
        if len(peers) > 1
        and (source, port) not in opened
        and any(number == port and other != source for other, number in opened)
    ]


def _closed(e: Evidence, host: str, port: str, words: str, measured: str) -> Finding:
    service = "launcher" if _is_launcher(e, host, port) else "server"
    return finding(
        FAIL,
        words,
        [host],
        measured=measured,
        wanted=f"the {service} port open between all nodes",
        remedy=f"Open {port}/tcp between the nodes in the firewall of {host} and of the network; if the "
        "address is not the one the "
        "others can reach, set www-host-name in load-balancer (server_www_host_name).",
    )
