# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge certificates. Pure."""

from __future__ import annotations

import datetime
import ipaddress
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="tls",
    title="Certificates are valid and name their nodes",
    source=f"{GUIDE}, Local Launcher plugin",
    needs=("nodes",),
)

EXPIRES_SOON = datetime.timedelta(days=30)


def judge(e: Evidence) -> list[Finding]:
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
            found.append(
                finding(
                    UNKNOWN,
                    "TLS is on, but no certificate was reported",
                    [host],
                    remedy="Name one where TLS is switched on (ssl-certificate, certificate-file), and run verify again.",
                )
            )
    return found


def _certificate(e: Evidence, host: str, certificate: t.Mapping[str, t.Any]) -> list[Finding]:
    words = f"The certificate of {certificate['file']}"
    if certificate["error"]:
        return [
            finding(
                UNKNOWN,
                f"{words} could not be read",
                [host],
                measured=str(certificate["error"]),
                remedy="See that openssl is installed there and reads the file, and run verify again.",
            )
        ]
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
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
