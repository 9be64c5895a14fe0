# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every member reaches the server and the launcher of every other one. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 9).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import port_number
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence, split_port
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
    id="ports",
    title="Server and launcher ports are open to all nodes",
    source=f"{GUIDE}, requirement 9",
    needs=("nodes",),
)

NO_PORT = Fault(
    "A port is no number from 1 to 65535",
    wanted="a number, or nothing for the default: 8787, with TLS 443; launcher 5559",
    remedy="Set www-port (server_rserver_conf), the port behind www-host-name (server_www_host_name) or the launcher's port "
    "(server_launcher_conf), and restart the service.",
)
OPEN_BETWEEN_ALL = "the {service} port open between all nodes"
OPEN_IT = (
    "Open {port}/tcp between the nodes in the firewall of {host} and of the network; if the address is not the one the "
    "others can reach, set www-host-name in load-balancer (server_www_host_name)."
)
NO_WAY_OUT = Fault(
    "{host} reaches none of {peers} on port {port}", measured="no way out", wanted=OPEN_BETWEEN_ALL, remedy=OPEN_IT
)
# What a firewall mostly does. Where nothing listens the host itself refuses.
DROPPED = Fault(
    "Port {port} of {host} does not answer to {sources}: most likely a firewall drops it",
    wanted=OPEN_BETWEEN_ALL,
    remedy="See the firewall of {host}, and of the network: nft list ruleset, ufw status, firewall-cmd --list-all. With "
    "firewall_state: present the playbook site opens {port}/tcp to the members. If the address is not the one the others can "
    "reach, set www-host-name in load-balancer (server_www_host_name).",
)
CLOSED = Fault("Port {port} of {host} does not answer to {sources}", wanted=OPEN_BETWEEN_ALL, remedy=OPEN_IT)
UNTOLD = Fault(
    "The ports could not be tried",
    wanted="an answer of the service behind the port",
    remedy="Start the services, or bring the node up: see status.",
    verdict=UNKNOWN,
)
NOT_TRIED = Fault(
    "The ports of the others were not tried from here",
    remedy="See that these nodes answer all the time, and run verify again.",
    verdict=UNKNOWN,
)
OPEN = Fault("Ports {ports} answer from every node to every node", verdict=PASS)


class Try(t.NamedTuple):
    """What a source saw of a port of a peer: `open`, or why not."""

    source: str
    peer: str
    port: str
    state: str


# `{(peer, port): {source: state}}` of the ports that should be open and are not.
Closed = dict[tuple[str, str], dict[str, str]]


def judge(e: Evidence) -> t.Iterator[Finding]:
    tries = list(every_try(e))
    found = [*unusable(e), *_unreached(e, tries), *_untold(e, tries)]
    yield from found
    ports = sorted({tried.port for tried in tries if tried.state == "open"}, key=int)
    if ports and not found:
        yield OPEN(e.nodes, ports=listed(ports))
    elif not found and len(e.members) == 1:
        yield ONE_NODE(e.nodes)


def unusable(e: Evidence) -> t.Iterator[Finding]:
    """Options that should be a port and are none: nobody can be sent there, and the service does not start."""
    wrong: dict[str, str] = {}
    for host in [host for host in e.members if host in e.nodes or host in e.planned]:
        written = {
            "www-port in rserver.conf": e.option(host, "rserver.conf", "www-port"),
            "www-host-name in load-balancer": split_port(e.option(host, "load-balancer", "www-host-name"))[1],
            "port in launcher.conf": e.option(host, "launcher.conf", "server.port") if e.uses_launcher(host) else "",
        }
        wrong[host] = listed(f"{port} for {name}" for name, port in written.items() if port and not port_number(port))
    wrong = {host: options for host, options in wrong.items() if options}
    if wrong:
        yield NO_PORT(wrong, measured=spread(wrong))


def every_try(e: Evidence) -> t.Iterator[Try]:
    for host, node in e.nodes.items():
        for peer, seen in (node.get("peers") or {}).items():
            if peer in e.members and peer != host:
                for port, state in seen["ports"].items():
                    yield Try(host, peer, port, state)


def _unreached(e: Evidence, tries: t.Sequence[Try]) -> t.Iterator[Finding]:
    opened = {(tried.source, tried.port) for tried in tries if tried.state == "open"}
    closed: Closed = {}
    for tried in tries:
        if tried.state != "open" and not _why_untold(e, tried):
            closed.setdefault((tried.peer, tried.port), {})[tried.source] = tried.state
    for source, port, peers in _cut_off(closed, opened):
        yield NO_WAY_OUT([source], host=source, port=port, peers=listed(peers), service=_service(e, source, port))
        for peer in peers:
            closed[(peer, port)].pop(source)
    for (peer, port), states in closed.items():
        if states:
            service, sources = _service(e, peer, port), listed(states)
            dropped = set(states.values()) == {"timeout"}
            yield (DROPPED if dropped else CLOSED)(
                [peer], measured=spread(states), host=peer, port=port, sources=sources, service=service
            )


def _untold(e: Evidence, tries: t.Iterable[Try]) -> t.Iterator[Finding]:
    untold = {tried.peer: why for tried in tries if tried.state != "open" and (why := _why_untold(e, tried))}
    if untold:
        yield UNTOLD(untold, measured=spread(untold))
    blind = e.looked_at_nobody()
    if blind:
        yield NOT_TRIED(blind)


def _why_untold(e: Evidence, tried: Try) -> str:
    """Why nothing can be said of a port that did not answer: what is not running has no port to be closed."""
    unit = f"rstudio-{_service(e, tried.peer, tried.port)}"
    if tried.peer not in e.nodes:
        return e.why_silent(tried.peer)
    if not e.active(tried.peer, unit):
        return f"{unit} is not active, or nobody could ask"
    if unit in e.older("configuration").get(tried.peer, {}):
        return f"{unit} runs with older files than those that name its port: see configuration"
    return "its name is not resolved" if tried.state == "unresolved" else ""


def _service(e: Evidence, host: str, port: str) -> str:
    return "launcher" if e.uses_launcher(host) and port == e.launcher_port(host) else "server"


def _cut_off(closed: Closed, opened: set[tuple[str, str]]) -> list[tuple[str, str, list[str]]]:
    """Source, port and peers where a source reaches nobody on a port which others reach: the fault is the source's."""
    unreached: dict[tuple[str, str], list[str]] = {}
    for (peer, port), states in closed.items():
        for source in states:
            unreached.setdefault((source, port), []).append(peer)
    return [
        (source, port, peers)
        for (source, port), peers in unreached.items()
        if len(peers) > 1
        and (source, port) not in opened
        and any(number == port and other != source for other, number in opened)
    ]
