# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and keys of the database's connection: what the server is told, and what it and libpq would refuse. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import TlsFile, TlsFiles
from ansible_collections.workbench.cluster.plugins.plugin_utils._certificates import uncovered

# Of database_tls and database_authentication.
NONE, VERIFYING, FULL = "none", ("verify-ca", "verify-full"), "verify-full"
PASSWORD, CERTIFICATE, BOTH = "password", "certificate", "both"
# What Debian gives a new server, made on the host itself.
SELF_MADE = ("", "/etc/ssl/certs/ssl-cert-snakeoil.pem", "server.crt")
# Where copies lie, each owned by the account that reads it; the files they are made of belong to others.
FOLDER = "/etc/workbench.cluster/database"
SERVER_CERTIFICATE, SERVER_KEY = f"{FOLDER}/server.crt", f"{FOLDER}/server.key"
CLIENT_CERTIFICATE, CLIENT_KEY = f"{FOLDER}/client.crt", f"{FOLDER}/client.key"
COMMON = re.compile(r"(?:^|,)CN=((?:[^,\\]|\\.)+)")


class Copy(t.TypedDict):
    """A file that is to be as another is; its group is named as its owner."""

    src: str
    dest: str
    owner: str
    mode: str


class Served(t.TypedDict):
    """What the role database wants of TLS; variables without `database_`."""

    tls: str
    authentication: str
    host: str  # where the nodes come
    tls_certificate: str
    tls_key: str
    tls_client_authority: str  # empty where nobody logs in with a certificate
    coming: bool  # files that are not there yet are made by the role tls
    server: str  # the inventory's name of the host, for words


def tls_settings(wanted: Served, found: t.Mapping[str, str]) -> dict[str, str]:
    """Those of PostgreSQL that differ from what is `found`; one whose variable is empty stays."""
    if wanted["tls"] == NONE:
        return {}
    settings = {"ssl": "on", "ssl_ca_file": wanted["tls_client_authority"]}
    if wanted["tls_certificate"] and not _serves_it(wanted, found):
        settings.update({"ssl_cert_file": SERVER_CERTIFICATE, "ssl_key_file": SERVER_KEY})
    return {name: value for name, value in settings.items() if value and found.get(name) != value}


def server_copies(wanted: Served, found: t.Mapping[str, str]) -> list[Copy]:
    """What PostgreSQL gets of the certificate and key."""
    if wanted["tls"] == NONE or not wanted["tls_certificate"] or _serves_it(wanted, found):
        return []
    return copies((wanted["tls_certificate"], wanted["tls_key"]), (SERVER_CERTIFICATE, SERVER_KEY), "postgres")


def copies(sources: tuple[str, str], targets: tuple[str, str], owner: str) -> list[Copy]:
    """Of a certificate and its key."""
    return [
        {"src": source, "dest": target, "owner": owner, "mode": mode}
        for source, target, mode in zip(sources, targets, ("0644", "0600"))
    ]


def lacking(wanted: t.Sequence[Copy], files: TlsFiles) -> dict[str, str]:
    """Why a copy is made, by its path; fingerprints of what is in it and what will be."""
    reasons = {copy["dest"]: _lacking(copy, files.get(copy["src"]), files.get(copy["dest"])) for copy in wanted}
    return {path: why for path, why in reasons.items() if why}


def _lacking(copy: Copy, source: TlsFile | None, found: TlsFile | None) -> str:
    if found is None:
        return "new"
    if source is None or source["fingerprint"] != found["fingerprint"]:
        return f"{found['fingerprint']} → {source['fingerprint'] if source else 'as the role tls makes it'}"
    mine = f"{copy['owner']}:{copy['owner']} {copy['mode']}"
    return f"{_owned(found)} → {mine}" if _owned(found) != mine else ""


def _serves_it(wanted: Served, found: t.Mapping[str, str]) -> bool:
    """Whether the server has been told by others to serve these very files."""
    own = wanted["tls_certificate"], wanted["tls_key"]
    return (found.get("ssl_cert_file"), found.get("ssl_key_file")) == own


def kept_problems(wanted: Served, found: t.Mapping[str, str], others: str) -> list[str]:
    """Why a server whose certificate others trust is not given another one."""
    variables = {"ssl_cert_file": "database_tls_certificate", "ssl_ca_file": "database_tls_client_authority"}
    changing = tls_settings(wanted, found)
    return [
        f"PostgreSQL on {wanted['server']} has {name}={found[name]} for {others}. Set {variable}={found[name]}"
        f"{' and database_tls_key=' + found['ssl_key_file'] if name == 'ssl_cert_file' else ''} to keep it, or change it there "
        "yourself; nothing was changed."
        for name, variable in variables.items()
        if others and name in changing and found[name] not in SELF_MADE
    ]


