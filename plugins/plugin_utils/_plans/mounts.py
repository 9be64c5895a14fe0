# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about the mounts of one node, or why nothing. Pure.

Sources are compared by meaning: names with addresses, IPv6, trailing slashes, bind mounts, mounts on demand, the tunnel of
the EFS helper, lists of Lustre and CephFS. Only what the inventory names is changed where it differs.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import CEPH, parse_source
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import told
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    Connected,
    Directory,
    FstabLine,
    Home,
    Mount,
    MountPoint,
    MountsReport,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mount_options import (
    differing,
    hidden_secrets,
    same_options,
)

EFS = re.compile(r"fs-[0-9a-f]+")
TUNNEL = {"127.0.0.1", "::1", "localhost"}


class Wanted(t.TypedDict, total=False):
    """An entry of `storage_mounts` over the role's defaults; the last three are there where the inventory has them."""

    path: str
    src: str
    fstype: str
    opts: str
    opts_named: bool  # the inventory names the options
    mode_named: bool
    move: bool  # its files may be moved onto the share
    owner: str
    group: str
    mode: str


class Entry(t.TypedDict):
    """A call of ansible.posix.mount."""

    path: str
    src: str
    fstype: str
    opts: str
    dump: str
    passno: str
    state: str


class Plan(t.TypedDict):
    """What is right already is in none of the lists but `moves`: an earlier run may have left a move unfinished."""

    errors: list[str]
    notes: list[str]
    moves: list[Entry]
    unmount: list[str]
    mounts: list[Entry]
    directories: list[dict[str, object]]  # path, and of owner, group and mode what is wanted


class Step(t.TypedDict, total=False):
    """Each only where there is something to do or to say."""

    unmount: bool
    mount: Entry
    note: str


class Refusal(Exception):
    """Why a mount is left as it is, as a sentence for the user."""


def plan_mounts(
    report: MountsReport, mounts: t.Sequence[t.Mapping[str, t.Any]], defaults: t.Mapping[str, t.Any]
) -> Plan:
    """What is to be done to have the role's `mounts`.

    `defaults` has `fstype`, `opts`, whether the inventory names them (`opts_named`, `mode_named`), and `move`: true, or
    the paths whose files may be moved onto the share.
    """
    plan: Plan = {"errors": [], "notes": [], "moves": [], "unmount": [], "mounts": [], "directories": []}
    for mount in mounts:
        named = defaults["opts_named"] or "opts" in mount
        move = defaults.get("move", False)
        moved = mount["path"] in move if isinstance(move, list) else bool(move)
        want = t.cast("Wanted", {**defaults, **mount, "opts_named": named, "move": moved})
        found = report["mounts"][want["path"]]
        try:
            step = _step(want, found, report)
        except Refusal as refusal:
            plan["errors"].append(f"{want['path']}: {refusal}")
            continue
        if step.get("unmount"):
            plan["unmount"].append(want["path"])
        if "mount" in step:
            plan["mounts"].append(step["mount"])
        if want["move"] and found["automount"] is None and not manager_of(found):
            plan["moves"].append(step.get("mount") or entry_of(want, _line(want, found), "present"))
        if step.get("note"):
            plan["notes"].append(f"{want['path']}: {step['note']}")
        _directory(plan, want, found)
    return plan


def _step(want: Wanted, found: MountPoint, report: MountsReport) -> Step:
    if found["error"]:
        raise Refusal(f"does not answer ({found['error']}). Mend the file server or unmount it, and run again.")
    if found["mount"] is None:
        return to_mount(want, found, report)
    if found["mount"]["fstype"] == "autofs":
        raise Refusal(
            f"is mounted on demand ({found['mount']['source']}), and nothing came when it was entered. "
            "See the automounter's own log."
        )
    if not same_source(want, found, found["mount"]):
        raise Refusal(
            f"{shown(found['mount'])} is mounted, storage_mounts wants {want['src']}. Stop the sessions and Workbench, "
            f"unmount it, take it out of /etc/fstab, and run again; or name in storage_mounts what is there."
        )
    return _kept(want, found, found["mount"], report)


def _kept(want: Wanted, found: MountPoint, mount: Mount, report: MountsReport) -> Step:
    """The right source is mounted: how it comes back after a restart, and with which options."""
    differs = differing(want["opts"], mount) if want["opts_named"] else []
    manager = manager_of(found)
    if manager:
        if differs:
            raise Refusal(f"is mounted by {manager} with other options ({', '.join(differs)}). Set them there.")
        return {}
    line = _line(want, found)
    if differs:
        if found["automount"]:
            raise Refusal(
                f"is mounted on demand by systemd with other options ({', '.join(differs)}). Stop the sessions and Workbench, "
                "stop its automount unit, unmount it, take its line out of /etc/fstab, systemctl daemon-reload, and run again."
            )
        _refuse_used(found, report, differs)
        return {"unmount": True, "mount": entry_of(want, line, "mounted")}
    if line is None:
        return {"mount": entry_of(want, line, "present")}
    if same_options(line["options"], want["opts"]):
        return {}
    if want["opts_named"]:
        return {"mount": entry_of(want, line, "present")}
    return {
        "note": f"/etc/fstab has the options {hidden_secrets(line['options'])}, which are kept. "
        "To have them changed, name storage_options, storage_nfs_options or storage_preset in the inventory."
    }


