# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role proxy wants of a host, of its variables. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import member_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy import units
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.settings import (
    COOKIE,
    FOLDER,
    UNIT,
    FrontEnd,
    Node,
    Tls,
    Upstream,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Hostvars, Unusable, is_on, value_of

Variables = t.Mapping[str, t.Any]


class _Got(t.Protocol):
    """Variables of a host, however they are kept."""

    def __getitem__(self, name: str, /) -> t.Any: ...


# Where a host asks itself that listens on all of its addresses.
LOOPBACK = {"*": "127.0.0.1", "::": "::1"}
PROXY, ADDRESS = units.path_of(UNIT), units.path_of(units.ADDRESS_UNIT)


def node_options(node: str, hostvars: Hostvars) -> t.Mapping[str, t.Any]:
    """What the inventory says of rserver.conf of a node."""
    options = hostvars[node].get("server_rserver_conf") if node in hostvars else None
    said = options if isinstance(options, t.Mapping) else {}
    return {"ssl-enabled": str(value_of(hostvars, node, "tls_source")) != "none", **said} if node in hostvars else said


def node_port(options: t.Mapping[str, t.Any]) -> int:
    """Where Workbench answers with these options."""
    port = str(options.get("www-port") or (443 if serves_tls(options) else 8787))
    if not port.isdecimal():
        raise Unusable
    return int(port)


def serves_tls(options: t.Mapping[str, t.Any]) -> bool:
    return is_on(options.get("ssl-enabled", False))


def given_certificate(variables: _Got) -> str:
    """The certificate of the front end where it is not the one that the role tls sees to."""
    path = str(variables["proxy_tls_certificate"])
    made = variables["tls_source"] != "none" and path.startswith(f"{variables['tls_directory']}/")
    return "" if made else path


def check_path(options: t.Mapping[str, t.Any]) -> str:
    """A page that an offline node does not give: the one for this purpose where it is switched on, else that of the sign-in."""
    return "/health-check" if is_on(options.get("server-health-check-enabled", False)) else "/auth-sign-in"


def front_end(variables: Variables, hostvars: Hostvars, family: units.Family) -> FrontEnd:
    """A front end of the variables of its host, which are templated."""
    members = [str(name) for name in variables["proxy_members"]]
    addresses = dict(zip(members, member_addresses(members, hostvars)))
    options = {name: node_options(name, hostvars) for name in members}
    first = options[members[0]]
    certificate = variables["proxy_tls_certificate"]
    return FrontEnd(
        nodes=tuple(
            Node(name, addresses[name], int(variables["proxy_node_port"] or 0) or node_port(options[name]))
            for name in members
            if name not in variables["proxy_drained"]
        ),
        active="first" if variables["proxy_mode"] == "active_passive" else "all",
        sticky=is_on(variables["proxy_sticky"]),
        addresses=tuple(variables["proxy_addresses"]),
        port=int(variables["proxy_port"]),
        redirect_port=int(variables["proxy_redirect_port"]),
        tls=Tls(certificate, variables["proxy_tls_key"]) if certificate else None,
        upstream=Upstream(variables["proxy_node_authority"], variables["proxy_node_name"])
        if serves_tls(first)
        else None,
        path=str(variables["proxy_path"]).rstrip("/"),
        check=variables["proxy_check_path"] or check_path(first),
        timeout=int(variables["proxy_timeout"]),
        websocket_timeout=int(variables["proxy_websocket_timeout"]),
        family=family,
    )


def address(variables: Variables, hostvars: Hostvars) -> units.Address | None:
    """The virtual address, where there is to be one."""
    if not variables["proxy_virtual_address"]:
        return None
    hosts = [str(name) for name in variables["proxy_hosts"]]
    rank = hosts.index(str(variables["inventory_hostname"]))
    addresses = member_addresses(hosts, hostvars)
    return units.Address(
        variables["proxy_virtual_address"],
        variables["proxy_interface"],
        int(variables["proxy_virtual_router"]),
        addresses[rank],
        tuple(other for number, other in enumerate(addresses) if number != rank),
        rank,
    )


def ports(variables: _Got) -> list[int]:
    """Those the front end listens on."""
    redirects = [int(variables["proxy_redirect_port"])] if variables["proxy_tls_certificate"] else []
    return [port for port in (int(variables["proxy_port"]), *redirects) if port]


# What the ports are made of.
PORTS = ("proxy_manage", "proxy_port", "proxy_redirect_port", "proxy_tls_certificate")


def open_ports(variables: _Got) -> list[str]:
    """Those that people need; where others see to the front end, the usual ones."""
    return [f"{port}/tcp" for port in (ports(variables) if is_on(variables["proxy_manage"]) else (80, 443))]


def ask(variables: Variables) -> dict[str, t.Any]:
    """What a look at the host has to tell, whichever platform it turns out to be."""
    packages = [name for server in units.SERVERS.values() for names in server.packages.values() for name in names]
    certificate = given_certificate(variables)
    files = [server.path for server in units.SERVERS.values()]
    return {
        "packages": list(dict.fromkeys([*packages, "keepalived"])),
        "files": [PROXY, ADDRESS, units.ADDRESS_FILE, *files, *filter(None, [variables["proxy_tls_certificate"]])],
        "units": [f"{UNIT}.service", f"{units.ADDRESS_UNIT}.service"],
        "front_end": {"ports": ports(variables), "certificate": certificate},
    }


def asked(variables: Variables, hostvars: Hostvars) -> dict[str, t.Any]:
    """What `verify` has a front end ask on its own host, whichever platform that is."""
    front = front_end(variables, hostvars, "Debian")
    own = [LOOPBACK.get(address, address) for address in front.addresses]
    return {
        "files": [server.path for server in units.SERVERS.values()],  # one of which is there
        "unit": UNIT,
        "addresses": own[:1],
        "virtual": variables["proxy_virtual_address"],
        "port": front.port,
        "tls": front.tls is not None,
        "names": list(variables["proxy_names"]),
        "page": front.path + front.check,
        "cookie": COOKIE,
        "check": front.check,
        "nodes_tls": front.upstream is not None,
    }


def wanted(variables: Variables, hostvars: Hostvars, family: units.Family) -> dict[str, t.Any]:
    """What is to be on the host."""
    server = units.SERVERS[variables["proxy_server"]]
    front, virtual = front_end(variables, hostvars, family), address(variables, hostvars)
    files = {PROXY: units.proxy_unit(variables["proxy_server"], family), server.path: server.configuration(front)}
    reads = [server.path, *([front.tls.certificate] if front.tls else [])]
    services = [{"name": UNIT, "files": [PROXY], "reload": reads}]
    others = [made.path for made in units.SERVERS.values() if made is not server]
    if virtual:
        files.update({ADDRESS: units.address_unit(), units.ADDRESS_FILE: units.address_configuration(virtual)})
        services.append({"name": units.ADDRESS_UNIT, "files": [ADDRESS], "reload": [units.ADDRESS_FILE]})
    else:
        others += [ADDRESS, units.ADDRESS_FILE]
    return {
        "packages": [*server.packages[family], *(["keepalived"] if virtual else [])],
        "files": [{"path": path, "content": content, "mode": "0644"} for path, content in files.items()],
        "remove": others,
        "check": {"command": units.judging(variables["proxy_server"], family), "directory": FOLDER},
        "services": services,
        "units": [f"{service['name']}.service" for service in services],
        "names": list(variables["proxy_names"]) if front.tls else [],
        "certificate": given_certificate(variables),
        "ports": ports(variables),
        "network": {"interface": virtual.interface, "address": virtual.address} if virtual else {},
    }
