# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a node finds its own address (Admin Guide, Load Balancing / Configuration)."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
import typing as t

SIOCGIFADDR = 0x8915


class Address(t.NamedTuple):
    """`ipv4` is empty if the host's name does not resolve."""

    host: str
    port: int
    ipv4: str


def own_address(host_name: str, www_address: str, port: int) -> Address:
    """From `www-host-name` (may be `host:port`), else `www-address`, else the host's name, else its interfaces."""
    if host_name:
        host, separator, own_port = host_name.partition(":")
        return Address(host, int(own_port) if separator else port, (_resolve(host) or [""])[0])
    if www_address not in ("", "0.0.0.0", "::"):
        return Address(www_address, port, (_resolve(www_address) or [""])[0])
    name = socket.gethostname()
    routable = [address for address in _resolve(name) if _is_routable(address)]
    if routable:
        return Address(name, port, routable[0])
    others = [address for address in _interfaces() if _is_routable(address)]
    if others:
        return Address(others[-1], port, others[-1])
    return Address(name, port, "")


def listed(nodes: t.Iterable[str], port: int) -> list[Address]:
    """The nodes of the layout before 2021.09, a `host[:port]` a line, in their order."""
    found = []
    for entry in nodes:
        host, separator, own_port = entry.partition(":")
        found.append(Address(host, int(own_port) if separator else port, (_resolve(host) or [""])[0]))
    return found


def own_entry(nodes: t.Iterable[str], www_address: str, port: int) -> Address | None:
    """Which of the listed nodes this one is, by the addresses of the host."""
    bound = www_address not in ("", "0.0.0.0", "::")
    own = _resolve(www_address) if bound else _interfaces()
    return next((node for node in listed(nodes, port) if node.ipv4 in own and node.port == port), None)


def _resolve(name: str) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)]
    except socket.gaierror:
        return []


def _is_routable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_multicast)


def _interfaces() -> list[str]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _index, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    return found
