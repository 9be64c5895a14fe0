# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, and what several requirements ask of it. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import normal_source
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import port_number, switched_on
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    Mount,
    Options,
    OwnCheck,
    SeenMarker,
    ShareTest,
    Start,
    UnitState,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import odd
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Gathered

T = t.TypeVar("T")


class Evidence:
    """All that was measured. A member without a report is in none of the maps."""

    def __init__(self, measured: Gathered) -> None:
        self.members = measured["members"]
        self.outside = measured["outside"]
        self.failures = measured["failures"]
        self.addresses = measured["addresses"]
        self.policy = measured["policy"]
        self.paths: list[str] = [str(path) for path in self.policy.get("paths") or []]
        self.users: list[str] = list(self.policy.get("users") or [])
        self.nodes = self._in_order(measured["node"])
        self.clocks = self._in_order(measured["clock"])
        self.clusters = self._in_order(measured["cluster"])
        self.facts = self._in_order(measured["facts"])
        self.processors = self._in_order(measured.get("processors") or {})
        self.listeners = measured["listeners"]
        self.planned = measured["planned"]
        self.locks = measured["locks"]
        self.fronts = measured.get("fronts") or {}
        compared = measured.get("compared")
        self.compared = None if compared is None else self._in_order(compared)

    def _in_order(self, reports: t.Mapping[str, T]) -> dict[str, T]:
        return {host: reports[host] for host in self.members if reports.get(host)}

    def why_silent(self, host: str) -> str:
        reason = "is not in this run (--limit)" if host in self.outside else "did not answer"
        return str(self.failures.get(host) or reason)

    def options(self, host: str, file: str) -> Options:
        """Options of a file, as planned where there is no report of it."""
        node = self.nodes.get(host)
        config = node.get("config") if node else None
        return dict((config if config is not None else self.planned.get(host) or {}).get(file) or {})

    def option(self, host: str, file: str, name: str, default: str = "") -> str:
        """The first value, which is the one in force."""
        values = self.options(host, file).get(name)
        return str(values[0]) if values else default

    def version(self, host: str) -> str | None:
        """The version of Workbench on a member, as the product there says."""
        cluster = self.clusters.get(host)
        return cluster.get("version") if cluster else None

    def services(self, host: str) -> dict[str, str | None]:
        """The states of the units of a member; none where nobody could ask."""
        cluster = self.clusters.get(host)
        return (cluster.get("services") if cluster else None) or {}

    def active(self, host: str, unit: str) -> bool | None:
        """Whether a unit runs on a member; `None` when nobody could ask."""
        state = self.services(host).get(unit)
        return state == "active" if state else None

    def on(self, host: str, file: str, name: str, default: bool = False) -> bool:
        return switched_on(self.options(host, file), name, default)

    def start(self, host: str) -> Start | None:
        """What a member said on whether it could start again."""
        node = self.nodes.get(host)
        return node.get("start") if node else None

    def check(self, host: str) -> OwnCheck | None:
        """What the product itself said of the configuration of a member."""
        start = self.start(host)
        return start.get("check") if start else None

    def units(self, host: str) -> dict[str, UnitState]:
        """What runs on a member, and with what."""
        start = self.start(host)
        return (start.get("units") if start else None) or {}

    def refused(self, host: str) -> bool:
        """Whether the product's own check refuses the configuration of a member."""
        check = self.check(host)
        return check is not None and check["passed"] is False

    def older(self, what: t.Literal["configuration", "key_files", "program"]) -> dict[str, dict[str, str]]:
        """`{host: {unit: why}}` of members that run with an older configuration, older keys or an older program."""
        found: dict[str, dict[str, str]] = {}
        for host in self.nodes:
            for unit, state in self.units(host).items():
                why = state["older"][what]
                if why:
                    found.setdefault(host, {})[unit] = why
        return found

    def foreign_key(self, host: str) -> str | None:
        """The CRC-32 of the key that encrypted the password in `database.conf`, where that is not this node's own."""
        node = self.nodes.get(host)
        keys = node.get("key_files") if node else None
        if not keys or keys["database_password"]["state"] != "encrypted":
            return None
        used, own = keys["database_password"]["key_crc32"], keys["cookie_key"]["crc32"]
        return None if own in (None, used) else str(used)

    def uses_launcher(self, host: str) -> bool:
        return self.on(host, "rserver.conf", "launcher-sessions-enabled")

    def looked_at_nobody(self) -> list[str]:
        """Nodes that tried neither names nor ports of the others, though there are some."""
        return [host for host, node in self.nodes.items() if not node.get("peers") and len(self.members) > 1]

    def runs_sessions(self, host: str) -> bool:
        """Whether sessions run on the node itself: unless the launcher starts them, and only on clusters elsewhere."""
        types = {value.lower() for value in self.options(host, "launcher.conf").get("cluster.type", [])}
        return not self.uses_launcher(host) or not types or "local" in types

    def server_port(self, host: str) -> str:
        """The port the others use, as it is written; it may be none (see `port_number`)."""
        _name, port = split_port(self.option(host, "load-balancer", "www-host-name"))
        secure = self.on(host, "rserver.conf", "ssl-enabled")
        return port or self.option(host, "rserver.conf", "www-port") or ("443" if secure else "8787")

    def launcher_port(self, host: str) -> str:
        return self.option(host, "launcher.conf", "server.port") or "5559"

    def ports(self, host: str) -> list[int]:
        """The ports of the services a member uses; of one that nobody knows anything about, the defaults."""
        node = self.nodes.get(host)
        known = host in self.planned or (node is not None and node.get("config") is not None)
        written = [
            self.server_port(host),
            *([self.launcher_port(host)] if self.uses_launcher(host) or not known else []),
        ]
        return sorted({number for number in map(port_number, written) if number})

    def hostname(self, host: str) -> str:
        """The kernel's name of a node; empty where nobody asked."""
        node = self.nodes.get(host)
        return str((node.get("hostname") if node else None) or "")

    def advertised(self, host: str) -> str:
        """Name or address at which the others reach a member: Admin Guide, Load Balancing, first that is set."""
        if host in self.nodes:
            name, _port = split_port(self.option(host, "load-balancer", "www-host-name"))
            address = self.option(host, "rserver.conf", "www-address")
            chosen = name or (address if address not in ("0.0.0.0", "::") else "") or self.hostname(host)
            if chosen:
                return chosen
        return str(self.addresses.get(host) or host)

    def mounted(self, host: str, path: str) -> Mount | None:
        """What a member mounted at a shared path."""
        return (self.nodes[host].get("mounts") or {}).get(path)

    def mount(self, host: str, path: str) -> Mount | None:
        """The mount that holds a path: that of the shared directory the path lies in."""
        roots = [root for root in self.paths if under(path, root)]
        return self.mounted(host, max(roots, key=len)) if roots and host in self.nodes else None

    def share_test(self, host: str, path: str) -> ShareTest | None:
        """What became of the file that a member made at a shared path."""
        return (self.nodes[host].get("share") or {}).get(path)

    def seen(self, host: str, path: str) -> dict[str, SeenMarker]:
        """What a member saw of the markers at a shared path, by who made them."""
        return (self.nodes[host].get("seen") or {}).get(path) or {}

    def shared(self, host: str, path: str) -> bool:
        """Whether what a node sees under a path is what most nodes see: a network file system, of the same export."""
        mount = self.mount(host, path)
        return mount is not None and mount["fstype"] not in LOCAL and host not in odd_sources(self, path)


