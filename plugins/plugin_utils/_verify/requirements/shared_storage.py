# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge shared storage. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence, under
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.mounted import _mounted, paths

REQUIREMENT = Requirement(
    id="shared-storage",
    title="A shared storage path is defined",
    source=f"{GUIDE}, requirement 6",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    found = []
    values = {host: e.option(host, "rserver.conf", "server-shared-storage-path") for host in e.nodes}
    unset = [host for host, value in values.items() if not value]
    remedy = (
        "Set server-shared-storage-path in rserver.conf to a directory on shared storage (server_shared_storage_path)."
    )
    if unset:
        found.append(
            finding(
                FAIL,
                "server-shared-storage-path is not set",
                unset,
                wanted="a directory on shared storage",
                remedy=remedy,
            )
        )
    every = e.policy.get("paths") or []
    outside = {host: value for host, value in values.items() if value and not any(under(value, path) for path in every)}
    if outside:
        found.append(
            finding(
                FAIL,
                "server-shared-storage-path is not on shared storage",
                outside,
                measured=spread(outside),
                wanted=f"a directory under {listed(every)}",
                remedy=remedy,
            )
        )
    return found + _open_to_all(e, list(outside)) + _mounted(e, paths(e)[1], "shared storage")


def _open_to_all(e: Evidence, others: t.Container[str]) -> list[Finding]:
    """The directory itself: with project sharing, which is on by default, all write to it (Admin Guide, Project Sharing)."""
    closed, absent, untold = {}, {}, {}
    for host in e.nodes:
        directory = e.start(host).get("shared_storage")
        if not directory or host in others:
            continue
        if directory["directory"] is None:
            untold[host] = str(directory["error"])
        elif not directory["directory"]:
            absent[host] = f"{directory['path']} is no directory"
        elif (
            e.on(host, "rserver.conf", "server-project-sharing", default=True)
            and int(directory["mode"], 8) & 0o1777 != 0o1777
        ):
            closed[host] = f"{directory['path']} has mode {directory['mode']}"
    wanted = "a directory that all users may write to, sticky (mode 1777): no node starts again without it"
    found = []
    if absent:
        remedy = "Make it on shared storage, mode 1777 (playbook site), or mount what holds it."
        found.append(
            finding(
                FAIL,
                "The directory of server-shared-storage-path is missing",
                absent,
                measured=spread(absent),
                wanted=wanted,
                remedy=remedy,
            )
        )
    if closed:
        found.append(
            finding(
                FAIL,
                "The directory of server-shared-storage-path is closed to users",
                closed,
                measured=spread(closed),
                wanted=wanted,
                remedy="chmod 1777 on one node (playbook site), or server-project-sharing=0 in rserver.conf.",
            )
        )
    if untold:
        found.append(
            finding(
                UNKNOWN,
                "The directory of server-shared-storage-path does not answer",
                untold,
                measured=spread(untold),
                wanted=wanted,
                remedy="See that the file server answers, and mount it again.",
            )
        )
    return found
