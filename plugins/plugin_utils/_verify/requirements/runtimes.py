# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge R and Python. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    PASS,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="runtimes",
    title="R and Python are the same on all nodes",
    source="sessions may move to any node",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    found = no_r([host for host, node in e.nodes.items() if e.runs_sessions(host) and not node["versions"].get("r")])
    for part, words in (("r", "R"), ("python", "Python")):
        values = {host: listed(node["versions"].get(part) or []) or "none" for host, node in e.nodes.items()}
        if len(set(values.values())) > 1:
            found.append(
                finding(
                    FAIL,
                    f"The nodes have different {words} installations",
                    odd(values),
                    measured=spread(values),
                    wanted="the same on all nodes: a session may move to any of them",
                    remedy=f"Install the missing versions of {words} in the same places.",
                )
            )
        elif values and not (part == "r" and found):
            found.append(finding(PASS, f"{words}: {next(iter(values.values()))}", values))
    return found


def no_r(hosts: list[str]) -> list[Finding]:
    """The finding on hosts that should run sessions and have no R."""
    if not hosts:
        return []
    return [
        finding(
            FAIL,
            "There is no R, without which the server does not start",
            hosts,
            measured="no R where Workbench looks for it",
            wanted="an R on each node, or sessions on other clusters than Local only",
            remedy="Name the vendor's builds by server_r_versions and server_r_package, the system's package by "
            "server_r_system, or an R elsewhere by server_r_paths.",
        )
    ]
