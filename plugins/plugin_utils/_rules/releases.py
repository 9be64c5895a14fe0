# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and ways of balancing that a release of the product does not have. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product import releases
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost, switched_on

VARIABLES = (
    *("server_rserver_conf", "server_load_balancer", "server_launcher_local_conf"),
    *("server_launcher_sections", "server_launcher_scratch_path"),
)
FILES = {"server_rserver_conf": "rserver.conf", "server_load_balancer": "load-balancer"}


def release_problems(version: str, asked: t.Mapping[str, t.Any]) -> list[str]:
    """Sentences about what `version` cannot do.

    `asked`: those of `VARIABLES`.
    """
    found = []
    for variable, file in FILES.items():
        for key in asked[variable]:
            if not releases.knows(version, file, key):
                since = "{}.{:02}".format(*releases.SINCE[file, key])
                found.append(
                    f"{key} in {variable}: Workbench {version} does not know it, {since} is the first that does."
                )
    if not releases.launchers_told(version) and local_sessions(asked) and not scratch_path(asked):
        found.append(
            f"Workbench {version} balances the sessions of a Local launcher by a scratch path on the share: name one in "
            "server_launcher_scratch_path, such as /nfs/workbench/Local (Configuring High Availability with Local Launcher, "
            "step 3)."
        )
    return found


def scratch_path(asked: t.Mapping[str, t.Any]) -> str:
    """Where launchers of Local plugins meet, by our variable or by their option."""
    own = asked["server_launcher_local_conf"].get("scratch-path")
    return str(asked["server_launcher_scratch_path"] or own or "")


def local_sessions(asked: t.Mapping[str, t.Any]) -> bool:
    """Whether a launcher starts sessions on the nodes: it does unless it is switched off, or has other clusters only."""
    switch = "launcher-sessions-enabled"
    options = {switch: asked["server_rserver_conf"].get(switch, True)}
    local = any(section["options"].get("type") == "Local" for section in asked["server_launcher_sections"])
    return switched_on(parse_boost(to_conf(options)), switch) and local