def tls_problems(wanted: Served, files: TlsFiles) -> list[str]:
    """What PostgreSQL would refuse of its files, or the nodes of its certificate."""
    if wanted["tls"] == NONE:
        return []
    place, problems = wanted["server"], []
    if wanted["tls_certificate"]:
        pair = _Pair(wanted["tls_certificate"], wanted["tls_key"], "database_tls_certificate", "database_tls_key")
        problems += pair.problems(place, files, wanted["coming"])
    found = files.get(wanted["tls_certificate"])
    if found and wanted["tls"] == FULL and uncovered(found["names"], [wanted["host"]]):
        problems.append(
            f"database_tls_certificate={wanted['tls_certificate']} of {place} is for {', '.join(found['names']) or 'nobody'}, "
            f"not for database_host={wanted['host']}: with database_tls=verify-full the nodes would refuse it. Set database_host "
            f"to one of its names, or database_tls=verify-ca."
        )
    authority = wanted["tls_client_authority"]
    return problems + (authority_problems("database_tls_client_authority", authority, place, files, wanted["coming"]))


class Shown(t.TypedDict):
    """What a node checks the server by, and logs in with; empty where it does not."""

    authority: str
    certificate: str
    key: str


def client_problems(place: str, files: TlsFiles, shown: Shown, user: str, coming: bool) -> list[str]:
    """What libpq would refuse of a node's files, or PostgreSQL of its certificate for the role `user`."""
    certificate = shown["certificate"]
    problems = authority_problems("database_tls_authority", shown["authority"], place, files, coming)
    if not certificate:
        return problems
    names = ("database_client_certificate", "database_client_key")
    problems += _Pair(certificate, shown["key"], *names).problems(place, files, coming)
    found = files.get(certificate)
    common = COMMON.search(found["subject"] or "") if found else None
    if found and found["subject"] is not None and (common is None or common[1] != user):
        problems.append(
            f"database_client_certificate={certificate} of {place} has the common name {common[1] if common else '(none)'}, "
            f"which PostgreSQL takes for the role: database_user={user}. Have one made with this name, or set database_user."
        )
    return problems


def authority_problems(variable: str, path: str, place: str, files: TlsFiles, coming: bool) -> list[str]:
    """Why certificates could not be checked by those in a file."""
    found = files.get(path)
    if not path or (found is None and coming):
        return []
    if found is None:
        return [f"{variable}={path} is not there on {place}."]
    if found["subject"] is None:
        return [f"{variable}={path} of {place} has no certificate in it."]
    return [f"{variable}={path} of {place} is {_owned(found)}: everybody must be able to read it."] * (
        found["readable"] is False
    )


class _Pair(t.NamedTuple):
    certificate: str
    key: str
    certificate_variable: str
    key_variable: str

    def problems(self, place: str, files: TlsFiles, coming: bool) -> list[str]:
        certificate, key = files.get(self.certificate), files.get(self.key)
        said = {f"{self.certificate_variable}={self.certificate}": certificate, f"{self.key_variable}={self.key}": key}
        if certificate is None or key is None:
            return [f"{what} is not there on {place}." for what, file in said.items() if file is None and not coming]
        return [*self._certificate(place, certificate), *self._key(place, certificate, key)]

    def _certificate(self, place: str, found: TlsFile) -> t.Iterator[str]:
        what = f"{self.certificate_variable}={self.certificate} of {place}"
        if found["subject"] is None:
            yield f"{what} is no certificate that openssl reads."
        if found["expired"]:
            yield f"{what} ended on {found['not_after']}. Renew it."

    def _key(self, place: str, certificate: TlsFile, found: TlsFile) -> t.Iterator[str]:
        what = f"{self.key_variable}={self.key} of {place}"
        if found["public_key"] is None or found["subject"] is not None:
            yield f"{what} is no key that openssl reads without a passphrase."
        elif certificate["public_key"] is not None and found["public_key"] != certificate["public_key"]:
            yield f"{what} is not the key of {self.certificate}."


def _owned(found: TlsFile) -> str:
    return f"{found['owner']}:{found['group']} {found['mode']}"
