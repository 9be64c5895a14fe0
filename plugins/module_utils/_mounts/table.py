# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reader of mounts: what the kernel has mounted, and what the source of a mount means. Pure."""

from __future__ import annotations

import ipaddress
import posixpath
import re
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Mount


class Mounts:
    """The tree of proc(5), mountinfo. What is mounted last, and over a directory above, covers the rest."""

    def __init__(self, text: str) -> None:
        self._children: dict[tuple[str, str], tuple[str, Mount]] = {}
        rows = [_row(line) for line in text.splitlines()]
        numbers = {number for number, _parent, _mount in rows}
        for number, parent, mount in rows:
            top = parent not in numbers or parent == number
            self._children[("" if top else parent, mount["target"])] = (number, mount)

    def layers(self, path: str) -> list[Mount]:
        """What is mounted at exactly `path`, a real path; the last is what one sees there."""
        return [mount for mount in self._holders(path) if mount["target"] == path]

    def holder(self, path: str) -> Mount | None:
        """The mount that holds a real path; `None` where that is the root's."""
        mount = self.any_holder(path)
        return mount if mount and mount["target"] != "/" else None

    def any_holder(self, path: str) -> Mount | None:
        holders = self._holders(path)
        return holders[-1] if holders else None

    def _holders(self, path: str) -> list[Mount]:
        found = []
        parent = ""
        for target in _ancestors(path):
            while (parent, target) in self._children:
                parent, mount = self._children[(parent, target)]
                found.append(mount)
        return found


def _ancestors(path: str) -> list[str]:
    """`/`, `/srv`, `/srv/home` of `/srv/home`."""
    parts = [part for part in path.split("/") if part]
    return ["/", *("/" + "/".join(parts[: count + 1]) for count in range(len(parts)))]


def _row(line: str) -> tuple[str, str, Mount]:
    mount, _dash, system = line.partition(" - ")
    number, parent, device, root, target, options, *_tags = mount.split(" ")
    fstype, source, more = system.split(" ")[:3]
    both = [*options.split(","), *more.split(",")]
    state = "ro" if "ro" in both else "rw"
    return (
        number,
        parent,
        {
            "source": unescaped(source),
            "fstype": fstype,
            "options": [state, *dict.fromkeys(option for option in both if option not in ("ro", "rw"))],
            "device": device,
            "root": unescaped(root),
            "target": unescaped(target),
        },
    )


def unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), text)


class Source(t.NamedTuple):
    """What a mount's source names: the servers in any order, and the directory there."""

    servers: tuple[str, ...]
    path: str


CEPH = re.compile(r"(?P<user>[^@/:]+)@(?P<cluster>[^.=/]*)\.(?P<name>[^=/]+)=(?P<path>/.*)\Z")


def parse_source(source: str) -> Source:
    """`files:/export`, `[fd00::1]:/export`, `ip@tcp:ip@tcp:/fs`, `mon1,mon2:/path`, `user@fsid.fs=/path`, `//server/share`.

    What names no server has none: a directory, a device, a tag.
    """
    ceph = CEPH.match(source)
    if ceph:
        return Source((f"{ceph['user']}@{ceph['cluster']}.{ceph['name']}",), _directory(ceph["path"]))
    if source.startswith("//"):
        server, _slash, path = source[2:].partition("/")
        return Source((_server(server),), _directory(path))
    if source.startswith("/") or ":" not in source:
        return Source((), source.rstrip("/") or source)
    servers, found, path = source.partition("]:") if source.startswith("[") else source.partition(":/")
    if not found:  # GlusterFS: server:volume
        servers, _colon, path = source.rpartition(":")
    names = re.split("[:,]", servers) if "@" in servers else servers.split(",")
    return Source(tuple(sorted(map(_server, names))), _directory(path))


def _server(name: str) -> str:
    """A name in small letters without its final dot; an address in its shortest form; Ceph's own ports are understood."""
    name = re.sub(r"^([^:]+):(?:6789|3300)$", r"\1", name.strip().lower().strip("[]"))
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.rstrip(".")


def _directory(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))


def normal_source(mount: t.Mapping[str, t.Any]) -> str:
    """One text for all ways to write a mount's source; with the directory of a bind mount."""
    source = parse_source(str(mount["source"]))
    root = str(mount.get("root") or "/")
    return f"{','.join(source.servers)}:{source.path}{'' if root == '/' else f'[{root}]'}"
