# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The launcher answers other nodes, and Workbench knows where. Its keys and ports have requirements of their own. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 8).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product import releases
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    PASS,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="launcher",
    title="Launcher sessions work across nodes",
    source=f"{GUIDE}, requirement 8",
    needs=("nodes",),
)

TWINS = Fault(
    "Hostnames are not unique",
    wanted="a hostname of its own on each node",
    remedy="hostnamectl set-hostname, and restart the services.",
)
LOCAL = Fault(
    "The launcher answers its own node only",
    measured="address={address} in launcher.conf",
    wanted="an address the other nodes reach, or 0.0.0.0",
    remedy="Set address=0.0.0.0 in the [server] section of launcher.conf (server_launcher_conf), and restart "
    "rstudio-launcher.",
)
AT_ODDS = Fault(
    "Workbench and its launcher are configured differently",
    measured="launcher-port={asked_port}, launcher-use-ssl={asked_tls:d} in rserver.conf; "
    "port={port}, enable-ssl={tls:d} in launcher.conf",
    wanted="the same port and the same use of TLS",
    remedy="Make the two files agree (server_rserver_conf, server_launcher_conf).",
)
APART = Fault(
    "Launchers do not meet",
    measured="scratch-path={path} in launcher.local.conf",
    wanted="the same directory of the share on all nodes: {why}",
    remedy="Name a directory on the share in server_launcher_scratch_path, and run the playbook site.",
)
USED = Fault(
    "Launcher sessions are enabled",
    measured="launchers answer other nodes, hostnames are unique; see keys and ports",
    verdict=PASS,
)
UNUSED = Fault("Launcher sessions are not enabled", verdict=PASS)


def judge(e: Evidence) -> t.Iterator[Finding]:
    used = [host for host in e.nodes if e.uses_launcher(host)]
    found = [*_twins(e), *(fault for host in used for fault in _launcher(e, host))]
    yield from found
    if used and not found:
        yield USED(used)
    elif e.nodes and not found:
        yield UNUSED(e.nodes)


def _meeting(e: Evidence, host: str) -> t.Iterator[Finding]:
    """The older way of balancing sessions of the Local plugin (Configuring High Availability with Local Launcher, step 3)."""
    old = not releases.launchers_told(e.version(host))
    told = e.on(host, "load-balancer", "launcher-balancing-enabled", default=True)
    if not e.runs_sessions(host) or (told and not old):
        return
    why = "versions before 2023.03 have no other way" if old else "launcher-balancing-enabled=0 in load-balancer"
    path = e.option(host, "launcher.local.conf", "scratch-path")
    if not path or not e.shared(host, path):
        yield APART([host], path=path or "(not set)", why=why)


def _twins(e: Evidence) -> t.Iterator[Finding]:
    hostnames = {host: node["hostname"] for host, node in e.nodes.items()}
    twins = {host: name for host, name in hostnames.items() if list(hostnames.values()).count(name) > 1}
    if twins:
        yield TWINS(twins, measured=spread(twins))


def _launcher(e: Evidence, host: str) -> t.Iterator[Finding]:
    yield from _meeting(e, host)
    address = e.option(host, "launcher.conf", "server.address", "localhost")
    if address == "localhost" or address.startswith("127."):
        yield LOCAL([host], address=address)
    asked_port, port = e.option(host, "rserver.conf", "launcher-port") or "5559", e.launcher_port(host)
    asked_tls, tls = e.on(host, "rserver.conf", "launcher-use-ssl"), e.on(host, "launcher.conf", "server.enable-ssl")
    if asked_port != port or asked_tls != tls:
        yield AT_ODDS([host], asked_port=asked_port, asked_tls=asked_tls, port=port, tls=tls)
