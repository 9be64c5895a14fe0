# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role proxy needs of its variables, and of what the nodes are told. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.made import (
    given_certificate,
    node_options,
    node_port,
    ports,
    serves_tls,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.settings import SIGN_INS, binds
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, is_on

# The documents: an answer may take so long (long polling), or users see errors.
SHORTEST = 60
PATH = re.compile(r"/[A-Za-z0-9._~/-]*\Z")
FILE = re.compile(r"/[^ \"';{}]+\Z")
PORTS = range(1, 65536)


def _members(m: Member) -> t.Iterator[str]:
    members, drained = m["proxy_members"], m["proxy_drained"]
    unknown = [str(name) for name in members if name not in m.cluster.groups.get("all", ())]
    if unknown or not members:
        yield f"proxy_members={members} must be hosts of the inventory, at least one."
    strangers = [str(name) for name in drained if name not in members]
    if strangers:
        yield f"proxy_drained={drained} has {', '.join(strangers)}, none of proxy_members={members}."
    elif members and not set(members) - set(drained):
        yield f"proxy_drained={drained} leaves no node that answers: leave one of proxy_members out of it."


def _ports(m: Member) -> t.Iterator[str]:
    own = ports(m)
    if any(port not in PORTS for port in own) or m["proxy_node_port"] not in (0, *PORTS):
        yield (
            f"proxy_port={m['proxy_port']}, proxy_redirect_port={m['proxy_redirect_port']} and "
            f"proxy_node_port={m['proxy_node_port']} must be 1 to 65535, or 0 for the last two."
        )
    if len(set(own)) < len(own):
        yield f"proxy_redirect_port={m['proxy_redirect_port']} is proxy_port: set it to another, or to 0."
    if m.host in m.cluster.groups.get(group(m.cluster.name, "nodes"), ()):
        nodes = m["proxy_node_port"] or node_port(node_options(m.host, m.cluster.hostvars))
        for port in own:
            if port == nodes:
                yield (
                    f"proxy_port={port} is the port of Workbench on {m.host}, which is a node as well: "
                    "set proxy_port (or proxy_redirect_port) to another, or www-port in server_rserver_conf."
                )


def _addresses(m: Member) -> t.Iterator[str]:
    addresses = m["proxy_addresses"]
    if not addresses or not all(address == "*" or _is_address(address) for address in addresses):
        yield f"proxy_addresses={addresses} must be addresses of this host, or *, at least one."


def _paths(m: Member) -> t.Iterator[str]:
    if not PATH.match(m["proxy_path"]):
        yield f"proxy_path={m['proxy_path']} must begin with / and hold letters, digits and . _ ~ - / only."
    if m["proxy_check_path"] and not PATH.match(m["proxy_check_path"]):
        yield f"proxy_check_path={m['proxy_check_path']} must begin with / and hold letters, digits and . _ ~ - / only."


def _times(m: Member) -> t.Iterator[str]:
    if m["proxy_timeout"] < SHORTEST:
        yield (
            f"proxy_timeout={m['proxy_timeout']} must be at least {SHORTEST} seconds: Workbench lets browsers wait that long "
            "for news, and a front end that gives up shows them an error (Admin Guide, Running with a Proxy)."
        )
    if m["proxy_websocket_timeout"] < SHORTEST:
        yield f"proxy_websocket_timeout={m['proxy_websocket_timeout']} must be at least {SHORTEST} seconds."


def _sign_in(m: Member) -> t.Iterator[str]:
    """What a node remembers of a sign-in that goes over another site."""
    for node in m["proxy_members"]:
        options = node_options(node, m.cluster.hostvars)
        chosen = [way for way in SIGN_INS if is_on(options.get(way, False))]
        ways = [way for way in chosen if binds(way, str(m.cluster.hostvars[node].get("server_version")))]
        if ways and not m.on("proxy_sticky"):
            yield (
                f"proxy_sticky=false, but server_rserver_conf has {' and '.join(ways)}: the node that sent a browser to the "
                "identity provider must be the one it comes back to (Multi-server Installation, load balancer; OpenID until "
                "2023.09). Set proxy_sticky."
            )
        elif (
            ways
            and m["proxy_server"] == "nginx"
            and m["proxy_mode"] == "active_passive"
            and len(m["proxy_members"]) > 2
        ):
            yield (
                f"proxy_server=nginx with proxy_mode=active_passive, but server_rserver_conf has {' and '.join(ways)}: while the "
                "first node is away nginx asks the others in turn, and a sign-in needs one of them. Use active_active or haproxy."
            )
        if is_on(options.get("auth-proxy", False)):
            yield (
                "server_rserver_conf has auth-proxy, by which Workbench believes what the proxy says of who somebody is; this "
                "front end asks nobody. Set proxy_manage=false and put one that does in front of the nodes."
            )


