# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the launcher. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    PASS,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="launcher",
    title="Launcher sessions work across nodes",
    source=f"{GUIDE}, requirement 8",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    """Requirement 8; keys and ports, which belong to it, have requirements of their own."""
    used = [host for host in e.nodes if e.uses_launcher(host)]
    found = []
    hostnames = {host: str(node["hostname"]) for host, node in e.nodes.items()}
    twins = {host: name for host, name in hostnames.items() if list(hostnames.values()).count(name) > 1}
    if twins:
        found.append(
            finding(
                FAIL,
                "Hostnames are not unique",
                twins,
                measured=spread(twins),
                wanted="a hostname of its own on each node",
                remedy="hostnamectl set-hostname, and restart the services.",
            )
        )
    for host in used:
        address = e.option(host, "launcher.conf", "server.address", "localhost")
        if address == "localhost" or address.startswith("127."):
            found.append(
                finding(
                    FAIL,
                    "The launcher answers its own node only",
                    [host],
                    measured=f"address={address} in launcher.conf",
                    wanted="an address the other nodes reach, or 0.0.0.0",
                    remedy="Set address=0.0.0.0 in the [server] section of launcher.conf "
                    "(server_launcher_conf), and restart rstudio-launcher.",
                )
            )
        ports = (e.option(host, "rserver.conf", "launcher-port") or "5559", e.launcher_port(host))
        secure = (
            e.on(host, "rserver.conf", "launcher-use-ssl"),
            e.on(host, "launcher.conf", "server.enable-ssl"),
        )
        if ports[0] != ports[1] or secure[0] != secure[1]:
            found.append(
                finding(
                    FAIL,
                    "Workbench and its launcher are configured differently",
                    [host],
                    measured=f"launcher-port={ports[0]}, launcher-use-ssl={int(secure[0])} in rserver.conf; "
                    f"port={ports[1]}, enable-ssl={int(secure[1])} in launcher.conf",
                    wanted="the same port and the same use of TLS",
                    remedy="Make the two files agree (server_rserver_conf, server_launcher_conf).",
                )
            )
    if not found and e.nodes:
        words = "Launcher sessions are enabled" if used else "Launcher sessions are not enabled"
        detail = "launchers answer other nodes, hostnames are unique; see keys and ports" if used else ""
        found.append(finding(PASS, words, used or e.nodes, measured=detail))
    return found
