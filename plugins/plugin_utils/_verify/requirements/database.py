# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the database. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import database_of, weakened
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import spread
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
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements.status import MAINTENANCE

REQUIREMENT = Requirement(
    id="database",
    title="Workbench uses one PostgreSQL database",
    source=f"{GUIDE}, requirement 7",
    needs=("nodes", "clusters"),
)

MINIMUM_POSTGRESQL = 11


def judge(e: Evidence) -> list[Finding]:
    found = []
    providers = {host: e.option(host, "database.conf", "provider", "sqlite").lower() for host in e.nodes}
    other = {host: provider for host, provider in providers.items() if provider != "postgresql"}
    if other:
        found.append(
            finding(
                FAIL,
                "Workbench does not use PostgreSQL",
                other,
                measured=spread(other),
                wanted="provider=postgresql in database.conf",
                remedy="Set it in database.conf (role server writes it), and migrate what SQLite holds: "
                "rstudio-server migrate-db.",
            )
        )
    names = {host: _database_name(e, host) for host in e.nodes if host not in other}
    foreign = {host: name for host, name in names.items() if name in MAINTENANCE}
    if foreign:
        found.append(
            finding(
                FAIL,
                "Workbench has no database of its own",
                foreign,
                measured=spread(foreign),
                wanted="an empty database that the user of database.conf owns",
                remedy="Make one (role database, database_name), and name it in database.conf of all nodes; the tables of "
                "Workbench in the old one can be moved with pg_dump, all nodes stopped.",
            )
        )
    answers = {host: node["database"] for host, node in e.nodes.items() if node.get("database") and host not in other}
    down = {
        host: f"{answer['host']}:{answer['port']}: {answer.get('error') or 'no answer'}"
        for host, answer in answers.items()
        if answer["reachable"] is False
    }
    if down:
        found.append(
            finding(
                FAIL,
                "The database cannot be reached",
                down,
                measured=spread(down),
                wanted="an answer to every node",
                remedy="Start PostgreSQL, open its port to the node, and let the node in by pg_hba.conf "
                "(role database).",
            )
        )
    untold = {
        host: str((node.get("database") or {}).get("error") or "not asked")
        for host, node in e.nodes.items()
        if host not in other and (answers.get(host) or {}).get("reachable") is None
    }
    if untold:
        found.append(
            finding(
                UNKNOWN,
                "The database was not asked",
                untold,
                measured=spread(untold),
                wanted="an answer to every node",
                remedy="Name the server in database.conf by host and port, or by a connection-uri, and run verify again.",
            )
        )
    versions = {host: str(answer["server_version"]) for host, answer in answers.items() if answer.get("server_version")}
    old = {host: number for host, number in versions.items() if _major(number) < MINIMUM_POSTGRESQL}
    if old:
        found.append(
            finding(
                FAIL,
                "PostgreSQL is too old",
                old,
                measured=spread(old),
                wanted=f"version {MINIMUM_POSTGRESQL} or later",
                remedy="Upgrade the database server.",
            )
        )
    elif answers and not versions:
        found.append(
            finding(
                NOTE,
                "The version of PostgreSQL could not be read",
                answers,
                measured=spread({host: answer["error"] for host, answer in answers.items() if answer.get("error")}),
                wanted=f"version {MINIMUM_POSTGRESQL} or later",
                remedy="Install python3-psycopg2, and python3-cryptography for an encrypted password, on a node, for the "
                "Python that Ansible uses there: verify then asks with the login of database.conf. Or ask yourself: "
                "psql -c 'SHOW server_version'.",
            )
        )
    found += _certificates(e, answers) + _protocol(e)
    if not any(item["verdict"] in (FAIL, UNKNOWN) for item in found) and answers:
        answer = next(iter(answers.values()))
        number = next(iter(versions.values()), "")
        found.append(
            finding(
                PASS,
                f"PostgreSQL {number}".strip() + f" at {answer['host']}:{answer['port']} answers every node",
                answers,
            )
        )
    return found


def _certificates(e: Evidence, hosts: t.Iterable[str]) -> list[Finding]:
    asked = {
        host: weakened(e.option(host, "database.conf", "connection-uri"), e.option(host, "database.conf", "password"))
        for host in hosts
    }
    other = {host: f"sslmode={mode}" for host, mode in asked.items() if mode}
    if not other:
        return []
    return [
        finding(
            NOTE,
            "Workbench checks the database server's certificate otherwise than connection-uri asks",
            other,
            measured=spread(other),
            wanted="sslmode=verify-ca, which Workbench always uses for a login by certificate",
            remedy="Write verify-ca, so that the file says what happens. The name in the certificate is not compared: keep "
            "others from answering at that address, or log in with a password, for which sslmode counts as written.",
        )
    ]


def _database_name(e: Evidence, host: str) -> str:
    """The database that a node names."""
    uri = e.option(host, "database.conf", "connection-uri")
    if not uri:
        return e.option(host, "database.conf", "database") or "rstudio"
    return database_of(uri)


def _major(number: str) -> int:
    head = number.partition(".")[0]
    return int(head) if head.isdigit() else 0


def _protocol(e: Evidence) -> list[Finding]:
    """The cluster's row in the database holds the protocol of the node that made it."""
    listed_as = {
        host: str(cluster["protocol"]).lower()
        for host, cluster in e.clusters.items()
        if cluster.get("protocol") and host in e.nodes
    }
    differs = {}
    for host, protocol in listed_as.items():
        secure = "https" if e.on(host, "load-balancer", "verify-ssl-certs", default=True) else "https no verify"
        wanted = secure if e.on(host, "rserver.conf", "ssl-enabled") else "http"
        if protocol.replace("-", " ") != wanted:
            differs[host] = f"{protocol}, configured {wanted}"
    if not differs:
        return []
    older = e.older("configuration")
    if all("rstudio-server" in older.get(host, {}) for host in differs):
        return [
            finding(
                UNKNOWN,
                "The protocol in the database is that of older files",
                differs,
                measured=spread(differs),
                wanted="the cluster's row says what ssl-enabled and verify-ssl-certs say",
                remedy="See configuration: restart, or take the change back.",
            )
        ]
    return [
        finding(
            FAIL,
            "The protocol in the database is not the configured one",
            differs,
            measured=spread(differs),
            wanted="the cluster's row says what ssl-enabled and verify-ssl-certs say",
            remedy="rstudio-server reset-cluster on one running node, then restart all nodes, that one first.",
        )
    ]
