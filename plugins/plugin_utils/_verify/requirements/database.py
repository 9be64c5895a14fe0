# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All nodes use one PostgreSQL database of Workbench's own, which answers them and knows their protocol. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 7).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql_client import ENCRYPTED
from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import (
    database_of,
    read_uri,
    weakened,
)
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseAnswer
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import stranger_in
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_connections import (
    Pool,
    let_in,
    limits_words,
    needed,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_login import MINIMUM_POSTGRESQL, major
from ansible_collections.workbench.cluster.plugins.plugin_utils._protocol import as_listed, protocol
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
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
    id="database",
    title="Workbench uses one PostgreSQL database",
    source=f"{GUIDE}, requirement 7",
    needs=("nodes", "clusters"),
)

# Every server has them, for its own use.
MAINTENANCE = ("postgres", "template0", "template1")

OTHER_PROVIDER = Fault(
    "Workbench does not use PostgreSQL",
    wanted="provider=postgresql in database.conf",
    remedy="Set it in database.conf (role server writes it), and migrate what SQLite holds: rstudio-server migrate-db.",
)
NOT_ITS_OWN = Fault(
    "Workbench has no database of its own",
    wanted="an empty database that the user of database.conf owns",
    remedy="Make one (role database, database_name), and name it in database.conf of all nodes; the tables of Workbench in the "
    "old one can be moved with pg_dump, all nodes stopped.",
)
UNREACHABLE = Fault(
    "The database cannot be reached",
    wanted="an answer to every node",
    remedy="Start PostgreSQL, open its port to the node, and let the node in by pg_hba.conf (role database).",
)
NOT_ASKED = Fault(
    "The database was not asked",
    wanted="an answer to every node",
    remedy="Name the server in database.conf by host and port, or by a connection-uri, and run verify again.",
    verdict=UNKNOWN,
)
NEW_ENOUGH = f"version {MINIMUM_POSTGRESQL} or later"
TOO_OLD = Fault("PostgreSQL is too old", wanted=NEW_ENOUGH, remedy="Upgrade the database server.")
VERSION_UNTOLD = Fault(
    "The version of PostgreSQL could not be read",
    wanted=NEW_ENOUGH,
    remedy="Install python3-cryptography on a node, for the Python that Ansible uses there, if the password is encrypted: verify "
    "asks with the login of database.conf. Or mend what that is refused for; or ask yourself: psql -c 'SHOW server_version'.",
    verdict=NOTE,
)
OTHER_CHECK = Fault(
    "Workbench checks the database server's certificate otherwise than connection-uri asks",
    wanted="sslmode=verify-ca, which Workbench always uses for a login by certificate",
    remedy="Write verify-ca, so that the file says what happens. The name in the certificate is not compared: keep others from "
    "answering at that address, or log in with a password, for which sslmode counts as written.",
    verdict=NOTE,
)
UNENCRYPTED = Fault(
    "The connection to the database is not encrypted, or not logged in by certificate, as database.conf asks",
    wanted="TLS, and a certificate that PostgreSQL was shown, where connection-uri names them",
    remedy="Have PostgreSQL serve TLS and ask for the certificate: hostssl in pg_hba.conf (role database, database_tls and "
    "database_authentication).",
)
NOT_LOGGED_IN = Fault(
    "Whether the connection to the database is encrypted cannot be told",
    wanted="a login of database.conf that says so",
    remedy="Mend what the login is refused for, and run verify again.",
    verdict=UNKNOWN,
)
ANOTHERS = Fault(
    "The database holds another product's tables",
    wanted="a database that Workbench shares with nobody",
    remedy="Name an empty one in database.conf (database_name), and keep the other for the product whose it is.",
)
NOT_OWNED = Fault(
    "The role of database.conf cannot make tables in its database",
    wanted="a role that owns the database and its schema",
    remedy="ALTER DATABASE … OWNER TO …, ALTER SCHEMA … OWNER TO … by the server's admins; or name the owner in database.conf.",
)
LETS_ALL_IN = "connections for the pools of all nodes"
TOO_FEW = Fault(
    "The database lets fewer connections in than the nodes open",
    wanted=LETS_ALL_IN,
    remedy="Raise max_connections there and restart PostgreSQL (the role database does), or set pool-size in database.conf "
    "(server_database_conf): a server that cannot open its whole pool does not start.",
)
FEW_UNTOLD = Fault(
    "Whether the database lets enough connections in cannot be told",
    wanted=LETS_ALL_IN,
    remedy="Run verify when these nodes answer, without --limit; or raise max_connections.",
    verdict=UNKNOWN,
)
CONFIGURED_PROTOCOL = "the cluster's row says what ssl-enabled and verify-ssl-certs say"
OTHER_PROTOCOL = Fault(
    "The protocol in the database is not the configured one",
    wanted=CONFIGURED_PROTOCOL,
    remedy="rstudio-server reset-cluster on one running node, then restart all nodes, that one first.",
)
OLDER_PROTOCOL = Fault(
    "The protocol in the database is that of older files",
    wanted=CONFIGURED_PROTOCOL,
    remedy="See configuration: restart, or take the change back.",
    verdict=UNKNOWN,
)
GOOD = Fault("{server} at {host}:{port} answers every node{how}", verdict=PASS)

