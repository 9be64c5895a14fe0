# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of the mounts of a node, all as it is to be but what a test changes."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import Mounts

Report = t.Dict[str, t.Any]
OPTIONS = "rw,hard,tcp,noatime,vers=4.1,actimeo=2,_netdev,nofail"
SHOWN = (
    "rw,vers=4.1,rsize=262144,acregmin=2,acregmax=2,acdirmin=2,acdirmax=2,hard,proto=tcp,sec=sys,local_lock=none,"
    "addr=10.0.0.21"
)
ROOT = "28 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
LINE = {
    "source": "files:/home",
    "target": "/home",
    "fstype": "nfs",
    "options": OPTIONS,
    "dump": "0",
    "passno": "0",
    "addresses": [],
}
WANTED = {"path": "/home", "src": "files:/home"}
DEFAULTS = {"fstype": "nfs", "opts": OPTIONS, "opts_named": True, "mode_named": False}
SESSION = {"pid": 812, "user": "ada", "command": "rsession", "use": "works in it", "own": False}
SHELL = {"pid": 813, "user": "bob", "command": "bash", "use": "works in it", "own": False}
SERVER = {"pid": 700, "user": "root", "command": "rserver", "use": "runs", "own": False}
OURS = {"pid": 900, "user": "admin", "command": "sh", "use": "works in it", "own": True}
HOME = {
    "kind": "directory",
    "owner": 0,
    "group": 0,
    "mode": "0755",
    "owner_name": "root",
    "group_name": "root",
    "entries": 2,
    "names": ["admin", "grace"],
    "homes": [
        {"user": "admin", "home": "/home/admin", "authorized_keys": True},
        {"user": "grace", "home": "/home/grace", "authorized_keys": False},
    ],
}
EMPTY = {**HOME, "entries": 0, "names": [], "homes": []}


def mountinfo(source: str = "files:/home", shown: str = SHOWN, fstype: str = "nfs4", root: str = "/") -> str:
    return f"{ROOT}45 28 0:45 {root} /home rw,noatime - {fstype} {source} {shown}\n"


def autofs(source: str, target: str = "/home") -> str:
    return f"{ROOT}40 28 0:40 / {target} rw,relatime - autofs {source} rw,fd=30\n"


def over(lower: str, upper: str) -> str:
    """A mount over the automounter's own entry."""
    return lower + upper.splitlines()[1].replace("45 28", "45 40") + "\n"


def entry(text: str = ROOT, **changes: t.Any) -> Report:
    """The report of /home, of a node whose mountinfo is `text`."""
    mounts = Mounts(text.strip())
    layers = mounts.layers("/home")
    automounts = [layer for layer in layers if layer["fstype"] == "autofs"]
    return {
        "mount": layers[-1] if layers else None,
        "automount": automounts[-1] if automounts else None,
        "above": mounts.holder("/"),
        "real": "/home",
        "fstab": [],
        "unit": None,
        "users": [],
        "directory": copy.deepcopy(EMPTY),
        "addresses": [],
        "same_place": None,
        "efs": None,
        "moved": False,
        "error": None,
        **changes,
    }


def report(mounts: dict[str, Report], product: t.Sequence[Report] = ()) -> t.Any:
    """The report of a node with these mounts, by their paths."""
    return {"connected": {"user": "admin", "home": "/home/admin"}, "product": list(product), "mounts": mounts}
