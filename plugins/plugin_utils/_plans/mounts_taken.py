# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mounts of a node go with its cluster, and why others stay. Pure.

A line of /etc/fstab has no room for who wrote it. One that is word for word what the inventory has us write is taken for ours.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import told
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import MountPoint, MountsReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mount_options import hidden_secrets
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts import (
    Wanted,
    entry_of,
    manager_of,
    same_source,
    shown,
)


class Line(t.TypedDict):
    """A call of ansible.posix.mount."""

    path: str
    src: str


class MountsTaken(t.TypedDict):
    unmount: list[str]  # what lies in another first
    lines: list[Line]
    left: dict[str, str]  # why, by path
    busy: list[str]  # who uses it besides Workbench, and has to end before
    stays: bool  # whether something stays mounted


def plan_taken(
    report: MountsReport, mounts: t.Sequence[t.Mapping[str, t.Any]], defaults: t.Mapping[str, t.Any]
) -> MountsTaken:
    """`mounts` and `defaults` are those of `plan_mounts`."""
    taken: MountsTaken = {"unmount": [], "lines": [], "left": {}, "busy": [], "stays": False}
    product = {user["pid"] for user in report["product"]}
    for mount in sorted(mounts, key=lambda mount: -len(mount["path"])):
        want = t.cast("Wanted", {**defaults, **mount, "opts_named": True})
        path, found = want["path"], report["mounts"][want["path"]]
        why = _stays(want, found)
        if why:
            taken["left"][path] = why
            taken["stays"] |= found["mount"] is not None or found["error"] is not None
            continue
        taken["lines"] += [{"path": line["target"], "src": line["source"]} for line in found["fstab"]]
        if found["mount"] is not None:
            taken["unmount"].append(found["real"])
            users = [user for user in found["users"] if user["pid"] not in product]
            taken["busy"] += [f"{path}: {told(users)}"] if users else []
    return taken


def _stays(want: Wanted, found: MountPoint) -> str:
    lines, mount = found["fstab"], found["mount"]
    manager = manager_of(found)
    if manager or found["automount"]:
        return f"is mounted by {manager or 'systemd on demand'}"
    if found["error"]:
        return f"does not answer ({found['error']})"
    if not lines:
        return f"{shown(mount)} is mounted without a line of /etc/fstab, and by whom is not told" if mount else ""
    if len(lines) > 1:
        return f"/etc/fstab has {len(lines)} lines for it"
    line, ours = lines[0], entry_of(want, None, "mounted")
    words = (line["target"], line["source"], line["fstype"], line["options"], line["dump"], line["passno"])
    if words != tuple(ours[field] for field in ("path", "src", "fstype", "opts", "dump", "passno")):
        return (
            f"its line of /etc/fstab, {line['source']} with {hidden_secrets(line['options'])}, is not word for word what "
            "storage_mounts says, and may be another's"
        )
    return f"{shown(mount)} is mounted, and not {want['src']}" if mount and not same_source(want, found, mount) else ""