def _tls(m: Member) -> t.Iterator[str]:
    certificate, key = m["proxy_tls_certificate"], m["proxy_tls_key"]
    if bool(certificate) != bool(key):
        yield (f"proxy_tls_certificate={certificate} and proxy_tls_key={key}: TLS needs both, and plain HTTP neither.")
    elif certificate and not (FILE.match(certificate) and FILE.match(key)):
        yield f"proxy_tls_certificate={certificate} and proxy_tls_key={key} must be absolute paths on this host."
    elif certificate and m["proxy_server"] == "haproxy" and key not in _beside(certificate):
        yield (
            f"proxy_tls_key={key}: HAProxy looks for the key of {certificate} in the same file or beside it, "
            f"{' or '.join(_beside(certificate)[1:])}. Call it so."
        )
    lacking = [name for name in m["proxy_names"] if name not in m["tls_names"]]
    if certificate and lacking and not given_certificate(m):
        yield (
            f"proxy_names={m['proxy_names']}: {', '.join(lacking)} is none of tls_names={m['tls_names']}, so the certificate "
            "of the role tls would lack it. Set both for front ends and nodes."
        )
    if m["proxy_names"] and not certificate:
        yield f"proxy_names={m['proxy_names']} are compared with a certificate: set proxy_tls_certificate."


def _beside(certificate: str) -> list[str]:
    shorter = certificate.removesuffix(".crt")
    return [certificate, f"{certificate}.key", *([f"{shorter}.key"] if shorter != certificate else [])]


def _nodes_tls(m: Member) -> t.Iterator[str]:
    tls = {serves_tls(node_options(node, m.cluster.hostvars)) for node in m["proxy_members"]}
    if len(tls) > 1:
        yield "ssl-enabled in server_rserver_conf is on for some of proxy_members and off for others: set it alike."
    elif True in tls and not (m["proxy_node_authority"] and m["proxy_node_name"]):
        yield (
            f"proxy_node_authority={m['proxy_node_authority']} and proxy_node_name={m['proxy_node_name']}: the nodes serve TLS "
            "(ssl-enabled), so name the file with the authority of their certificates and a name that all of them have."
        )


def _virtual(m: Member) -> t.Iterator[str]:
    address, hosts = m["proxy_virtual_address"], m["proxy_hosts"]
    if not address:
        return
    if not _is_address(address):
        yield f"proxy_virtual_address={address} must be an address, without a prefix."
    if len(hosts) < 2 or m.host not in hosts:
        yield (
            f"proxy_virtual_address={address} goes from one front end to another, but proxy_hosts={hosts}: "
            "name two or more with this host among them, or no virtual address."
        )
    if not m["proxy_interface"]:
        yield f"proxy_interface={m['proxy_interface']} must name the interface for proxy_virtual_address={address}."
    if m["proxy_virtual_router"] not in range(1, 256):
        yield f"proxy_virtual_router={m['proxy_virtual_router']} must be 1 to 255."


def _is_address(text: t.Any) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in str(text)


def notes(m: Member) -> t.Iterator[str]:
    """What the nodes are better told."""
    first = next((node_options(node, m.cluster.hostvars) for node in m["proxy_members"]), {})
    if m["proxy_tls_certificate"] and "auth-cookies-force-secure" not in first:
        yield (
            "TLS ends at the front end: set auth-cookies-force-secure: true in server_rserver_conf, so that browsers give the "
            "cookie of a sign-in to https only."
        )


RULES = (_members, _ports, _addresses, _paths, _times, _sign_in, _tls, _nodes_tls, _virtual)
