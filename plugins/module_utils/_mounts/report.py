# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies where something is to be mounted: the report of mounts_info."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import re
import socket
import stat
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.view import group_name, user_name
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import as_user
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_text
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.read import current
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import (
    CEPH,
    Mounts,
    parse_source,
    unescaped,
)
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import Processes, home_of
from ansible_collections.workbench.cluster.plugins.module_utils._share.folder import PATIENCE

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        Directory,
        FstabLine,
        Home,
        Layers,
        Mount,
        MountPoint,
        MountsReport,
    )

T = t.TypeVar("T")
# What mounts_info may be asked for.
OPTIONS: dict[str, dict[str, t.Any]] = {"mounts": {"type": "dict", "required": True}}
# Entries a file system makes itself.
MADE_ITSELF = {"lost+found", ".snapshot", ".zfs"}
# Beside a directory what was moved from it onto the share; in there, while some of it still lies under the mount.
ASIDE, UNFINISHED = ".before-workbench-cluster", ".unfinished"
SHOWN = 8
TAGS = {"UUID": "by-uuid", "LABEL": "by-label", "PARTUUID": "by-partuuid", "PARTLABEL": "by-partlabel"}


def read_report(wanted: t.Mapping[str, str], root: str = "/") -> MountsReport:
    """Of `wanted`, sources by path."""
    processes = Processes()
    connected = processes.connected()
    real, errors = _real_paths(wanted)
    mounts = current()
    lines = parse_fstab(file_text(os.path.join(root, "etc/fstab")))
    addresses = functools.lru_cache(maxsize=None)(_addresses)  # mostly fstab has the source that is wanted
    reports: dict[str, MountPoint] = {}
    for path, source in wanted.items():
        here = real[path]
        mounted = _mounted(mounts, here)
        look = functools.partial(_directory, here, connected, mounted["mount"] is not None)
        reports[path] = {
            **mounted,
            "real": here,
            "fstab": [
                {**line, "addresses": addresses(line["source"])}
                for line in lines
                if _same_path(line["target"], path, here)
            ],
            "unit": _unit(here, root),
            "users": processes.using(here),
            "directory": None if path in errors else _asked(look),
            "moved": mounted["mount"] is not None and path not in errors and _unfinished(here),
            "addresses": addresses(source),
            "same_place": _same_place(source, here, mounted["mount"]),
            "efs": _efs(here, mounted["mount"], root),
            "error": errors.get(path),
        }
    home = home_of(connected)
    return {"connected": {"user": connected, "home": home}, "product": processes.product(), "mounts": reports}