def to_mount(want: Wanted, found: MountPoint, report: MountsReport) -> Step:
    above = found["above"]
    if above and above["fstype"] == "autofs":
        raise Refusal(
            f"lies in {above['target']}, which an automounter manages ({above['source']}). Put it into the automounter's map, "
            "or mount it elsewhere."
        )
    directory = found["directory"]
    if directory and directory["kind"] != "directory":
        raise Refusal("is a file. Take it away, or mount elsewhere.")
    if found["unit"]:
        raise Refusal(f"is to be mounted by {found['unit']}, which did not. Start it, and run again.")
    if directory and directory["entries"] and want["move"]:
        users = [user for user in found["users"] if not user["own"]] + list(report["product"])
        if users:
            raise Refusal(
                f"is to be moved onto the share (storage_move_existing), but is in use: {told(users)}. "
                "End them, and run again."
            )
        return {"mount": entry_of(want, _line(want, found), "present")}
    if directory and directory["entries"]:
        raise Refusal(_hidden(want, directory, report["connected"]))
    return {"mount": entry_of(want, _line(want, found), "mounted")}


def content(directory: Directory) -> str:
    """What lies in a directory: the first names, and how many there are besides."""
    more = directory["entries"] - len(directory["names"])
    return ", ".join(directory["names"]) + (f" and {more} more" if more else "")


def _hidden(want: Wanted, directory: Directory, connected: Connected) -> str:
    """What a mount would hide."""
    homes = [_home(home, connected) for home in directory["homes"]]
    whose = f" Homes there: {'; '.join(homes[:8])}{'; …' if len(homes) > 8 else ''}." if homes else ""
    return (
        f"is a directory of this node that is not empty ({content(directory)}), and mounting {want['src']} would hide "
        f"what lies there.{whose} Have it moved onto the share first (storage_move_existing: [{want['path']}]), or name "
        "another path in storage_mounts."
    )


def _home(home: Home, connected: Connected) -> str:
    keys = " with authorized_keys" if home["authorized_keys"] else ""
    us = ", the account Ansible connects as, which would be locked out" if home["user"] == connected["user"] else ""
    return f"{home['user']} ({home['home']}{keys}{us})"


def _refuse_used(found: MountPoint, report: MountsReport, differs: t.Sequence[str]) -> None:
    """Options of what is in use are changed by nobody but the admin, at an hour of theirs."""
    users = [user for user in found["users"] if not user["own"]]
    ours = [user for user in found["users"] if user["own"]]
    busy = users + [user for user in report["product"] if user["pid"] not in {other["pid"] for other in users}]
    options = f"is mounted with other options ({', '.join(differs)}), and to change them it has to be unmounted"
    if busy:
        raise Refusal(
            f"{options}, but it is in use: {told(busy)}. Let the sessions end, stop Workbench on this node "
            "(systemctl stop rstudio-server rstudio-launcher), end the rest, and run again; "
            "or take the change back (storage_options, storage_preset, opts)."
        )
    if ours:
        raise Refusal(
            f"{options}, but the connection of this run uses it: the home of {report['connected']['user']} lies there. Connect "
            "as an account whose home is elsewhere, or change it by hand: unmount, edit /etc/fstab, mount."
        )


def manager_of(found: MountPoint) -> str | None:
    """Who mounts it other than /etc/fstab: then that is where it is kept."""
    automount, above = found["automount"], found["above"]
    if automount and automount["source"] != "systemd-1":
        return f"an automounter ({automount['source']})"
    if above and above["fstype"] == "autofs":
        return f"an automounter ({above['source']})"
    return str(found["unit"]) if found["unit"] else None


def _line(want: Wanted, found: MountPoint) -> FstabLine | None:
    """The line of /etc/fstab for it. One that mounts something else is somebody's, and never overwritten."""
    lines = found["fstab"]
    if len(lines) > 1:
        raise Refusal(f"/etc/fstab has {len(lines)} lines for it. Leave the one that is meant.")
    if not lines:
        return None
    line = lines[0]
    if not same_text(want["src"], line["source"], found["addresses"], line["addresses"]):
        raise Refusal(
            f"/etc/fstab mounts {line['source']} there, storage_mounts wants {want['src']}. Take the line out, and run again; "
            "or name in storage_mounts what it says."
        )
    return line


