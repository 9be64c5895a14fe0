# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify measured, and how findings about it are made. Pure.

Reports of the nodes have the shapes of docs/architecture.md, section 5. A member without a report is in none of the maps.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import normal_source
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import port_number, switched_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import odd
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import HostLock

Report = t.Mapping[str, t.Any]


class Evidence:
    """All that was measured: `members`, `silent` ones, and the reports by host."""

    def __init__(self, measured: Report) -> None:
        self.members: list[str] = list(measured["members"])
        self.outside: list[str] = list(measured.get("outside") or [])
        self.failures: Report = measured.get("failures") or {}
        self.addresses: Report = measured.get("addresses") or {}
        self.policy: Report = measured.get("policy") or {}
        self.nodes: dict[str, Report] = self._reports(measured, "node")
        self.clocks: dict[str, Report] = self._reports(measured, "clock")
        self.clusters: dict[str, Report] = self._reports(measured, "cluster")
        self.facts: dict[str, Report] = self._reports(measured, "facts")
        self.planned: Report = measured.get("planned") or {}
        self.locks: list[HostLock] = list(measured.get("locks") or [])

    def _reports(self, measured: Report, kind: str) -> dict[str, Report]:
        reports = measured.get(kind) or {}
        return {host: reports[host] for host in self.members if reports.get(host)}

    def why_silent(self, host: str) -> str:
        reason = "is not in this run (--limit)" if host in self.outside else "did not answer"
        return str(self.failures.get(host) or reason)

    def options(self, host: str, file: str) -> dict[str, list[str]]:
        """Options of a file, as planned where there is no report of it."""
        config = (self.nodes.get(host) or {}).get("config")
        return dict((config if config is not None else self.planned.get(host) or {}).get(file) or {})

    def option(self, host: str, file: str, name: str, default: str = "") -> str:
        """The first value, which is the one in force."""
        values = self.options(host, file).get(name)
        return str(values[0]) if values else default

    def active(self, host: str, unit: str) -> bool | None:
        """Whether a unit runs on a member; `None` when nobody could ask."""
        services = (self.clusters.get(host) or {}).get("services") or {}
        return services[unit] == "active" if services.get(unit) else None

    def on(self, host: str, file: str, name: str, default: bool = False) -> bool:
        return switched_on(self.options(host, file), name, default)

    def start(self, host: str) -> Report:
        """What a member said on whether it could start again, empty when it said nothing."""
        return (self.nodes.get(host) or {}).get("start") or {}

    def foreign_key(self, host: str) -> str | None:
        """The CRC-32 of the key that encrypted the password in `database.conf`, where that is not this node's own."""
        keys = (self.nodes.get(host) or {}).get("key_files") or {}
        password, own = keys.get("database_password") or {}, (keys.get("cookie_key") or {}).get("crc32")
        if password.get("state") != "encrypted" or own in (None, password["key_crc32"]):
            return None
        return str(password["key_crc32"])

    def refused(self, host: str) -> bool:
        """Whether the product's own check refuses the configuration of a member."""
        return (self.start(host).get("check") or {}).get("passed") is False

    def older(self, what: str) -> dict[str, dict[str, str]]:
        """`{host: {unit: why}}` of members that run with an older `configuration`, older `key_files` or an older `program`."""
        found: dict[str, dict[str, str]] = {}
        for host in self.nodes:
            for unit, state in (self.start(host).get("units") or {}).items():
                if state["older"][what]:
                    found.setdefault(host, {})[unit] = state["older"][what]
        return found

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
        known = host in self.planned or (self.nodes.get(host) or {}).get("config") is not None
        written = [
            self.server_port(host),
            *([self.launcher_port(host)] if self.uses_launcher(host) or not known else []),
        ]
        return sorted({number for number in map(port_number, written) if number})

    def advertised(self, host: str) -> str:
        """Name or address at which the others reach a member: Admin Guide, Load Balancing, first that is set."""
        if host in self.nodes:
            name, _port = split_port(self.option(host, "load-balancer", "www-host-name"))
            address = self.option(host, "rserver.conf", "www-address")
            hostname = str(self.nodes[host].get("hostname") or "")
            chosen = name or (address if address not in ("0.0.0.0", "::") else "") or hostname
            if chosen:
                return chosen
        return str(self.addresses.get(host) or host)

    def mount(self, host: str, path: str) -> Report | None:
        """The mount that holds a path: that of the shared directory the path lies in."""
        roots = [root for root in map(str, self.policy.get("paths") or []) if under(path, root)]
        return (self.nodes[host].get("mounts") or {}).get(max(roots, key=len)) if roots and host in self.nodes else None

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
    seen = (e.nodes[host].get("seen") or {}).get(path) or {}
    return any(
        (seen.get(peer) or {}).get("delay") is not None for peer, source in sources.items() if source != sources[host]
    )


def split_port(address: str) -> tuple[str, str]:
    """Host and port of `host[:port]`; an IPv6 address has no port unless in brackets."""
    if address.startswith("["):
        host, _bracket, rest = address[1:].partition("]")
        return host, rest[1:]
    host, colon, port = address.partition(":")
    return (host, port) if address.count(":") == 1 and colon else (address, "")


def under(path: str, root: str) -> bool:
    """Whether a path is a directory or lies in it."""
    root = root.rstrip("/")
    return path.rstrip("/") == root or path.startswith(f"{root}/")