def _real_paths(paths: t.Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The real path of each, and why it could not be had. A mount may need its server, an automounter mounts now."""
    real, errors = {}, {}
    for path in paths:
        try:
            real[path] = as_user(None, functools.partial(_real, path), PATIENCE)
        except Failure as failure:
            real[path], errors[path] = os.path.normpath(path), str(failure)
    return real, errors


def _asked(work: t.Callable[[], T]) -> T | None:
    """What a child says that may wait for a file server; `None` when it gets no answer."""
    try:
        return as_user(None, work, PATIENCE)
    except Failure:
        return None


def _real(path: str) -> str:
    """The real path, with what an automounter mounts there mounted. Raises `OSError` when it is there and cannot be entered."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(path).st_mode):
            os.stat(os.path.join(path, "."))
    return os.path.realpath(path)


def _mounted(mounts: Mounts, real: str) -> Layers:
    """What is mounted at a path, the automounter's own entry under it, and what holds the directory above."""
    layers = mounts.layers(real)
    automounts = [layer for layer in layers if layer["fstype"] == "autofs"]
    return {
        "mount": layers[-1] if layers else None,
        "automount": automounts[-1] if automounts else None,
        "above": mounts.holder(os.path.dirname(real)),
    }


def parse_fstab(text: str) -> list[FstabLine]:
    """The lines of fstab(5)."""
    found: list[FstabLine] = []
    for line in text.splitlines():
        fields = [unescaped(field) for field in line.partition("#")[0].split()]
        if len(fields) >= 3:
            source, target, fstype, options, dump, passno, *_more = [
                *fields,
                *["defaults", "0", "0"][len(fields) - 3 :],
            ]
            found.append(
                {
                    "source": source,
                    "target": target,
                    "fstype": fstype,
                    "options": options,
                    "dump": dump,
                    "passno": passno,
                }
            )
    return found


def _same_path(target: str, path: str, real: str) -> bool:
    return target.startswith("/") and os.path.normpath(target) in (os.path.normpath(path), real)


def _unit(real: str, root: str) -> str | None:
    """The mount unit somebody wrote for a path; those systemd makes of /etc/fstab are not among them."""
    name = escaped_unit(real) + ".mount"
    for folder in (
        "etc/systemd/system",
        "run/systemd/system",
        "usr/local/lib/systemd/system",
        "usr/lib/systemd/system",
    ):
        unit = os.path.join(root, folder, name)
        if os.path.isfile(unit):
            return unit
    return None


def escaped_unit(path: str) -> str:
    """systemd-escape --path."""
    words = path.strip("/").replace("//", "/")
    text = re.sub(r"[^A-Za-z0-9:_./]", lambda found: "".join(f"\\x{byte:02x}" for byte in found[0].encode()), words)
    return re.sub(r"^\.", r"\\x2e", text).replace("/", "-")


def _unfinished(path: str) -> bool:
    """Whether what lies under a mount is to be set aside, because it was moved onto the share."""
    return os.path.exists(os.path.join(path + ASIDE, UNFINISHED))


def _directory(path: str, connected: str, mounted: bool) -> Directory | None:
    """What lies in a directory, and whose homes where it is a local one; `None` where there is none."""
    if not os.path.lexists(path):
        return None
    found = os.stat(path)
    if not stat.S_ISDIR(found.st_mode):
        return {"kind": "file", "entries": 0, "names": [], "homes": []}
    names = sorted(name for name in os.listdir(path) if name not in MADE_ITSELF)
    return {
        "kind": "directory",
        "owner": found.st_uid,
        "group": found.st_gid,
        "owner_name": user_name(found.st_uid) or str(found.st_uid),
        "group_name": group_name(found.st_gid) or str(found.st_gid),
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "entries": len(names),
        "names": names[:SHOWN],
        "homes": [] if mounted else _homes(path, names, connected),
    }


def _homes(path: str, names: t.Sequence[str], connected: str) -> list[Home]:
    """Accounts whose home is `path` or lies in it: those that connect, those the files belong to, those NSS lists."""
    people = {person.pw_name: person for person in pwd.getpwall()}
    for uid in {os.lstat(os.path.join(path, name)).st_uid for name in names}:
        try:
            person = pwd.getpwuid(uid)
        except KeyError:
            continue
        people[person.pw_name] = person
    with contextlib.suppress(KeyError):
        people[connected] = pwd.getpwnam(connected)
    inside = [person for person in people.values() if person.pw_dir == path or person.pw_dir.startswith(f"{path}/")]
    there = [person for person in inside if os.path.isdir(person.pw_dir)]
    return [
        {
            "user": person.pw_name,
            "home": person.pw_dir,
            "authorized_keys": os.path.exists(os.path.join(person.pw_dir, ".ssh", "authorized_keys")),
        }
        for person in sorted(there, key=lambda person: (person.pw_name != connected, person.pw_name))
    ]


def _addresses(source: str) -> list[str]:
    """The addresses the servers of a source have here; empty where they have none, or nobody says so in time."""
    servers = [] if CEPH.match(source) else [server.partition("@")[0] for server in parse_source(source).servers]

    def resolve() -> list[str]:
        return sorted({str(found[4][0]) for server in servers for found in socket.getaddrinfo(server, None)})

    return (_asked(resolve) if servers else None) or []


def _same_place(source: str, real: str, mount: Mount | None) -> bool | None:
    """Whether what is mounted is the local directory or device that `source` names; `None` where it names none."""
    tag, _equal, value = source.partition("=")
    if tag in TAGS:
        source = os.path.join("/dev/disk", TAGS[tag], value.strip('"'))
    if not source.startswith("/") or source.startswith("//") or mount is None:
        return None
    device = mount["source"]

    def compare() -> bool:
        if os.path.isdir(source):
            return os.path.samefile(source, real)
        return os.path.realpath(source) == os.path.realpath(device)

    return _asked(compare)


def _efs(real: str, mount: Mount | None, root: str) -> str | None:
    """The EFS file system behind a tunnel of this host, from the name of the helper's state file: `<id>.<path>.<port>`."""
    ports = [option[5:] for option in (mount["options"] if mount else []) if option.startswith("port=")]
    try:
        states = os.listdir(os.path.join(root, "run/efs"))
    except OSError:
        return None
    for port in ports:
        ending = f".{real.replace('/', '.').lstrip('.')}.{port}"
        for state in states:
            if state.startswith("fs-") and state.endswith(ending):
                return state[: -len(ending)]
    return None
