# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role firewall needs of its variables. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import port_number
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, is_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.networks import wrong_networks

KINDS = ("nodes", "storage", "database", "proxy")
NETWORKS = ("firewall_people", "firewall_others", "firewall_ssh")
PORTS = ("firewall_session_ports", "firewall_storage_ports", "firewall_proxy_ports")
PORT = re.compile(r"([0-9]+)(?:-([0-9]+))?/(?:tcp|udp)\Z")
# As long as a connection may take that sudo, a slow resolver and a busy controller delay.
SHORTEST = 20
PROXY = "launcher-local-proxy"


def _members(m: Member) -> t.Iterator[str]:
    wrong = [kind for kind in KINDS if not isinstance(m["firewall_members"].get(kind), (list, tuple))]
    if wrong:
        yield f"firewall_members must have a list of inventory names for each of {', '.join(KINDS)}: {', '.join(wrong)} is none."


def _networks(m: Member) -> t.Iterator[str]:
    for name in NETWORKS:
        wrong = wrong_networks(m[name])
        if wrong:
            yield f"{name} has {', '.join(wrong)}: each must be an address or a network with its prefix, such as 10.0.0.0/24."


def _ports(m: Member) -> t.Iterator[str]:
    for name in PORTS:
        wrong = [str(port) for port in m[name] if not _is_port(str(port))]
        if wrong:
            yield f"{name} has {', '.join(wrong)}: each must be of 1 to 65535, such as 8787/tcp or 8888-8999/tcp."


def _sessions(m: Member) -> t.Iterator[str]:
    given = (m[name] for name in ("server_load_balancer", "server_rserver_conf"))
    proxied = next((conf[PROXY] for conf in given if isinstance(conf, t.Mapping) and PROXY in conf), None)
    if (
        m["firewall_state"] == "present"
        and proxied is not None
        and not is_on(proxied)
        and not m["firewall_session_ports"]
    ):
        yield (
            f"launcher-local-proxy={proxied} has nodes connect to each other's sessions, and firewall_session_ports is empty: "
            "name their range, which sysctl net.ipv4.ip_local_port_range tells, such as [32768-60999/tcp] "
            "(Admin Guide, Load Balancing / Configuration)."
        )


def _wait(m: Member) -> t.Iterator[str]:
    if m["firewall_confirm_wait"] < SHORTEST:
        yield (
            f"firewall_confirm_wait={m['firewall_confirm_wait']} must be at least {SHORTEST} seconds: "
            "rules that are not confirmed by then go back."
        )


def _is_port(text: str) -> bool:
    match = PORT.match(text)
    if not match:
        return False
    first, last = match[1], match[2] or match[1]
    return bool(port_number(first) and port_number(last)) and int(first) <= int(last)


RULES = (_members, _networks, _ports, _sessions, _wait)
