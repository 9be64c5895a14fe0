# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ports of a host are open to whom, as rules, and how they differ from those that are there. Pure.

A rule is about the source addresses of one family. Ports that no rule names are left to the rules of others.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import FirewallReport

EVERYBODY = ("0.0.0.0/0", "::/0")
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Rule(t.NamedTuple):
    verb: str  # accept or drop
    protocol: str  # tcp or udp
    ports: str  # `8787`, or `8888-8999`
    source: str  # an address or a network

    def __str__(self) -> str:
        return " ".join(self)

    @property
    def family(self) -> int:
        return 6 if ":" in self.source else 4


class Difference(t.NamedTuple):
    """What changes about a port: whom it opens to, to whom it is open no more; `closes` and `leaves` are about all others."""

    port: str
    opens: list[str]
    ends: list[str]
    closes: bool
    leaves: bool


def rules_of(asked: t.Mapping[str, t.Any], report: FirewallReport) -> list[Rule]:
    """Those that `asked` comes to on the host of this report, which has the addresses of names: accept before drop.

    Raises `Failure` with all that stands against them.
    """
    if asked["state"] != "present":
        return []
    kinds = [kind for kind, hosts in asked["members"].items() if asked["host"] in hosts]
    services = [service for service in asked["services"] if service["at"] in kinds]
    problems = [*_unresolved(asked, services, report), *_closed_to_ansible(services, report)]
    if problems:
        raise Failure(" ".join(problems))
    sources: dict[tuple[str, str], list[str]] = {}
    for service in services:
        for port in service["ports"]:
            ports, _slash, protocol = str(port).partition("/")
            sources.setdefault((protocol or "tcp", ports), []).extend(_sources(asked, service))
    accepts, drops = [], []
    for (protocol, ports), names in sources.items():
        accepts += [Rule("accept", protocol, ports, source) for source in _networks(names, report)]
        drops += [Rule("drop", protocol, ports, source) for source in EVERYBODY]
    open_to_all = {rule[1:] for rule in accepts}
    return [*_ssh(asked, report), *accepts, *(rule for rule in drops if rule[1:] not in open_to_all)]


def differences(wanted: t.Sequence[Rule], there: t.Iterable[Rule]) -> list[Difference]:
    """By port, in the order of the rules that are wanted, and then those that go."""
    new, old = set(wanted), set(there)
    ports = dict.fromkeys(rule[1:3] for rule in (*wanted, *sorted(old)) if (rule in new) != (rule in old))
    return [
        Difference(
            port=f"{ports}/{protocol}",
            opens=_said(wanted, new - old, "accept", protocol, ports),
            ends=_said(sorted(old), old - new, "accept", protocol, ports),
            closes=bool(_said(wanted, new - old, "drop", protocol, ports)),
            leaves=bool(_said(sorted(old), old - new, "drop", protocol, ports)),
        )
        for protocol, ports in ports
    ]


def parsed(lines: t.Iterable[str]) -> list[Rule]:
    """Rules of their texts."""
    return [Rule(*line.split(" ")) for line in lines]


def address(source: t.Any) -> str:
    """An address or a network in the one form that rules have; the bits behind the prefix are not looked at."""
    network = ipaddress.ip_network(str(source), strict=False)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def is_literal(source: t.Any) -> bool:
    """Whether it is an address or a network, and no name."""
    try:
        ipaddress.ip_network(str(source), strict=False)
    except ValueError:
        return False
    return True


def _said(rules: t.Iterable[Rule], of: t.Collection[Rule], verb: str, protocol: str, ports: str) -> list[str]:
    return [rule.source for rule in rules if rule in of and rule[:3] == (verb, protocol, ports)]


def _sources(asked: t.Mapping[str, t.Any], service: t.Mapping[str, t.Any]) -> list[str]:
    given = [str(source) for who in service["from"] for source in asked["sources"].get(who, [])]
    return [*given, *map(str, asked["others"])]


def _unresolved(
    asked: t.Mapping[str, t.Any], services: t.Iterable[t.Mapping[str, t.Any]], report: FirewallReport
) -> t.Iterator[str]:
    names = dict.fromkeys(name for service in services for name in _sources(asked, service))
    unknown = [name for name in names if not is_literal(name) and not report["addresses"].get(name)]
    if unknown:
        yield (
            f"{', '.join(unknown)} cannot be resolved here, and a firewall knows addresses only: "
            "set cluster_address of these hosts to an address."
        )


def _closed_to_ansible(services: t.Iterable[t.Mapping[str, t.Any]], report: FirewallReport) -> t.Iterator[str]:
    """A service on the port that the run is connected by would be open to the cluster only, and then to no admin."""
    ssh = report["ssh"]
    for service in services if ssh else ():
        for port in service["ports"]:
            first, _dash, last = str(port).partition("/")[0].partition("-")
            if ssh and int(first) <= ssh["port"] <= int(last or first):
                yield f"{port} has port {ssh['port']}, which Ansible is connected by: it would be closed to all but the cluster."


def _networks(names: t.Iterable[str], report: FirewallReport) -> list[str]:
    """Addresses and networks without those that others of them hold, IPv4 first."""
    found: dict[int, list[t.Any]] = {4: [], 6: []}
    for name in names:
        for source in [name] if is_literal(name) else report["addresses"][name]:
            network = ipaddress.ip_network(source, strict=False)
            found[network.version].append(network)
    return [address(network) for family in (4, 6) for network in _outermost(found[family])]


def _outermost(networks: t.Iterable[t.Any]) -> list[t.Any]:
    kept: list[t.Any] = []
    for network in sorted(set(networks)):
        if not kept or not network.subnet_of(kept[-1]):
            kept.append(network)
    return kept


def _ssh(asked: t.Mapping[str, t.Any], report: FirewallReport) -> list[Rule]:
    """Where Ansible comes from, and the networks that may come in its stead."""
    if not report["ssh"]:
        return []
    port, client = str(report["ssh"]["port"]), ipaddress.ip_address(report["ssh"]["client"])
    networks = [ipaddress.ip_network(str(source), strict=False) for source in asked["ssh"]]
    covered = any(network.version == client.version and client in network for network in networks)
    sources = [*map(address, networks), *([] if covered else [str(client)])]
    return [Rule("accept", "tcp", port, source) for source in dict.fromkeys(sources)]
