# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the versions of Workbench. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
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
    id="version",
    title="All nodes run one version of Workbench",
    source=f"{GUIDE}, requirement 1",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    found: list[Finding] = []
    older = {host: listed(reasons.values()) for host, reasons in e.older("program").items()}
    if older:
        found.append(
            finding(
                FAIL,
                "Services run a version that is no longer installed",
                older,
                measured=spread(older),
                wanted="the installed version",
                remedy="Restart rstudio-launcher and rstudio-server of these nodes.",
            )
        )
    for part, words in (("workbench", "Workbench"), ("launcher", "the launcher")):
        values = {host: node["versions"].get(part) for host, node in e.nodes.items()}
        absent = [host for host, value in values.items() if value is None]
        known = {host: value for host, value in values.items() if value is not None}
        if part == "workbench" and absent:
            found.append(
                finding(
                    FAIL,
                    "Workbench is not installed",
                    absent,
                    measured="no version",
                    wanted="one version on all nodes",
                    remedy="Install it with the playbook site, or take the host out of verify_members.",
                )
            )
        if len(set(known.values())) > 1:
            found.append(
                finding(
                    FAIL,
                    f"{words[0].upper()}{words[1:]} has different versions",
                    odd(known),
                    measured=spread(known),
                    wanted="one version on all nodes",
                    remedy="Bring all nodes to one version (vendor: Upgrading; stop all nodes first), and "
                    "pin it with server_version.",
                )
            )
        elif known and not older:
            found.append(finding(PASS, f"{words[0].upper()}{words[1:]} {next(iter(known.values()))}", known))
    return found
