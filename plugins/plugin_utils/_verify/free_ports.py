# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports that Workbench is to use, before anything of it runs: free on each host, and reached from the others. Pure.

A refused connection is the best answer then: the packets arrive, and the port is free. What listens on a port is seen on the
host itself, for it may listen on one address only; where nobody could look, what the others reach stands in.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    ONE_NODE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import ports

ANOTHER_PROGRAM = Fault(
    "Another program listens on a port of Workbench",
    wanted="ports that nobody uses",
    remedy="Stop it, or give Workbench another port: www-port in server_rserver_conf; for the launcher, port in "
    "server_launcher_conf and launcher-port in server_rserver_conf.",
)
BLIND = Fault(
    "Who listens could not be seen",
    wanted="an answer of ss -ltnp",
    remedy="Install ss (package iproute2, on Red Hat's systems iproute).",
    verdict=UNKNOWN,
)
LOST = Fault(
    "Packets to the ports of Workbench get lost",
    wanted="server and launcher port open between all nodes",
    remedy="Open them in the firewalls of the hosts and of the network.",
)
RIGHT_OR_STOP = (
    "Right where Workbench runs already; else stop what listens there, or choose www-port and the launcher's port."
)
RUNS_ALREADY = Fault("Workbench runs already", remedy=RIGHT_OR_STOP, verdict=NOTE)
ANSWERED = Fault("Something answers on a port of Workbench", remedy=RIGHT_OR_STOP, verdict=NOTE)
REACHED = Fault("The ports of Workbench can be reached", verdict=PASS)

# Process names end after 15 characters (proc(5), comm).
PROCESSES = {"rserver", "rserver-http", "rstudio-launche", "rstudio-launcher"}
LISTENER = re.compile(r"^LISTEN\s+\d+\s+\d+\s+\S*:(?P<port>\d+)\s(?P<rest>.*)$", re.MULTILINE)


class Listening(t.NamedTuple):
    """Who listens on the ports that a host is to use: `8787 (nginx)`."""

    workbench: list[str]
    others: list[str]


def judge(e: Evidence, listeners: t.Mapping[str, str]) -> t.Iterator[Finding]:
    """`listeners` is the text for `parse_listeners`, by host."""
    looked = {host: _listening(e, host, text) for host, text in listeners.items() if host in e.nodes}
    tries = [*ports.every_try(e)]
    found = [*ports.unusable(e), *_others(e, looked), *_lost(tries), *_taken(looked, tries)]
    yield from found
    if any(item["verdict"] == FAIL for item in found):
        return
    if any(tried.state in ("open", "refused") for tried in tries):
        yield REACHED(e.nodes)
    elif len(e.members) == 1 and e.nodes:
        yield ONE_NODE(e.nodes)


def parse_listeners(text: str) -> tuple[dict[int, set[str]], set[str]]:
    """`{port: {process}}` of `ss -ltnp`, and the active units of `systemctl show` behind it.

    A listener whose process cannot be seen has none.
    """
    found: dict[int, set[str]] = {}
    for line in LISTENER.finditer(text):
        found.setdefault(int(line["port"]), set()).update(re.findall(r'\("([^"]*)",pid=', line["rest"]))
    units = [dict(re.findall(r"^(\w+)=(\S+)$", block, re.MULTILINE)) for block in text.split("\n\n")]
    return found, {unit["Id"].removesuffix(".service") for unit in units if unit.get("ActiveState") == "active"}


def _listening(e: Evidence, host: str, text: str) -> Listening:
    listening, active = parse_listeners(text)
    found = Listening([], [])
    for port in [port for port in e.ports(host) if port in listening]:
        unit = "rstudio-launcher" if str(port) == e.launcher_port(host) else "rstudio-server"
        own = bool(PROCESSES & listening[port]) or unit in active
        who = listed(sorted(listening[port])) or "a process that cannot be seen"
        (found.workbench if own else found.others).append(f"{port} ({who})")
    return found


def _others(e: Evidence, looked: t.Mapping[str, Listening]) -> t.Iterator[Finding]:
    others = {host: listed(listening.others) for host, listening in looked.items() if listening.others}
    blind = [host for host in e.nodes if host not in looked]
    if others:
        yield ANOTHER_PROGRAM(others, measured=spread(others))
    if blind:
        yield BLIND(blind)


def _lost(tries: t.Iterable[ports.Try]) -> t.Iterator[Finding]:
    lost: dict[str, dict[str, list[str]]] = {}
    for host, peer, port, state in tries:
        if state in ("timeout", "unreachable"):
            lost.setdefault(peer, {}).setdefault(port, []).append(host)
    if lost:
        said = {
            peer: " and ".join(f"{port} from {listed(hosts)}" for port, hosts in its.items())
            for peer, its in lost.items()
        }
        yield LOST(lost, measured=spread(said))


def _taken(looked: t.Mapping[str, Listening], tries: t.Iterable[ports.Try]) -> t.Iterator[Finding]:
    own = {host: listed(listening.workbench) for host, listening in looked.items() if listening.workbench}
    reached = {peer: f"port {port}" for _host, peer, port, state in tries if state == "open" and peer not in looked}
    taken = {**own, **reached}
    if taken:
        yield (ANSWERED if reached else RUNS_ALREADY)(taken, measured=spread(taken))
