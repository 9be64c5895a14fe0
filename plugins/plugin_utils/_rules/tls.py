# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role tls needs of its variables, and what needs certificates of it. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost, switched_on
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options
from ansible_collections.workbench.cluster.plugins.plugin_utils._certificates import (
    Pem,
    read_key,
    read_pem,
    uncovered,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group, member_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.tls import required
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, Unusable
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed

GIVEN = ("tls_certificate", "tls_key", "tls_authority")


def _is_path(value: str) -> bool:
    return value.startswith("/")


def _files(m: Member) -> t.Iterator[str]:
    """Both or neither on the host, for one is compared with the other."""
    if m["tls_source"] != "files":
        return
    missing = [name for name in GIVEN[:2] if not m[name]]
    if missing:
        yield f"tls_source=files needs {' and '.join(missing)}: a text (PEM), or the path of a file on the host."
    elif _is_path(m["tls_certificate"]) != _is_path(m["tls_key"]):
        yield "tls_certificate and tls_key must both be texts, or both be paths on the host."


def _texts(m: Member) -> t.Iterator[str]:
    """Each by itself, and then the certificate with its key, its dates and its names."""
    if m["tls_source"] != "files":
        return
    read: dict[str, t.Any] = {}
    for name, reader in zip(GIVEN, (read_pem, read_key, read_pem)):
        text = m[name]
        if text and not _is_path(text):
            try:
                read[name] = reader(text)
            except Failure as failure:
                yield f"{name} {failure}."
    certificate = read.get("tls_certificate")
    if certificate:
        yield from _certificate(m, certificate, read.get("tls_key"))


def _certificate(m: Member, certificate: Pem, key: bytes | None) -> t.Iterator[str]:
    if key and key != certificate.public:
        yield "tls_key is not the private key of tls_certificate, or another certificate comes first in it."
    if certificate.not_after <= datetime.datetime.now(datetime.UTC):
        yield f"tls_certificate ended on {certificate.not_after.date()}."
    lacking = uncovered(certificate.names, required(_addresses(m), m["tls_names"]))
    if lacking:
        yield (
            f"tls_certificate does not name {listed(lacking)}, but {listed(certificate.names) or 'nothing'}: others would refuse "
            "this host. Have it issued with that name, or set cluster_address or server_www_host_name to one it has."
        )


def _addresses(m: Member) -> list[str]:
    """Where others reach this host, the address that they use first."""
    node = m.host in m.cluster.groups.get(group(m.cluster.name, "nodes"), ())
    return [m.given("server_www_host_name") or "" if node else "", *member_addresses([m.host], m.cluster.hostvars)]


def _days(m: Member) -> t.Iterator[str]:
    if not 0 < m["tls_renew_days"] < m["tls_days"]:
        yield f"tls_renew_days={m['tls_renew_days']} must be above 0 and below tls_days={m['tls_days']}."
    if m["tls_authority_days"] < m["tls_days"]:
        yield f"tls_authority_days={m['tls_authority_days']} must be at least tls_days={m['tls_days']}."


def _directory(m: Member) -> t.Iterator[str]:
    if not _is_path(m["tls_directory"]) or m["tls_directory"].startswith("/etc/rstudio"):
        yield f"tls_directory={m['tls_directory']} must be an absolute path outside /etc/rstudio, whose files sessions may read."


def _members(m: Member) -> t.Iterator[str]:
    if m["tls_source"] == "authority" and m["tls_members"] is not None and m.host not in m["tls_members"]:
        yield f"{m.host} has tls_source=authority and is none of tls_members={listed(m['tls_members'])}."


def _switched(m: Member) -> t.Iterator[str]:
    """What a node serves: TLS needs a certificate, and the server and its launcher must agree on it."""
    server, launcher = (_options(m, name) for name in ("server_rserver_conf", "server_launcher_conf"))
    ours = m["tls_source"] != "none"
    tls = switched_on(server, "ssl-enabled", default=ours)
    uses = switched_on(server, "launcher-use-ssl", default=tls and ours)
    serves = switched_on(launcher, "enable-ssl", default=uses and ours)
    if tls and not ours:
        yield from _missing(server, "server_rserver_conf", "ssl-enabled", ("ssl-certificate", "ssl-certificate-key"))
    if serves and not ours:
        yield from _missing(
            launcher, "server_launcher_conf", "enable-ssl", ("certificate-file", "certificate-key-file")
        )
    if uses != serves:
        words = [f"{name} {'on' if on else 'off'}" for name, on in (("launcher-use-ssl", uses), ("enable-ssl", serves))]
        yield (
            f"{words[0]} (server_rserver_conf) and {words[1]} (server_launcher_conf): Workbench and its launcher must agree. "
            "Set both, or neither: with certificates of the role tls the one follows the other."
        )


def _missing(options: Options, variable: str, switch: str, names: t.Sequence[str]) -> t.Iterator[str]:
    missing = [name for name in names if not options.get(name, [""])[0]]
    if missing:
        yield f"{switch} is on in {variable} without {listed(missing)}: name the files, or have tls_source give them."


def _options(m: Member, name: str) -> Options:
    """As the product would read them; what nobody could is told by the role server."""
    try:
        return parse_boost(to_conf(m[name] or {}))
    except Failure:
        raise Unusable from None


def notes(m: Member) -> t.Iterator[str]:
    """A certificate of the admin that ends soon, which nobody but the admin renews."""
    text = m["tls_certificate"]
    if m["tls_source"] != "files" or not text or _is_path(text):
        return
    try:
        ends = read_pem(text).not_after
    except Failure:
        return
    if ends - datetime.datetime.now(datetime.UTC) < datetime.timedelta(days=m["tls_renew_days"]):
        yield f"tls_certificate ends on {ends.date()}, within tls_renew_days={m['tls_renew_days']}: give a new one."


RULES = (_files, _texts, _days, _directory, _members, _switched)
