# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of R and Python for sessions. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    PASS,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="runtimes",
    title="R and Python are the same on all nodes",
    source="sessions may move to any node",
    needs=("nodes",),
)

NO_R = Fault(
    "There is no R, without which the server does not start",
    measured="no R where Workbench looks for it",
    wanted="an R on each node, or sessions on other clusters than Local only",
    remedy="Name the vendor's builds by server_r_versions and server_r_package, the system's package by server_r_system, or an R "
    "elsewhere by server_r_paths.",
)
DIFFERENT = Fault(
    "The nodes have different {language} installations",
    wanted="the same on all nodes: a session may move to any of them",
    remedy="Install the missing versions of {language} in the same places.",
)
SAME = Fault("{language}: {versions}", verdict=PASS)


def judge(e: Evidence) -> t.Iterator[Finding]:
    without = [host for host, node in e.nodes.items() if e.runs_sessions(host) and not node["versions"].get("r")]
    if without:
        yield NO_R(without)
    installed = {
        "R": {host: listed(node["versions"]["r"]) or "none" for host, node in e.nodes.items()},
        "Python": {host: listed(node["versions"]["python"]) or "none" for host, node in e.nodes.items()},
    }
    for language, versions in installed.items():
        if len(set(versions.values())) > 1:
            yield DIFFERENT(odd(versions), measured=spread(versions), language=language)
        elif versions and not (language == "R" and without):
            first, *__ = versions.values()
            yield SAME(versions, language=language, versions=first)
