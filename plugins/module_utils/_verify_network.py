# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge clocks, ports, names and certificates. Pure. **PRIVATE** to the collection.

Sources: Admin Guide, Load Balancing / Configuration (requirements 4 and 9, Local Launcher plugin). No limit for clocks is
published; a live lock can be stolen at timeout-interval - refresh-rate = 10 s (file-locks), judged by the file server's clock.
"""

from __future__ import annotations

import datetime
import ipaddress
import itertools
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._node_config import port_number
from ansible_collections.workbench.cluster.plugins.module_utils._verify_evidence import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Evidence,
    Finding,
    counted,
    finding,
    grouped,
    listed,
    odd,
    split_port,
    spread,
)

FILE_SERVER = "file server"
EXPIRES_SOON = datetime.timedelta(days=30)
Offsets = t.Dict[str, t.Tuple[float, float]]


def by_reference(e: Evidence) -> dict[str, Offsets]:
    """`{"storage" | "controller": {host: (offset, bound)}}` in seconds; only what has one reference can be compared.

    Offsets against the file server count only where its directory is mounted; the file server itself is one more clock.
    """
    found: dict[str, Offsets] = {"storage": {}, "controller": {}}
    for host, clock in e.clocks.items():
        known = clock.get("offset") is not None and clock.get("bound") is not None and clock["reference"] in found
        if known and (clock["reference"] == "controller" or e.shared(host, str(clock["path"]))):
            found[clock["reference"]][host] = (float(clock["offset"]), float(clock["bound"]))
    if found["storage"]:
        found["storage"][FILE_SERVER] = (0.0, 0.0)
    return {reference: its for reference, its in found.items() if its}


def offsets(e: Evidence) -> Offsets:
    """`{host: (offset, bound)}` in seconds of the clocks that share the reference: the storage, where it was measured."""
    return next(iter(by_reference(e).values()), {})


def pairs(e: Evidence) -> list[dict[str, t.Any]]:
    """`{hosts: [a, b], difference, bound, verdict}` of every two clocks with one reference; seconds, positive when the
    first is ahead."""
    limit = float(e.policy.get("clock_max_offset", 1.0))
    rows = []
    for its in by_reference(e).values():
        for (first, (offset, bound)), (second, (other, other_bound)) in itertools.combinations(its.items(), 2):
            difference, both = offset - other, bound + other_bound
            verdict = FAIL if abs(difference) - both > limit else PASS if abs(difference) + both < limit else UNKNOWN
            rows.append({"hosts": [first, second], "difference": difference, "bound": both, "verdict": verdict})
    return rows


def clocks(e: Evidence) -> list[Finding]:
    limit = float(e.policy.get("clock_max_offset", 1.0))
    groups, rows = by_reference(e), pairs(e)
    measured = [host for its in groups.values() for host in its]
    silent = [host for host in e.clocks if host not in measured]
    found = []
    bad = [row for row in rows if row["verdict"] == FAIL]
    wanted = f"less than {limit:g} s between any two, the bounds included"
    for host in [host for its in groups.values() for host in _culprits(its, bad)]:
        against = [row for row in bad if host in row["hosts"]]
        ahead = [row["difference"] * (1 if row["hosts"][0] == host else -1) for row in against]
        peers = [peer for row in against for peer in row["hosts"] if peer != host]
        way = "ahead of" if ahead[0] > 0 else "behind"
        found.append(
            finding(
                FAIL,
                f"The clock of {'the file server' if host == FILE_SERVER else host} is "
                f"{max(map(abs, ahead)):.3f} s {way} {listed(peers)}",
                [host],
                measured=f"± {max(row['bound'] for row in against):.3f} s",
                wanted=wanted,
                remedy=f"Let {'the file server' if host == FILE_SERVER else host} follow the same time "
                "server as the others "
                "(role clock, clock_servers), and see chronyc tracking there.",
            )
        )
    wide = [row for row in rows if row["verdict"] == UNKNOWN]
    if wide:
        row = max(wide, key=lambda row: t.cast(float, row["bound"]))
        found.append(
            finding(
                UNKNOWN,
                "The bound is too wide to tell",
                sorted({host for row in wide for host in row["hosts"]} - {FILE_SERVER}),
                measured=f"{listed(row['hosts'])}: {abs(row['difference']):.3f} s ± {row['bound']:.3f} s",
                wanted=wanted,
                remedy="Run verify again when the file server and the network are less busy, or give a "
                "larger verify_clock_max_offset.",
            )
        )
    if len(groups) > 1:
        references = {host: reference for reference, its in groups.items() for host in its if host != FILE_SERVER}
        found.append(
            finding(
                UNKNOWN,
                "The clocks were measured against different references",
                odd(references),
                measured=spread(references),
                wanted=wanted,
                remedy="Mount the shared directory in the same way on all nodes: against storage is measured where it is "
                "NFS, against the controller elsewhere. See homes and shared-storage.",
            )
        )
    if silent:
        reasons = {
            host: "its shared directory is not mounted"
            if e.clocks[host].get("offset") is not None
            else listed(e.clocks[host].get("errors") or []) or "no reference"
            for host in silent
        }
        found.append(
            finding(
                UNKNOWN,
                "The offset could not be measured",
                silent,
                measured=spread(reasons),
                wanted=wanted,
                remedy="The clock is compared with the file server's by a file on shared storage: see homes "
                "and shared-storage.",
            )
        )
    if rows and not bad and not wide and len(groups) == 1:
        row = max(rows, key=lambda row: abs(t.cast(float, row["difference"])))
        words = f"{listed(row['hosts'])} are furthest apart"
        found.append(
            finding(
                PASS, words, e.clocks, measured=f"{abs(row['difference']):.3f} s ± {row['bound']:.3f} s", wanted=wanted
            )
        )
    elif not rows and len(groups) == 1:
        found.append(finding(PASS if len(e.members) == 1 else UNKNOWN, "There is one clock only", measured))
    return found + _unattended(e)


def _unattended(e: Evidence) -> list[Finding]:
    """Clocks that drift from now on. A kernel calls itself synchronised for hours after its daemon has stopped."""
    alone = {
        host: str(clock["daemon"].get("name") or "no daemon")
        for host, clock in e.clocks.items()
        if not clock["daemon"].get("synchronized")
    }
    drifting = {host: name for host, name in alone.items() if not e.clocks[host]["kernel"].get("synchronized")}
    resting = {host: name for host, name in alone.items() if host not in drifting}
    wanted = "a time daemon that says it is synchronised"
    remedy = "Run the role clock, or see chronyc tracking and timedatectl on the node."
    found = []
    if drifting:
        words = "Nothing keeps the clock in step"
        found.append(finding(NOTE, words, drifting, measured=spread(drifting), wanted=wanted, remedy=remedy))
    if resting:
        words = "No time daemon keeps the clock in step; the kernel still calls it synchronised"
        container = " Right in a container, whose clock is its host's."
        found.append(finding(NOTE, words, resting, measured=spread(resting), wanted=wanted, remedy=remedy + container))
    return found


def _culprits(measured: t.Iterable[str], bad: list[dict[str, t.Any]]) -> list[str]:
    """Clocks out of step with more than half of the others; where no clock stands out, all that are in a bad pair."""
    names = list(measured)
    out = {name: sum(name in row["hosts"] for row in bad) for name in names}
    culprits = [name for name in names if out[name] * 2 > len(names) - 1]
    return culprits or [name for name in names if out[name]]


def no_ports(e: Evidence) -> list[Finding]:
    """Options that should be a port and are none: nobody can be sent there, and the service does not start."""
    wrong: dict[str, list[str]] = {}
    for host in [host for host in e.members if host in e.nodes or host in e.planned]:
        written = {
            "www-port in rserver.conf": e.option(host, "rserver.conf", "www-port"),
            "www-host-name in load-balancer": split_port(e.option(host, "load-balancer", "www-host-name"))[1],
            "port in launcher.conf": e.option(host, "launcher.conf", "server.port") if e.uses_launcher(host) else "",
        }
        wrong[host] = [f"{port} for {name}" for name, port in written.items() if port and not port_number(port)]
    bad = {host: listed(said) for host, said in wrong.items() if said}
    if not bad:
        return []
    return [
        finding(
            FAIL,
            "A port is no number from 1 to 65535",
            bad,
            measured=spread(bad),
            wanted="a number, or nothing for the default: 8787, with TLS 443; launcher 5559",
            remedy="Set www-port (server_rserver_conf), the port behind www-host-name (server_www_host_name) or the "
            "launcher's port (server_launcher_conf), and restart the service.",
        )
    ]


def ports(e: Evidence) -> list[Finding]:
    """Every member reaches every other one; what is not running has no port to be closed."""
    closed: dict[tuple[str, str], dict[str, str]] = {}
    opened: set[tuple[str, str]] = set()
    untold: dict[str, str] = {}
    older = e.older("configuration")
    for host, node in e.nodes.items():
        for peer, seen in (node.get("peers") or {}).items():
            if peer not in e.members or peer == host:
                continue
            for port, state in seen["ports"].items():
                unit = "rstudio-launcher" if _is_launcher(e, peer, port) else "rstudio-server"
                if state == "open":
                    opened.add((host, port))
                elif peer not in e.nodes:
                    untold[peer] = e.why_silent(peer)
                elif not e.active(peer, unit):
                    untold[peer] = f"{unit} is not active, or nobody could ask"
                elif unit in older.get(peer, {}):
                    untold[peer] = f"{unit} runs with older files than those that name its port: see configuration"
                elif state == "unresolved":
                    untold[peer] = "its name is not resolved"
                else:
                    closed.setdefault((peer, port), {})[host] = state
    found = no_ports(e)
    for source, port, peers in _cut_off(closed, opened):
        found.append(_closed(e, source, port, f"{source} reaches none of {listed(peers)} on port {port}", "no way out"))
        for peer in peers:
            closed[(peer, port)].pop(source)
    for (peer, port), sources in closed.items():
        if sources:
            words = f"Port {port} of {peer} does not answer to {listed(sources)}"
            found.append(_closed(e, peer, port, words, spread(sources)))
    if untold:
        found.append(
            finding(
                UNKNOWN,
                "The ports could not be tried",
                untold,
                measured=spread(untold),
                wanted="an answer of the service behind the port",
                remedy="Start the services, or bring the node up: see status.",
            )
        )
    unasked = _unasked(e)
    if unasked:
        found.append(finding(UNKNOWN, "The ports of the others were not tried from here", unasked))
    if opened and not found:
        numbers = sorted({port for _host, port in opened}, key=int)
        found.append(finding(PASS, f"Ports {listed(numbers)} answer from every node to every node", e.nodes))
    elif not found and len(e.members) == 1:
        found.append(finding(PASS, "There is one node only", e.nodes))
    return found


def _unasked(e: Evidence) -> list[str]:
    """Nodes that did not look at the others."""
    return [host for host, node in e.nodes.items() if not node.get("peers") and len(e.members) > 1]


def _is_launcher(e: Evidence, host: str, port: str) -> bool:
    return e.uses_launcher(host) and port == e.launcher_port(host)


def _cut_off(
    closed: t.Mapping[tuple[str, str], t.Mapping[str, str]], opened: set[tuple[str, str]]
) -> list[tuple[str, str, list[str]]]:
    """Sources that reach nobody on a port which others reach: the fault is theirs."""
    tried: dict[tuple[str, str], list[str]] = {}
    for (peer, port), sources in closed.items():
        for source in sources:
            tried.setdefault((source, port), []).append(peer)
    return [
        (source, port, peers)
        for (source, port), peers in tried.items()
        if len(peers) > 1
        and (source, port) not in opened
        and any(number == port and other != source for other, number in opened)
    ]


def _closed(e: Evidence, host: str, port: str, words: str, measured: str) -> Finding:
    service = "launcher" if _is_launcher(e, host, port) else "server"
    return finding(
        FAIL,
        words,
        [host],
        measured=measured,
        wanted=f"the {service} port open between all nodes",
        remedy=f"Open {port}/tcp between the nodes in the firewall of {host} and of the network; if the "
        "address is not the one the "
        "others can reach, set www-host-name in load-balancer (server_www_host_name).",
    )


def names(e: Evidence) -> list[Finding]:
    """A member's name means the same addresses to every other one."""
    found = []
    remedy = "Repair DNS or /etc/hosts of these nodes, or set www-host-name to an address (server_www_host_name)."
    resolved = 0
    for member in e.members:
        seen = {
            host: tuple(sorted(node["peers"][member]["address"]))
            for host, node in e.nodes.items()
            if host != member and member in (node.get("peers") or {})
        }
        if not seen:
            continue
        name, wanted = e.advertised(member), "one address on all nodes"
        missing = [host for host, addresses in seen.items() if not addresses]
        local = {host: listed(found_at) for host, found_at in seen.items() if any(map(_loopback, found_at))}
        values = {host: addresses for host, addresses in seen.items() if addresses and host not in local}
        if missing:
            found.append(
                finding(
                    FAIL,
                    f"{name} ({member}) is not resolved",
                    missing,
                    measured="no address",
                    wanted=wanted,
                    remedy=remedy,
                )
            )
        if local:
            found.append(
                finding(
                    FAIL,
                    f"{name} ({member}) is the node itself",
                    local,
                    measured=spread(local),
                    wanted=wanted,
                    remedy=remedy,
                )
            )
        if len(set(values.values())) > 1:
            hosts = [host for group in list(grouped(values).values())[1:] for host in group]
            largest = max(grouped(values).values(), key=len)
            if len(largest) * 2 > len(values):
                hosts = [host for host in values if host not in largest]
            words = f"{name} ({member}) has different addresses"
            shown = {host: listed(addresses) for host, addresses in values.items()}
            found.append(finding(FAIL, words, hosts, measured=spread(shown), wanted=wanted, remedy=remedy))
        resolved += not missing and not local
    unasked = _unasked(e)
    if unasked:
        found.append(finding(UNKNOWN, "The names of the others were not resolved here", unasked))
    if not found and resolved:
        found.append(
            finding(PASS, "Each name means the same address on every node", e.nodes, measured=counted(resolved, "name"))
        )
    elif not found and len(e.members) == 1:
        found.append(finding(PASS, "There is one node only", e.nodes))
    return found