def entry_of(want: Wanted, line: FstabLine | None, state: str) -> Entry:
    """A line that is there keeps all that the inventory does not name."""
    entry: Entry = {
        "path": want["path"],
        "src": want["src"],
        "fstype": want["fstype"],
        "opts": want["opts"],
        "dump": "0",
        "passno": "0",
        "state": state,
    }
    if line is not None:
        entry["path"], entry["src"], entry["fstype"] = line["target"], line["source"], line["fstype"]
        entry["dump"], entry["passno"] = line["dump"], line["passno"]
        if not want["opts_named"] or same_options(line["options"], want["opts"]):
            entry["opts"] = line["options"]
    return entry


def _directory(plan: Plan, want: Wanted, found: MountPoint) -> None:
    """Owner and mode, of a directory that is empty or where the inventory names them; others are only noted."""
    asked = {name: dict(want)[name] for name in ("owner", "group", "mode") if want.get(name) is not None}
    there = found["directory"] if found["mount"] else None
    if not asked:
        return
    if want["mode_named"] or there is None or not there["entries"]:
        plan["directories"].append({"path": want["path"], **asked})
        return
    if "mode" in asked and int(str(asked["mode"]), 8) != int(there["mode"], 8):
        plan["notes"].append(
            f"{want['path']} has the mode {there['mode']}, not {asked['mode']}. It is left as it is, for it was not made by "
            "this role: name mode in storage_mounts to have it changed."
        )


def same_source(want: Wanted, found: MountPoint, mount: Mount) -> bool:
    """Whether what is mounted is what is wanted, whatever names they use."""
    if found["same_place"] is not None:
        return bool(found["same_place"])
    if EFS.match(str(want["src"])):
        return _same_efs(want, found, mount)
    source = str(mount["source"])
    if mount["root"] != "/":  # a bind mount of a directory there
        source = source.rstrip("/") + str(mount["root"])
    return same_text(want["src"], source, found["addresses"], _addresses(mount["options"]))


def _addresses(options: t.Iterable[str]) -> list[str]:
    """The servers' addresses as the kernel shows them: one of NFS, all monitors of Ceph."""
    pairs = [option.partition("=") for option in options]
    monitors = [monitor for name, _equal, value in pairs if name == "mon_addr" for monitor in value.split("/")]
    return [value for name, _equal, value in pairs if name == "addr"] + [
        re.sub(r":\d+$", "", name) for name in monitors
    ]


def same_text(wanted: str, other: str, addresses: t.Iterable[str] = (), live: t.Iterable[str] = ()) -> bool:
    """Whether two sources name the same; `addresses` are those of the servers in `wanted`, `live` those the kernel uses."""
    one, two = parse_source(wanted), parse_source(other)
    if one == two:
        return True
    ceph, seen = CEPH.match(wanted), CEPH.match(other)
    if ceph and seen:
        clusters = {ceph["cluster"], seen["cluster"]}
        named = (ceph["user"], ceph["name"], one.path) == (seen["user"], seen["name"], two.path)
        return named and (len(clusters) == 1 or "" in clusters)
    if one.path != two.path or not one.servers or not two.servers:
        return False
    mine = _numbers([*addresses, *one.servers])
    return bool(mine & _numbers([*live, *two.servers]))


def _numbers(names: t.Iterable[str]) -> set[str]:
    """Those of the names that are addresses, in their shortest form; of a Lustre NID its address."""
    found = set()
    for name in names:
        try:
            found.add(str(ipaddress.ip_address(name.partition("@")[0].strip("[]"))))
        except ValueError:
            continue
    return found


def _same_efs(want: Wanted, found: MountPoint, mounted: Mount) -> bool:
    """With TLS the helper mounts a tunnel of the host itself; its state file, else its line, says of which file system."""
    source, mount = parse_source(str(want["src"])), parse_source(mounted["source"])
    wanted = EFS.match(str(want["src"]))
    name = wanted[0] if wanted else ""
    path = source.path if source.servers else "/"
    if path != mount.path:
        return False
    if any(name in server.split(".") for server in mount.servers):
        return True
    if not TUNNEL.intersection(mount.servers):
        return False
    if found["efs"]:
        return bool(found["efs"] == name)
    return any(line["fstype"] == "efs" and line["source"].split(":")[0] == name for line in found["fstab"])


def shown(mount: Mount) -> str:
    """As findmnt writes it: `overlay[/srv/home]` for a bind mount."""
    return f"{mount['fstype']} {mount['source']}{'' if mount['root'] == '/' else '[' + mount['root'] + ']'}"