# What is surely not shared between hosts. Cluster file systems are many, local ones are few.
LOCAL = {"btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "overlay", "ramfs", "rootfs", "tmpfs", "vfat", "xfs", "zfs"}


def odd_sources(e: Evidence, path: str) -> list[str]:
    """Hosts that mounted another export than the majority. Two names of one export are the same when markers are seen."""
    mounts = {host: e.mount(host, path) for host in e.nodes}
    sources = {host: normal_source(mount) for host, mount in mounts.items() if mount and mount["fstype"] not in LOCAL}
    if len(set(sources.values())) < 2:
        return []
    return [host for host in odd(sources) if not _sees_another(e, host, path, sources)]


def _sees_another(e: Evidence, host: str, path: str, sources: t.Mapping[str, str]) -> bool:
    seen = {peer for peer, marker in e.seen(host, path).items() if marker.get("delay") is not None}
    return any(source != sources[host] for peer, source in sources.items() if peer in seen)


def split_port(address: str) -> tuple[str, str]:
    """Host and port of `host[:port]`; an IPv6 address has no port unless in brackets."""
    if address.startswith("["):
        host, _bracket, rest = address[1:].partition("]")
        return host, rest[1:]
    host, colon, port = address.partition(":")
    return (host, port) if address.count(":") == 1 and colon else (address, "")
