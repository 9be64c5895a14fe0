# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every certificate in use, the server's and the launcher's, is valid now and names its node. Pure.

Source: Admin Guide, Load Balancing / Configuration (Local Launcher plugin).
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Certificate
from ansible_collections.workbench.cluster.plugins.plugin_utils._certificates import EXPIRES_SOON, covers, moment
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="tls",
    title="Certificates are valid and name their nodes",
    source=f"{GUIDE}, Local Launcher plugin",
    needs=("nodes",),
)

UNUSED = Fault("TLS is not used", measured="ssl-enabled and enable-ssl are off on all nodes", verdict=PASS)
UNREPORTED = Fault(
    "TLS is on, but no certificate was reported",
    remedy="Name one where TLS is switched on (ssl-certificate, certificate-file), and run verify again.",
    verdict=UNKNOWN,
)
UNREADABLE = Fault(
    "The certificate of {file} could not be read",
    measured="{error}",
    remedy="See that openssl is installed there and reads the file, and run verify again.",
    verdict=UNKNOWN,
)
VALID_NOW = "a certificate that is valid now"
RENEW = "Renew {path} and restart rstudio-server and rstudio-launcher."
EXPIRED = Fault("The certificate of {file} has expired", measured="{day}", wanted=VALID_NOW, remedy=RENEW)
EARLY = Fault("The certificate of {file} is not valid yet", measured="{day}", wanted=VALID_NOW, remedy=RENEW)
SOON = Fault("The certificate of {file} expires soon", measured="{day}", remedy=RENEW, verdict=NOTE)
OTHER_NAME = Fault(
    "The certificate of {file} does not name {address}",
    measured="{names}",
    wanted="{address}, the address the other nodes use, among its Subject Alternative Names",
    remedy="Have it issued with that name, or set www-host-name to a name it has (server_www_host_name).",
)
OPEN_KEY = Fault(
    "The key of the certificate of {file} can be read by others",
    measured="{path} has mode {mode}",
    wanted="0600: who has the key is this node to all others",
    remedy="chmod 0600 {path}, and have a new certificate with a new key if others have been on this host.",
)
NO_KEY = Fault(
    "The key of the certificate of {file} is not there",
    measured="{path}",
    wanted="the private key that belongs to the certificate",
    remedy="Put it back before the services start again: they would not without it.",
)
GOOD = Fault("The certificate of {file} names {address}", measured="until {day}", verdict=PASS)


def judge(e: Evidence) -> t.Iterator[Finding]:
    used = [host for host in e.nodes if _uses_tls(e, host)]
    if e.nodes and not used:
        yield UNUSED(e.nodes)
    for host in used:
        certificates = e.nodes[host]["tls"]
        for certificate in certificates:
            yield from _certificate(e, host, certificate)
        if not certificates:
            yield UNREPORTED([host])


def _uses_tls(e: Evidence, host: str) -> bool:
    on = e.on(host, "rserver.conf", "ssl-enabled") or e.on(host, "launcher.conf", "server.enable-ssl")
    return on or bool(e.nodes[host]["tls"])


def _certificate(e: Evidence, host: str, certificate: Certificate) -> t.Iterator[Finding]:
    file, address = certificate["file"], e.advertised(host)
    if certificate["error"] or certificate["not_before"] is None or certificate["not_after"] is None:
        yield UNREADABLE([host], file=file, error=certificate["error"])
        return
    begins, ends = moment(certificate["not_before"]), moment(certificate["not_after"])
    keys = list(_key(host, certificate))
    yield from keys
    dates = list(_dates(host, certificate, begins, ends, moment(e.policy["now"])))
    yield from dates
    if not any(covers(name, address) for name in certificate["names"]):
        names = listed(certificate["names"]) or "no names"
        yield OTHER_NAME([host], file=file, address=address, names=names)
    elif not any(found["verdict"] == FAIL for found in [*keys, *dates]):
        yield GOOD([host], file=file, address=address, day=ends.date())


def _key(host: str, certificate: Certificate) -> t.Iterator[Finding]:
    """A report of an earlier version does not tell of keys."""
    path, mode = certificate.get("key"), certificate.get("key_mode")
    if path and mode is None:
        yield NO_KEY([host], file=certificate["file"], path=path)
    elif path and mode and int(mode, 8) & 0o007:
        yield OPEN_KEY([host], file=certificate["file"], path=path, mode=mode)


def _dates(
    host: str, certificate: Certificate, begins: datetime.datetime, ends: datetime.datetime, now: datetime.datetime
) -> t.Iterator[Finding]:
    file, path = certificate["file"], certificate["path"]
    if now > ends:
        yield EXPIRED([host], file=file, path=path, day=ends.date())
    elif now < begins:
        yield EARLY([host], file=file, path=path, day=begins.date())
    elif ends - now < EXPIRES_SOON:
        yield SOON([host], file=file, path=path, day=ends.date())
