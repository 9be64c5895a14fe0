# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role storage would change on a node. Pure.

`wanted`: `packages`; `mounts` and `defaults`, as `plan_mounts` takes them; `speaks`, whether this node is the one of the run
on which the role gives the shared directories their owners and modes, for they are one and the same on all nodes.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.report import ASIDE
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    Directory,
    DirectoryState,
    FstabLine,
    HostReport,
    Mount,
    MountPoint,
    MountsReport,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import (
    CANNOT_BE_TOLD,
    Change,
    Diff,
    Differences,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.host import (
    directories,
    packages,
    untold,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mount_options import (
    hidden_secrets,
    mount_changes,
    option_changes,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts import Entry, Plan, content, plan_mounts

Wanted = t.Mapping[str, t.Any]
# What of an entry of `storage_mounts` is about the directory and not about the mount.
ATTRIBUTES = ("owner", "group", "mode")


def differences(wanted: Wanted, report: HostReport) -> Differences:
    found = Differences(changes=packages(wanted["packages"], report))
    mounts = report.get("mounts")
    for mount in wanted["mounts"]:
        if mounts is None or mount["path"] not in mounts["mounts"]:
            found.changes.append(Change(mount["path"], f"what is mounted {untold(report, 'mounts')}"))
        else:
            _compare(found, mount, wanted, mounts)
    return found


def _compare(found: Differences, mount: Wanted, wanted: Wanted, report: MountsReport) -> None:
    """Of one entry of `storage_mounts`."""
    point = report["mounts"][mount["path"]]
    if point["mount"] is not None and not wanted["speaks"]:
        mount = {name: value for name, value in mount.items() if name not in ATTRIBUTES}
    plan = plan_mounts(report, [mount], wanted["defaults"])
    line = point["fstab"][0] if point["fstab"] else None
    found.problems += plan["errors"]
    found.notes += plan["notes"]
    for entry in plan["mounts"]:
        if point["mount"] is None:
            why = _mounted(entry, line, point, plan, wanted["defaults"]["mode_named"])
            found.changes.append(Change(mount["path"], why))
        elif plan["unmount"]:
            found.changes.append(_remounted(mount["path"], entry, line, point["mount"]))
        else:
            found.changes.append(Change(mount["path"], _written(entry, line)))
        if line is None or line["options"] != entry["opts"]:
            found.diff.append(_diff(entry, line))
    if plan["moves"] and point["moved"]:
        kept = f"{point['real']}{ASIDE}"
        found.changes.append(Change(mount["path"], f"what was moved onto the share is set aside, to {kept}"))
    if plan["directories"] and point["mount"] is not None:
        found.changes += _attributes(plan["directories"][0], point["directory"])


def _mounted(entry: Entry, line: FstabLine | None, point: MountPoint, plan: Plan, named: bool) -> str:
    """Before the mount nobody sees the directory that is shared: what it needs is told as far as that."""
    why = ["new" if line is None else "not mounted", f"mounts {entry['src']}"]
    there = point["directory"]
    if plan["moves"] and there and there["entries"]:
        why.append(f"what lies there ({content(there)}) moves onto it first, and is kept in {point['real']}{ASIDE}")
    for directory in plan["directories"]:
        asked = ", ".join(f"{name} {directory[name]}" for name in ATTRIBUTES if name in directory)
        why.append(f"{'the' if named else 'an empty'} share gets {asked}")
    if line is not None and _options(entry, line):
        why.append(_written(entry, line))
    return "; ".join(why)


def _remounted(path: str, entry: Entry, line: FstabLine | None, mount: Mount) -> Change:
    shown = mount_changes(entry["opts"], mount)
    why = [shown] if line is not None and _options(entry, line) in ("", shown) else [shown, _written(entry, line)]
    return Change(path, "; ".join(why), "unmounted, which nobody uses now, and mounted again")


def _written(entry: Entry, line: FstabLine | None) -> str:
    return "new line in /etc/fstab" if line is None else f"in /etc/fstab {_options(entry, line)}"


def _options(entry: Entry, line: FstabLine) -> str:
    return option_changes(line["options"], entry["opts"])


def _diff(entry: Entry, line: FstabLine | None) -> Diff:
    fields = (
        entry["src"],
        entry["path"],
        entry["fstype"],
        hidden_secrets(entry["opts"]),
        entry["dump"],
        entry["passno"],
    )
    before = ""
    if line is not None:
        before = " ".join([line["source"], line["target"], line["fstype"], hidden_secrets(line["options"])])
        before += f" {line['dump']} {line['passno']}\n"
    after = " ".join(fields) + "\n"
    return {"before_header": "/etc/fstab", "after_header": "/etc/fstab", "before": before, "after": after}


def _attributes(asked: t.Mapping[str, t.Any], there: Directory | None) -> list[Change]:
    """Owner, group and mode of the shared directory, as it is seen through the mount."""
    if there is None or "mode" not in there:
        return [Change(asked["path"], f"owner and mode of the shared directory {CANNOT_BE_TOLD}")]
    state: DirectoryState = {
        "owner": there["owner_name"],
        "group": there["group_name"],
        "uid": there["owner"],
        "gid": there["group"],
        "mode": there["mode"],
    }
    return directories([asked], {"directories": {asked["path"]: state}})
