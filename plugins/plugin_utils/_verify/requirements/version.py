# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of Workbench and its launcher. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 1).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    PASS,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="version", title="All nodes run one version of Workbench", source=f"{GUIDE}, requirement 1", needs=("nodes",)
)

OLDER = Fault(
    "Services run a version that is no longer installed",
    wanted="the installed version",
    remedy="Restart rstudio-launcher and rstudio-server of these nodes.",
)
NOT_INSTALLED = Fault(
    "Workbench is not installed",
    measured="no version",
    wanted="one version on all nodes",
    remedy="Install it with the playbook site, or take the host out of verify_members.",
)
DIFFERENT = Fault(
    "{part} has different versions",
    wanted="one version on all nodes",
    remedy="Bring all nodes to one version (vendor: Upgrading; stop all nodes first), and pin it with server_version.",
)
SAME = Fault("{part} {version}", verdict=PASS)


def judge(e: Evidence) -> t.Iterator[Finding]:
    older = {host: listed(reasons.values()) for host, reasons in e.older("program").items()}
    if older:
        yield OLDER(older, measured=spread(older))
    absent = [host for host, node in e.nodes.items() if node["versions"]["workbench"] is None]
    if absent:
        yield NOT_INSTALLED(absent)
    installed = {
        "Workbench": {host: node["versions"]["workbench"] for host, node in e.nodes.items()},
        "The launcher": {host: node["versions"]["launcher"] for host, node in e.nodes.items()},
    }
    for part, versions in installed.items():
        known = {host: version for host, version in versions.items() if version is not None}
        if len(set(known.values())) > 1:
            yield DIFFERENT(odd(known), measured=spread(known), part=part)
        elif known and not older:
            first, *__ = known.values()
            yield SAME(known, part=part, version=first)