def _loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def tls(e: Evidence) -> list[Finding]:
    """Every certificate in use, the server's and the launcher's."""
    used = [
        host
        for host, node in e.nodes.items()
        if node["tls"] or e.on(host, "rserver.conf", "ssl-enabled") or e.on(host, "launcher.conf", "server.enable-ssl")
    ]
    if e.nodes and not used:
        return [finding(PASS, "TLS is not used", e.nodes, measured="ssl-enabled and enable-ssl are off on all nodes")]
    found = []
    for host in used:
        certificates = e.nodes[host]["tls"]
        for certificate in certificates:
            found += _certificate(e, host, certificate)
        if not certificates:
            found.append(finding(UNKNOWN, "TLS is on, but no certificate was reported", [host]))
    return found


def _certificate(e: Evidence, host: str, certificate: t.Mapping[str, t.Any]) -> list[Finding]:
    words = f"The certificate of {certificate['file']}"
    if certificate["error"]:
        return [finding(UNKNOWN, f"{words} could not be read", [host], measured=str(certificate["error"]))]
    now = _moment(str(e.policy["now"]))
    begins, ends = _moment(certificate["not_before"]), _moment(certificate["not_after"])
    remedy = f"Renew {certificate['path']} and restart rstudio-server and rstudio-launcher."
    wanted = "a certificate that is valid now"
    expires = f"{ends:%Y-%m-%d}"
    found = []
    if now > ends:
        found.append(finding(FAIL, f"{words} has expired", [host], measured=expires, wanted=wanted, remedy=remedy))
    elif now < begins:
        since = f"{begins:%Y-%m-%d}"
        found.append(finding(FAIL, f"{words} is not valid yet", [host], measured=since, wanted=wanted, remedy=remedy))
    elif ends - now < EXPIRES_SOON:
        found.append(finding(NOTE, f"{words} expires soon", [host], measured=expires, remedy=remedy))
    address = e.advertised(host)
    if not any(_covers(name, address) for name in certificate["names"]):
        found.append(
            finding(
                FAIL,
                f"{words} does not name {address}",
                [host],
                measured=listed(certificate["names"]) or "no names",
                wanted=f"{address}, the address the other nodes use, among its Subject Alternative Names",
                remedy="Have it issued with that name, or set www-host-name to a name it has (server_www_host_name).",
            )
        )
    elif not any(item["verdict"] == FAIL for item in found):
        found.append(finding(PASS, f"{words} names {address}", [host], measured=f"until {expires}"))
    return found


def _covers(name: str, address: str) -> bool:
    """A name of a certificate; `*` stands for one label, and an address has many spellings."""
    number = _address(address)
    if number:
        return _address(name) == number
    name, address = name.lower(), address.lower()
    return name == address or (name.startswith("*.") and "." in address and address.split(".", 1)[1] == name[2:])


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _moment(text: str) -> datetime.datetime:
    """ISO 8601; without a zone it is UTC."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)
