# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge homes. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence, under
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    Finding,
    Requirement,
    finding,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.mounted import _mounted, paths

REQUIREMENT = Requirement(
    id="homes",
    title="Homes are on shared storage",
    source=f"{GUIDE}, requirement 5",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    roots = paths(e)[0]
    found = _mounted(e, roots, "homes")
    for user in e.policy.get("users") or []:
        dirs = {
            host: node["accounts"]["users"][user]["home"]
            for host, node in e.nodes.items()
            if user in node["accounts"]["users"]
        }
        outside = {
            host: home
            for host, home in dirs.items()
            if not any(under(home, root) for root in e.policy.get("paths") or [])
        }
        if outside or len(set(dirs.values())) > 1:
            found.append(
                finding(
                    FAIL,
                    f"The home of {user} is not on shared storage" if outside else f"{user} has different homes",
                    outside or odd(dirs),
                    measured=spread(outside or dirs),
                    wanted=f"one directory under {listed(roots)}",
                    remedy="Move it there and change the account (usermod --home), or name its directory in "
                    f"verify_paths ({user}).",
                )
            )
    return found
