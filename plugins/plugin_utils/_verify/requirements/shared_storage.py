# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of `server-shared-storage-path`: that it is set, what is mounted there, and who may write to it. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 6).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import SharedStorage
from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import mounted
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="shared-storage",
    title="A shared storage path is defined",
    source=f"{GUIDE}, requirement 6",
    needs=("nodes",),
)

SET = "Set server-shared-storage-path in rserver.conf to a directory on shared storage (server_shared_storage_path)."
OPEN = "a directory that all users may write to, sticky (mode 1777): no node starts again without it"
UNSET = Fault("server-shared-storage-path is not set", wanted="a directory on shared storage", remedy=SET)
ELSEWHERE = Fault("server-shared-storage-path is not on shared storage", wanted="a directory under {paths}", remedy=SET)
MISSING = Fault(
    "The directory of server-shared-storage-path is missing",
    wanted=OPEN,
    remedy="Make it on shared storage, mode 1777 (playbook site), or mount what holds it.",
)
CLOSED = Fault(
    "The directory of server-shared-storage-path is closed to users",
    wanted=OPEN,
    remedy="chmod 1777 on one node (playbook site), or server-project-sharing=0 in rserver.conf.",
)
SILENT = Fault(
    "The directory of server-shared-storage-path does not answer",
    wanted=OPEN,
    remedy="See that the file server answers, and mount it again.",
    verdict=UNKNOWN,
)


def judge(e: Evidence) -> t.Iterator[Finding]:
    values = {host: e.option(host, "rserver.conf", "server-shared-storage-path") for host in e.nodes}
    unset = [host for host, value in values.items() if not value]
    outside = {
        host: value for host, value in values.items() if value and not any(under(value, path) for path in e.paths)
    }
    if unset:
        yield UNSET(unset)
    if outside:
        yield ELSEWHERE(outside, measured=spread(outside), paths=listed(e.paths))
    yield from _open_to_all(e, [host for host in e.nodes if host not in outside])
    yield from mounted.judge(e, mounted.paths(e)[1], "shared storage")


def _open_to_all(e: Evidence, hosts: list[str]) -> t.Iterator[Finding]:
    """The directory itself, as the hosts see it."""
    starts = {host: e.start(host) for host in hosts}
    found = {host: its for host, start in starts.items() if start and (its := start["shared_storage"])}
    absent = {host: f"{its['path']} is no directory" for host, its in found.items() if its["directory"] is False}
    silent = {host: str(its["error"]) for host, its in found.items() if its["directory"] is None}
    closed = {host: f"{its['path']} has mode {its['mode']}" for host, its in found.items() if _closed(e, host, its)}
    if absent:
        yield MISSING(absent, measured=spread(absent))
    if closed:
        yield CLOSED(closed, measured=spread(closed))
    if silent:
        yield SILENT(silent, measured=spread(silent))


def _closed(e: Evidence, host: str, directory: SharedStorage) -> bool:
    """With project sharing, which is on by default, all write to it (Admin Guide, Project Sharing)."""
    shares = e.on(host, "rserver.conf", "server-project-sharing", default=True)
    return shares and directory["mode"] is not None and int(directory["mode"], 8) & 0o1777 != 0o1777