# What each node that uses PostgreSQL saw of its server.
Answers = dict[str, DatabaseAnswer]


def judge(e: Evidence) -> t.Iterator[Finding]:
    providers = {host: e.option(host, "database.conf", "provider", "sqlite").lower() for host in e.nodes}
    users = [host for host, provider in providers.items() if provider == "postgresql"]
    answers: Answers = {host: e.nodes[host]["database"] for host in users if e.nodes[host].get("database")}
    found = [
        *_provider(providers),
        *_own_database(e, users),
        *_reached(e, users, answers),
        *_version(answers),
        *_certificate(e, answers),
        *_encrypted(e, answers),
        *_usable(answers),
        *_connections(e, answers),
        *_protocol(e),
    ]
    yield from found
    if answers and not any(item["verdict"] in (FAIL, UNKNOWN) for item in found):
        answer, *__ = answers.values()
        server = " ".join(["PostgreSQL", *list(_versions(answers).values())[:1]])
        yield GOOD(answers, server=server, host=answer["host"], port=answer["port"], how=_how(answers))


def _provider(providers: t.Mapping[str, str]) -> t.Iterator[Finding]:
    other = {host: provider for host, provider in providers.items() if provider != "postgresql"}
    if other:
        yield OTHER_PROVIDER(other, measured=spread(other))


def _own_database(e: Evidence, users: t.Iterable[str]) -> t.Iterator[Finding]:
    names = {host: _database_name(e, host) for host in users}
    foreign = {host: name for host, name in names.items() if name in MAINTENANCE}
    if foreign:
        yield NOT_ITS_OWN(foreign, measured=spread(foreign))


def _database_name(e: Evidence, host: str) -> str:
    """The database that a node names."""
    uri = e.option(host, "database.conf", "connection-uri")
    return database_of(uri) if uri else e.option(host, "database.conf", "database") or "rstudio"


def _reached(e: Evidence, users: t.Iterable[str], answers: Answers) -> t.Iterator[Finding]:
    down = {
        host: f"{answer['host']}:{answer['port']}: {answer.get('error') or 'no answer'}"
        for host, answer in answers.items()
        if answer["reachable"] is False
    }
    if down:
        yield UNREACHABLE(down, measured=spread(down))
    untold = {
        host: (answers[host]["error"] if host in answers else None) or "not asked"
        for host in users
        if host not in answers or answers[host]["reachable"] is None
    }
    if untold:
        yield NOT_ASKED(untold, measured=spread(untold))


def _version(answers: Answers) -> t.Iterator[Finding]:
    versions = _versions(answers)
    old = {host: version for host, version in versions.items() if major(version) < MINIMUM_POSTGRESQL}
    if old:
        yield TOO_OLD(old, measured=spread(old))
    elif answers and not versions:
        errors = {host: answer["error"] for host, answer in answers.items() if answer.get("error")}
        yield VERSION_UNTOLD(answers, measured=spread(errors))


def _versions(answers: Answers) -> dict[str, str]:
    return {host: str(answer["server_version"]) for host, answer in answers.items() if answer.get("server_version")}


