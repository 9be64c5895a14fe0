# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what the database server lacks for a cluster, and what must not be touched for others' sake. Pure.

On the controller only. The server may have other databases and users: their rules, settings and passwords stay as they
are, and what cannot be told apart from theirs stops.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import shortened
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import mark
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    DatabaseHolds,
    DatabaseLimits,
    DatabaseServer,
    OwnedDatabase,
    ResolvedName,
    TlsFiles,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_connections import (
    UNTOUCHED,
    Needed,
    limits_words,
    raised,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_tls import (
    BOTH,
    CERTIFICATE,
    NONE,
    PASSWORD,
    Copy,
    Served,
    kept_problems,
    lacking,
    server_copies,
    tls_problems,
    tls_settings,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.postgresql_password import fits, is_md5
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted

# Words of pg_hba.conf in an address's place, and the end of a name that PostgreSQL compares with reverse names.
LOCALHOST = ("127.0.0.1", "::1")
KEYWORDS = ("all", "samehost", "samenet")
# Type and method of a line, and what is said of it, by `login_kind`.
KINDS = {
    (False, PASSWORD): ("host", "scram-sha-256"),
    (True, PASSWORD): ("hostssl", "scram-sha-256"),
    (True, CERTIFICATE): ("hostssl", "cert"),
    (True, BOTH): ("hostssl", "scram-sha-256 clientcert=verify-full"),
}
WORDS: t.Mapping[tuple[bool, str], tuple[str, ...]] = {
    (False, PASSWORD): (),
    (True, PASSWORD): ("by TLS",),
    (True, CERTIFICATE): ("by certificate",),
    (True, BOTH): ("by certificate and password",),
}
INSTANCE = re.compile(r"([0-9]+(?:\.[0-9]+)?)/([A-Za-z0-9._-]+)\Z")

Names = t.Mapping[str, ResolvedName]
ONE_OF_ITS_OWN = (
    "Workbench shares its database with nobody (document 003, Database Configuration). Set database_name to an empty one of "
    "its own."
)


class Found(t.TypedDict):
    """What database_info returns."""

    server: DatabaseServer
    names: dict[str, ResolvedName]
    files: TlsFiles


class Wanted(Served):
    family: str  # the host's os_family
    families: list[str]  # those PostgreSQL is built on
    members: list[str]  # the nodes, by the inventory's names
    name: str
    user: str
    schema: str  # empty: public
    port: int
    clients: list[str]
    password: str  # the one to have
    known: str  # the one a member has
    made: str  # the one of a cluster that was given none and has none yet
    connections: Needed  # of the nodes
    may_restart: bool


class Plan(t.TypedDict):
    """There are no secrets in it."""

    errors: list[str]
    silence: str  # what is wrong with a server that is to run, and does not answer; empty: it does
    role: str  # keep, create, or alter: its password
    reasons: list[str]  # why it is altered
    database: str  # keep, create, or alter: the owner of an empty one
    schema: str  # keep, or create
    settings: dict[str, str]  # for TLS, in force by the reload
    copies: list[Copy]  # of the certificate and key, for PostgreSQL
    copied: dict[str, str]  # why those of them are made that differ, by path
    restarting: dict[str, str]  # settings that are in force by a restart only; empty: there is none
    reload: bool  # rules on disk are younger than those in force
    access_file: str | None
    rules: list[str]
    mark: str  # the line before and after them
    unit: str | None  # the server's own; None: it does not say


def plan_database(report: Found, wanted: Wanted) -> Plan:
    server, names = report["server"], report["names"]
    rules, unresolved = access_rules(wanted, names)
    errors = refusals(wanted) or _unresolved(unresolved, wanted) + tls_problems(wanted, report["files"])
    answer: Plan = {
        "errors": errors,
        "silence": f"PostgreSQL on {wanted['server']}, port {wanted['port']}, does not let its own account in: {server['error']}",
        "role": "create",
        "reasons": [],
        "database": "create",
        "schema": "create" if wanted["schema"] else "keep",
        "settings": tls_settings(wanted, {}),
        "copies": server_copies(wanted, {}),
        "copied": lacking(server_copies(wanted, {}), report["files"]),
        "restarting": _restarting(UNTOUCHED, wanted, hears=False),
        "reload": True,
        "access_file": None,
        "rules": rules,
        "mark": mark(wanted["name"], wanted["user"]),
        "unit": None,
    }
    if server["state"] != "running" or refusals(wanted):
        return answer
    role, reasons, problems = _role(server, wanted)
    errors += problems
    database, problems = _database(server, wanted, role)
    errors += problems
    hears = listens(server["listen_addresses"], names.get(wanted["host"]), names)
    restarting = _restarting(server, wanted, hears, server["next_connections"])
    errors += _server_problems(server, wanted) + _interrupted(server, wanted, restarting)
    errors += kept_problems(wanted, server["tls"], others_of(server))
    copies = server_copies(wanted, server["tls"])
    instance = INSTANCE.match(server["instance"] or "")
    return {
        **answer,
        "silence": "",
        "role": role,
        "reasons": reasons,
        "database": database,
        "schema": _schema(server, wanted),
        "settings": tls_settings(wanted, server["tls"]),
        "copies": copies,
        "copied": lacking(copies, report["files"]),
        "restarting": restarting,
        "reload": not (server["access_loaded"] and server["tls_loaded"]),
        "access_file": server["access_file"],
        "unit": f"postgresql@{instance.group(1)}-{instance.group(2)}.service" if instance else None,
    }


def refusals(wanted: Wanted) -> list[str]:
    """Why nothing can be built, whatever the host has.

    The password is not in argument specs: an empty one is right where the nodes bring their own (certificates).
    """
    if wanted["family"] not in wanted["families"]:
        return [
            f"{wanted['server']} is of the family {wanted['family']}; database_manage=true builds PostgreSQL on "
            f"{', '.join(wanted['families'])}. Point database_host at an existing server and set database_manage=false."
        ]
    if not wanted["password"]:
        return [
            f"database_password is empty and no node of this run has one: none of {', '.join(wanted['members'])} went through "
            f"the keys role in this run. Run without --limit, or give database_password."
        ]
    return []


def access_rules(wanted: Wanted, names: Names) -> tuple[list[str], list[str]]:
    """Lines of pg_hba.conf that let the clients in, and clients without an address. Names stand as addresses.

    Database and role are quoted: a name such as `all` or `replication` would otherwise be a keyword.
    """
    addresses: list[str] = []
    unresolved: list[str] = []
    for client in map(str, wanted["clients"]):
        if client in KEYWORDS or client.startswith("."):
            addresses.append(client)
            continue
        network = _network(client)
        found = [network] if network else _networks(names[client]["addresses"] if client in names else [])
        addresses += found
        if not found:
            unresolved.append(client)
    rules = [_rule(wanted, KINDS[login_kind(wanted)], address) for address in dict.fromkeys(addresses)]
    return rules + ([_plain(wanted)] if rules and wanted["tls"] != NONE else []), unresolved


def rule_words(wanted: Wanted, rule: str) -> str | None:
    """Whom a line lets in, or not, and how; `None` where it is none that `access_rules` would write."""
    words = rule.split()
    if rule == _plain(wanted):
        return "all without TLS are refused"
    if len(words) > 4:
        for kind, said in WORDS.items():
            if rule == _rule(wanted, KINDS[kind], words[3]):
                return " ".join([words[3], *said])
    return None


def login_kind(wanted: Served) -> tuple[bool, str]:
    """Whether the role has to come by TLS, and with what it logs in."""
    return wanted["tls"] != NONE, wanted["authentication"]


def _rule(wanted: Wanted, kind: tuple[str, str], address: str) -> str:
    return f'{kind[0]}  "{wanted["name"]}"  "{wanted["user"]}"  {address}  {kind[1]}'


def _plain(wanted: Wanted) -> str:
    """Rules of others below ours could let the role in without TLS."""
    return _rule(wanted, ("hostnossl", "reject"), "all")


def listens(listen_addresses: str, host: ResolvedName | None, names: Names) -> bool:
    """Whether a server with these `listen_addresses` hears what comes to `host`.

    Where `host` leads to no address of the server's own (a translated one, or only itself), an address beyond loopback
    is taken for the admin's answer.
    """
    words = [word.strip() for word in listen_addresses.split(",") if word.strip()]
    if "*" in words:
        return True
    heard = [address for word in words for address in _heard(word, names)]
    own = host["own"] if host else []
    # Debian's own name is 127.0.1.1 to itself; only localhost proper means a server for this host alone.
    targets = [address for address in own if not _is_loopback(address)] or [one for one in own if one in LOCALHOST]
    if not targets:
        return any(not _is_loopback(address) for address in heard)
    every = {"0.0.0.0": 4, "::": 6}
    versions = {every[address] for address in heard if address in every}
    return any(address in heard or ipaddress.ip_address(address).version in versions for address in targets)


def _heard(word: str, names: Names) -> list[str]:
    try:
        return [str(ipaddress.ip_address(word))]
    except ValueError:
        return names[word]["addresses"] if word in names else []


def _role(server: DatabaseServer, wanted: Wanted) -> tuple[str, list[str], list[str]]:
    """What is done with the role, why it is altered, and why it may not be."""
    role = server["role"]
    if role is None:
        return "create", [], []
    given = fits(wanted["password"], wanted["user"], role["verifier"])
    known = fits(wanted["known"], wanted["user"], role["verifier"])
    # With the one that is made, a run that was cut off has left the role, and nobody has used it; or it needs none to log in.
    unused = server["database"] is None or tables_in(server["database"]) == 0
    by_certificate = wanted["authentication"] == CERTIFICATE
    left = (unused or by_certificate) and fits(wanted["made"], wanted["user"], role["verifier"])
    if known or left or (given and wanted["password"] != wanted["made"]):
        found = {"password": not given, "kept as MD5": is_md5(role["verifier"]), "may not log in": not role["login"]}
        reasons = [reason for reason, holds in found.items() if holds]
        return "alter" if reasons else "keep", reasons, []
    problem = (
        f"The role {wanted['user']} is on {wanted['server']} already, with a password that neither database_password nor "
        f"database.conf of a node has: it may be another cluster's, and would be locked out. Set database_user and "
        f"database_name to names of this cluster's own, or database_password to the role's."
    )
    return "keep", [], [problem]


def _database(server: DatabaseServer, wanted: Wanted, role: str) -> tuple[str, list[str]]:
    database = server["database"]
    if database is None:
        return "create", []
    stranger = stranger_in(database["holds"])
    if stranger:
        return "keep", [f"The database {wanted['name']} on {wanted['server']} {stranger} {ONE_OF_ITS_OWN}"]
    count = tables_in(database)
    if role == "create" and count != 0:
        tables = "tables that could not be counted" if count is None else f"{count} tables"
        return "keep", [
            f"The database {wanted['name']} is on {wanted['server']} already, with {tables} and the owner "
            f"{database['owner']}: it is not this cluster's. Set database_name to a name of its own, or database_user and "
            f"database_password to the login this cluster has."
        ]
    # An empty one may have been made for this; one with tables keeps its owner.
    return "alter" if count == 0 and database["owner"] != wanted["user"] else "keep", []


def _schema(server: DatabaseServer, wanted: Wanted) -> str:
    database = server["database"]
    return "create" if wanted["schema"] and not (database and database["schema_owner"]) else "keep"


def stranger_in(holds: DatabaseHolds | None) -> str:
    """Whose tables are in a database that are not Workbench's, in words; empty where all is well or cannot be told."""
    if holds is None or holds["tables"] == 0 or holds["workbench"]:
        return ""
    return f"holds {shortened(holds['names'], 5)}, and not Workbench's schema_version: it is another product's."


def tables_in(database: OwnedDatabase) -> int | None:
    """`None` where they cannot be counted."""
    return database["holds"]["tables"] if database["holds"] else None


def _restarting(server: DatabaseLimits, wanted: Wanted, hears: bool, by_files: int = 0) -> dict[str, str]:
    """`by_files`: `max_connections` of the server's files, which is not lowered either."""
    enough = raised(server, wanted["connections"])
    return {
        **({} if hears else {"listen_addresses": "*"}),
        **({"max_connections": str(max(enough, by_files))} if enough else {}),
    }


def _server_problems(server: DatabaseServer, wanted: Wanted) -> list[str]:
    errors = []
    if server["standby"]:
        errors.append(f"PostgreSQL on {wanted['server']} is a standby: nothing can be made there. Name its primary.")
    errors += [
        f"PostgreSQL would refuse its access rules as they are: {rule['file']}, line {rule['line']}: {rule['error']}. "
        f"Mend that line; nothing was changed."
        for rule in server["access_errors"]
    ]
    block = server["access_block"]
    if block and not block["whole"]:
        lines = shortened([str(line) for line in block["marks"]], 4)
        errors.append(
            f"The marks around this collection's rules in {server['access_file']} (lines {lines}) are not one pair: rules of "
            f"others could go with ours. Remove these lines and the rules of {wanted['user']}, and run again; nothing was "
            f"changed."
        )
    return errors


def _interrupted(server: DatabaseServer, wanted: Wanted, restarting: t.Mapping[str, str]) -> list[str]:
    """Why others may not be interrupted for the settings `restarting`."""
    others, nodes = others_of(server), wanted["connections"]
    if not others or wanted["may_restart"]:
        return []
    why = {
        "listen_addresses": f"listens on {server['listen_addresses'] or 'no address'}, not where the nodes come "
        f"({wanted['host']})",
        "max_connections": f"{limits_words(server)}, and {counted(nodes['beside'], 'node')} need "
        f"{nodes['most']} for their pools and {nodes['beside']} for commands",
    }
    return [
        f"PostgreSQL on {wanted['server']} {why[name]}. To change that it must be restarted, which interrupts {others}. "
        f"Let this run do it with database_restart=true ({name} becomes {value}), or set {name}, restart it when it suits, "
        f"and run again."
        for name, value in restarting.items()
    ]


def others_of(server: DatabaseServer) -> str:
    """Who else uses the server, in words; empty where nobody does."""
    parts = []
    for words, found in (("database", server["databases"]), ("role", server["roles"])):
        if found:
            parts.append(f"the {words}{'s' if len(found) > 1 else ''} {shortened(found, 5)}")
    return " and ".join(parts)


def _unresolved(names: t.Sequence[str], wanted: Wanted) -> list[str]:
    if not names:
        return []
    return [
        f"{', '.join(names)} in database_clients, or of database_members, has no address on {wanted['server']}: PostgreSQL "
        f"lets addresses in. Set cluster_address or ansible_host to an address, or give database_clients as addresses or "
        f"networks."
    ]


def _network(text: str) -> str | None:
    """`text` as pg_hba.conf wants it, a single address as a network of one; `None` for a name."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return text if "/" in text else str(network)


def _networks(addresses: t.Iterable[str]) -> list[str]:
    """Addresses a name resolved to: loopback is the server's own host, link-local ones name no client."""
    found = []
    for address in addresses:
        parsed = ipaddress.ip_address(address.partition("%")[0])
        if parsed.is_loopback:
            found.append("samehost")
        elif not parsed.is_link_local:
            found.append(str(ipaddress.ip_network(parsed)))
    return found


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
