# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node unmounts and mounts anew where the whole cluster is stopped for it, or why it may not. Pure.

Source: Admin Guide, Load Balancing (NFS volume mounting problems): stop all nodes, unmount on all, mount on all, start all.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import told
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    FstabEntry,
    MountPoint,
    MountsReport,
    Process,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts import (
    Entry,
    Refusal,
    Wanted,
    entry_of,
    manager_of,
    same_source,
    same_text,
    shown,
    to_mount,
)


class ResetPlan(t.TypedDict):
    errors: list[str]
    unmount: list[str]
    mounts: list[Entry]
    replaced: list[str]  # `/home: files:/old → files:/new`
    busy: list[str]  # who else uses what is unmounted, as far as that may end before


def plan_reset(
    report: MountsReport, mounts: t.Sequence[t.Mapping[str, t.Any]], defaults: t.Mapping[str, t.Any], *, stopped: bool
) -> ResetPlan:
    """`mounts` and `defaults` are those of `plan_mounts`; `stopped`: Workbench is, so that nobody may be left who uses them."""
    plan: ResetPlan = {"errors": [], "unmount": [], "mounts": [], "replaced": [], "busy": []}
    for mount in mounts:
        named = defaults["opts_named"] or "opts" in mount
        want = t.cast("Wanted", {**defaults, **mount, "opts_named": named, "move": False})
        try:
            _reset(plan, want, report, stopped)
        except Refusal as refusal:
            plan["errors"].append(f"{want['path']}: {refusal}")
    return plan


def _reset(plan: ResetPlan, want: Wanted, report: MountsReport, stopped: bool) -> None:
    path, found = want["path"], report["mounts"][want["path"]]
    manager = manager_of(found)
    if manager or found["automount"]:
        raise Refusal(f"is mounted by {manager or 'systemd on demand'}. Reset it there, or have /etc/fstab mount it.")
    if found["mount"] is None and found["error"]:
        raise Refusal(f"does not answer ({found['error']}). Mend what holds the directory above, and run again.")
    line = _line(found)
    if line is None and found["mount"] is None:
        plan["mounts"].append(to_mount(want, found, report)["mount"])
        return
    _refuse_used(plan, path, found, report, stopped)
    plan["mounts"].append(_entry(want, line, found))
    was = _other(want, line, found)
    if was:
        plan["replaced"].append(f"{path}: {was} → {want['src']}")
    if found["mount"] is not None:
        plan["unmount"].append(found["real"])


def _line(found: MountPoint) -> FstabEntry | None:
    lines = found["fstab"]
    if len(lines) > 1:
        raise Refusal(f"/etc/fstab has {len(lines)} lines for it. Leave the one that is meant.")
    return lines[0] if lines else None


def _entry(want: Wanted, line: FstabEntry | None, found: MountPoint) -> Entry:
    """A line with our source keeps what the inventory does not name; one with another gets all of the inventory's."""
    if line is None or _is_ours(want, line, found):
        return entry_of(want, line, "mounted")
    kept: t.Any = {"path": line["target"], "dump": line["dump"], "passno": line["passno"]}
    return {**entry_of(want, None, "mounted"), **kept}


def _is_ours(want: Wanted, line: FstabEntry, found: MountPoint) -> bool:
    return same_text(want["src"], line["source"], found["addresses"], line["addresses"])


def _other(want: Wanted, line: FstabEntry | None, found: MountPoint) -> str:
    """What is there, or is said to be, in place of what is wanted."""
    if found["mount"] is not None and not same_source(want, found, found["mount"]):
        return shown(found["mount"])
    return line["source"] if line is not None and not _is_ours(want, line, found) else ""


def _refuse_used(plan: ResetPlan, path: str, found: MountPoint, report: MountsReport, stopped: bool) -> None:
    """Before the stop sessions use it, which end with it; what else does is named, and has to end as well."""
    product = {user["pid"] for user in report["product"]}
    busy: list[Process] = [user for user in found["users"] if not user["own"]]
    if any(user["own"] for user in found["users"]):
        raise Refusal(
            f"the connection of this run uses it: the home of {report['connected']['user']} lies there. Connect as an account "
            "whose home is elsewhere."
        )
    if stopped and (busy or product):
        still = [*busy, *(user for user in report["product"] if user["pid"] not in {one["pid"] for one in busy})]
        raise Refusal(
            f"is in use: {told(still)}. End them, and run reset_storage again: all nodes are stopped until then."
        )
    others = [user for user in busy if user["pid"] not in product]
    if others and not stopped:
        plan["busy"].append(f"{path}: {told(others)}")