def _certificate(e: Evidence, hosts: t.Iterable[str]) -> t.Iterator[Finding]:
    modes = {
        host: weakened(e.option(host, "database.conf", "connection-uri"), e.option(host, "database.conf", "password"))
        for host in hosts
    }
    asked = {host: f"sslmode={mode}" for host, mode in modes.items() if mode}
    if asked:
        yield OTHER_CHECK(asked, measured=spread(asked))


def _encrypted(e: Evidence, answers: Answers) -> t.Iterator[Finding]:
    """Where a URI asks for TLS, the server's own words about the connection count."""
    lacking, untold = {}, {}
    for host, answer in answers.items():
        login = _login(e, host)
        if login.get("sslmode", "prefer") not in ENCRYPTED or answer["reachable"] is False:
            continue
        session = answer.get("session")
        if session is None:
            untold[host] = answer["error"] or "nobody could log in"
        elif session["protocol"] is None:
            lacking[host] = "not encrypted"
        elif login.get("sslcert") and session["client_certificate"] is None:
            lacking[host] = f"{session['protocol']}, without a certificate of the node"
    if lacking:
        yield UNENCRYPTED(lacking, measured=spread(lacking))
    if untold:
        yield NOT_LOGGED_IN(untold, measured=spread(untold))


def _login(e: Evidence, host: str) -> dict[str, str]:
    """libpq's parameters in the URI of a node; the password of the file is a fingerprint here, and there or not."""
    uri, password = (e.option(host, "database.conf", option) for option in ("connection-uri", "password"))
    try:
        return read_uri(uri, password) if uri else {}
    except Failure:
        return {}


def _usable(answers: Answers) -> t.Iterator[Finding]:
    sessions = {host: session for host, answer in answers.items() if (session := answer.get("session"))}
    strangers = {host: words for host, session in sessions.items() if (words := stranger_in(session))}
    if strangers:
        yield ANOTHERS(strangers, measured=spread(strangers))
    not_owned = {
        host: f"{session['owner']}'s, schema {session['schema'] or '(none)'}"
        for host, session in sessions.items()
        if host not in strangers and not (session["owns"] and session["creates"])
    }
    if not_owned:
        yield NOT_OWNED(not_owned, measured=spread(not_owned))


def _connections(e: Evidence, answers: Answers) -> t.Iterator[Finding]:
    """The limits are the server's, so that one login tells them; without one the version is untold as well."""
    session = next((session for answer in answers.values() if (session := answer.get("session"))), None)
    if session is None:
        return
    pools = {host: _pool(e, host) for host in e.members}
    nodes, limit = needed(pools.values()), let_in(session)
    if limit < nodes["least"]:
        yield TOO_FEW(answers, measured=f"{limits_words(session)}, and their pools need {nodes['least']}")
    elif limit < nodes["most"]:
        untold = [host for host, pool in pools.items() if pool.processors is None]
        yield FEW_UNTOLD(
            untold,
            measured=f"{limits_words(session)}, and the pools need {nodes['least']} to {nodes['most']}, for nobody knows the "
            f"processors of {listed(untold)}",
        )


def _pool(e: Evidence, host: str) -> Pool:
    return Pool(e.option(host, "database.conf", "pool-size"), e.processors.get(host), e.version(host))


def _how(answers: Answers) -> str:
    """How the nodes are connected, where all are so and it is encrypted."""
    sessions = [answer.get("session") for answer in answers.values()]
    found = {(session["protocol"], bool(session["client_certificate"])) for session in sessions if session}
    if len(found) != 1 or None in sessions:
        return ""
    protocol, certified = found.pop()
    if protocol is None:
        return ""
    return f", by {protocol} and its certificate" if certified else f", by {protocol}"


def _protocol(e: Evidence) -> t.Iterator[Finding]:
    """The cluster's row in the database holds the protocol of the node that made it."""
    differs: dict[str, str] = {}
    for host, cluster in e.clusters.items():
        said = str(cluster.get("protocol") or "").lower()
        configured = protocol(e.options(host, "rserver.conf"), e.options(host, "load-balancer"))
        if host in e.nodes and said and as_listed(said) != configured:
            differs[host] = f"{said}, configured {configured}"
    if not differs:
        return
    older = e.older("configuration")
    if all("rstudio-server" in older.get(host, {}) for host in differs):
        yield OLDER_PROTOCOL(differs, measured=spread(differs))
    else:
        yield OTHER_PROTOCOL(differs, measured=spread(differs))
