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
        found.problems.append(wanted["refusal"] % "; ".join(exports["others"]))
    why = _unread(asked["file"], exports, report) or _lacking(asked, exports)
    if why and not any(change.path == asked["file"] for change in found.changes):
        found.changes.append(Change("exports", why))
    return found


def _unread(file: str, exports: Exports, report: HostReport) -> str:
    """Whether the server has not read the file as it is: it does when it starts, is told to, and writes its table."""
    written, unit = report.get("files", {}).get(file), report.get("units", {}).get(UNIT)
    ages = [age for age in (exports["age"], unit["read"] if unit else None) if age is not None]
    read = written is not None and bool(ages) and min(ages) <= written["age"]
    return "" if read else f"{file} was written after they were last read"


def _lacking(asked: t.Mapping[str, t.Any], exports: Exports) -> str:
    """Which directories and clients are not in the server's table."""
    lacking: list[str] = []
    for path in asked["paths"]:
        place = exports["places"][path]
        rows = [row.rpartition("(")[0] for row in exports["table"] if row.startswith(f"{place} ")]
        clients = [client for client in asked["clients"] if AS_WRITTEN.match(client)]
        lacking += [f"{path} for {client}" for client in clients if f"{place} {client}" not in rows] if rows else [path]
    return f"the server lacks {texts.few(lacking)}" if lacking else ""
