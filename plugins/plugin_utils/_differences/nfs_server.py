# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role nfs_server would change on a host. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Exports, HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host, texts
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change, Differences

UNIT = "nfs-server.service"
# Addresses, networks, wildcards and netgroups are in the table as they are written, names as the server resolves them.
AS_WRITTEN = re.compile(r"[\d.]+\Z|.*[:/*?\[@]")


def differences(wanted: t.Mapping[str, t.Any], report: HostReport) -> Differences:
    """Server, directories, file, and whether the server exports what the file says: `__nfs_server_wanted`."""
    found = host.differences(wanted, report)
    asked = wanted["exports"]
    exports = report.get("exports")
    if exports is None:
        found.changes.append(Change("exports", host.untold(report, "exports")))
        return found
    if exports["others"]:
        found.problems.append(
            f"{wanted['host']} exports already what nfs_server_exports names: {'; '.join(exports['others'])}. Take these lines "
            "out, or the directories out of nfs_server_exports and see to the clients and options there."
        )
    why = _not_exported(asked["file"], asked["paths"], asked["clients"], exports, report)
    if why and not any(change.path == asked["file"] for change in found.changes):
        found.changes.append(Change("exports", why))
    return found


def _not_exported(
    file: str, paths: t.Sequence[str], clients: t.Sequence[str], exports: Exports, report: HostReport
) -> str:
    """Why the server does not export what the file says; empty where it does."""
    written, unit = report.get("files", {}).get(file), report.get("units", {}).get(UNIT)
    # It reads the file when it starts, when the role tells it to, and when it writes its table.
    read = [age for age in (exports["age"], unit["read"] if unit else None) if age is not None]
    if written is None or not read or written["age"] < min(read):
        return f"{file} was written after they were last read"
    lacking = [line for path in paths for line in _lacking(path, clients, exports["table"])]
    return f"the server lacks {texts.few(lacking)}" if lacking else ""


def _lacking(path: str, clients: t.Sequence[str], table: t.Sequence[str]) -> list[str]:
    """The clients of a path that are not in the server's table, as `path for client`."""
    rows = [
        row.partition(" ")[2].rpartition("(")[0] for row in table if row.partition(" ")[0] == (path.rstrip("/") or "/")
    ]
    if not rows:
        return [path]
    return [f"{path} for {client}" for client in clients if AS_WRITTEN.match(client) and client not in rows]
