# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role database needs of its variables, and whether the database host and the nodes mean one database. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import encrypted_with, key_crc32
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_tls import (
    CERTIFICATE,
    NONE,
    PASSWORD,
    VERIFYING,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import (
    Hostvars,
    Member,
    Unusable,
    is_on,
    value_of,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.networks import wrong_networks

IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}\Z")
# A host name with a letter in it, or the part behind a dot: what is no address and no network.
NAME = re.compile(r"[.]?[A-Za-z0-9_.-]*[A-Za-z_][A-Za-z0-9_.-]*\Z")
SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}\Z")
# What a URI, database.conf and ALTER SYSTEM take as it stands.
PATH = re.compile(r"""/[^\s"'\\&=?#]+\Z""")
PATHS = (
    *("database_tls_certificate", "database_tls_key", "database_tls_authority", "database_tls_client_authority"),
    *("database_client_certificate", "database_client_key"),
)
# Variables that only a connection-uri can say, and the fields it replaces.
MADE_OF = ("database_tls", "database_authentication", "database_schema")
FIELDS = ("host", "port", "database", "username")
PORT = 5432
# How values are compared; a password is not shown.
COMPARED: t.Mapping[str, t.Callable[[t.Any], t.Any]] = {
    "database_manage": is_on,
    "database_port": str,
    "database_name": str,
    "database_user": str,
    "database_schema": str,
    "database_tls": str,
    "database_authentication": str,
    "database_password": str,
}
SECRET = "database_password"


def database_differences(hosts: t.Sequence[str], hostvars: Hostvars) -> list[str]:
    """One sentence for each variable of the database that is not the same on all of `hosts`; no password in any.

    `hostvars` holds each host's variables by its name. One that a host does not have, or has as `None`, counts as its
    default, an empty one for the password: that is what the host's own tasks would take.
    """
    sentences: list[str] = []
    for name, comparable in COMPARED.items():
        seen: dict[t.Any, list[str]] = {}
        for host in hosts:
            value = value_of(hostvars, host, name)
            seen.setdefault(comparable("" if value is None else value), []).append(str(host))
        if len(seen) > 1:
            words = _hidden(seen) if name == SECRET else seen
            parts = [f"{word} for {', '.join(names)}" for word, names in zip(words, seen.values())]
            sentences.append(f"{name} is {'; '.join(parts)}.")
    return sentences


def _hidden(values: t.Iterable[str]) -> list[str]:
    """A word for each of different passwords: whether there is one, and not which."""
    words: list[str] = []
    for value in values:
        words.append(("set to another" if "set" in words else "set") if value else "empty")
    return words


def _host(m: Member) -> t.Iterator[str]:
    if not m["database_host"]:
        yield (
            f"database_host={m['database_host']} must be a name or address "
            f"(or a host in the group {group(m.cluster.name, 'database')})."
        )


def _port(m: Member) -> t.Iterator[str]:
    if m["database_port"] not in range(1, 65536):
        yield f"database_port={m['database_port']} must be 1 to 65535."
    elif m.on("database_manage") and m["database_port"] != PORT:
        yield (
            f"database_port={m['database_port']}: database_manage=true builds the server on {PORT}. "
            f"Use {PORT}, or database_manage=false with a server of your own."
        )


def _name(m: Member) -> t.Iterator[str]:
    name = str(m["database_name"])
    if not IDENTIFIER.match(name):
        yield f"database_name={name} must be a plain identifier."
    if name in ("postgres", "template0", "template1"):
        yield (
            f"database_name={name}: what is called postgres or template… is PostgreSQL's own; "
            "Workbench's documents ask for a database of its own, such as rstudio."
        )


def _user(m: Member) -> t.Iterator[str]:
    user = str(m["database_user"])
    if not IDENTIFIER.match(user):
        yield f"database_user={user} must be a plain identifier."
    if user in ("postgres", "public", "none") or user.startswith("pg_"):
        yield (
            f"database_user={user}: what is called postgres, public, none or pg_… is PostgreSQL's own; "
            "Workbench's documents ask for a role of its own, such as rstudio."
        )


def _clients(m: Member) -> t.Iterator[str]:
    wrong = [text for text in wrong_networks(m["database_clients"]) if not NAME.match(text)]
    if wrong:
        yield (
            f"database_clients={m['database_clients']} must be a list of addresses, networks (10.0.0.0/24) or host names, "
            f"not {', '.join(wrong)}."
        )


def _password(m: Member) -> t.Iterator[str]:
    # YAML reads 012345 as another number: what was meant cannot be told any more.
    if not isinstance(m.given("database_password"), str):
        yield (
            "database_password is read as a number, a boolean or nothing. "
            "Put it in quotes, or leave it out to have one found or made."
        )


def _way_in(m: Member) -> t.Iterator[str]:
    """Authentication and TLS fit each other, and the release."""
    tls, way = str(m["database_tls"]), str(m["database_authentication"])
    if way == PASSWORD:
        return
    if tls == NONE:
        yield (
            f"database_authentication={way} with database_tls=none: a certificate is shown by TLS only. "
            "Set database_tls=verify-ca."
        )
    elif way == CERTIFICATE and tls != "verify-ca":
        yield (
            f"database_authentication=certificate with database_tls={tls}: without a password Workbench always uses verify-ca "
            "(core/Database.cpp). Set database_tls=verify-ca, or database_authentication=both."
        )
    if way == CERTIFICATE and _before(m, (2024, 4)):
        yield (
            f"database_authentication=certificate with server_version={m['server_version']}: Workbench logs in by certificate "
            "since 2024.04. Take a later one, or database_authentication=both."
        )


def _certificates(m: Member) -> t.Iterator[str]:
    """Each file that is needed is named, by an absolute path that the URI can hold."""
    tls, way = str(m["database_tls"]), str(m["database_authentication"])
    if tls == NONE:
        return
    by_certificate = ["database_client_certificate", "database_client_key"] if way != PASSWORD else []
    needed = {
        f"database_tls={tls}": ["database_tls_authority"] if tls in VERIFYING else [],
        f"database_authentication={way}": by_certificate,
    }
    if m.on("database_manage"):
        served = ["database_tls_certificate", "database_tls_key"] if tls in VERIFYING else []
        needed[f"database_manage=true with database_tls={tls}"] = served
        checked = ["database_tls_client_authority"] if way != PASSWORD else []
        needed[f"database_manage=true with database_authentication={way}"] = checked
    missing = {why: [name for name in names if not m[name]] for why, names in needed.items()}
    for why, names in missing.items():
        if names:
            yield f"{why} needs {' and '.join(names)}, which {'is' if len(names) == 1 else 'are'} empty."
    if bool(m["database_tls_certificate"]) != bool(m["database_tls_key"]) and not any(missing.values()):
        yield "database_tls_certificate and database_tls_key belong together: set both, or none to keep the server's own."
    wrong = [f"{name}={m[name]}" for name in PATHS if m[name] and not PATH.match(str(m[name]))]
    if wrong:
        yield f"{', '.join(wrong)}: each must be an absolute path without blanks, quotes, backslashes, & and =."


def _schema(m: Member) -> t.Iterator[str]:
    schema = str(m["database_schema"])
    if not schema:
        return
    if not SCHEMA.match(schema) or schema.startswith("pg_") or schema == "information_schema":
        yield (
            f"database_schema={schema} must be a plain identifier in lower case (PostgreSQL reads it so), and none of "
            "PostgreSQL's own (pg_…, information_schema)."
        )
    if _before(m, (2022, 2)):
        yield (
            f"database_schema={schema} with server_version={m['server_version']}: a schema is documented since 2022.02. "
            "Take a later release, or the database's default."
        )


def _uri(m: Member) -> t.Iterator[str]:
    """A URI of the inventory's own stands alone; one that is made needs a name."""
    options = _options(m)
    uri = bool(options.get("connection-uri"))
    ours = [name for name in MADE_OF if str(m[name]) not in ("", NONE, PASSWORD)]
    if uri and ours:
        yield (
            f"connection-uri in server_database_conf, and {', '.join(ours)}: of these a connection-uri is made. "
            "Say all of it in the URI, or leave the URI out."
        )
    fields = [name for name in FIELDS if options.get(name) is not None]
    if fields and (uri or ours):
        beside = "connection-uri" if uri else f"one made of {', '.join(ours)}"
        yield (
            f"{', '.join(fields)} in server_database_conf beside {beside}: "
            "Workbench does not read them then (document 004, Database configuration). Say it in "
            f"{'the URI' if uri else 'database_host, database_port, database_name and database_user'}."
        )
    if ours and ":" in str(m["database_host"]):
        yield (
            f"database_host={m['database_host']} with {', '.join(ours)}: Workbench takes an IPv6 address in a URI for a name. "
            "Set database_host to a name."
        )


def _encrypted(m: Member) -> t.Iterator[str]:
    """Nobody but the key that encrypted a password can read it."""
    password, key = _options(m).get("password"), m["keys_cookie_key"]
    needed = encrypted_with(password) if isinstance(password, str) else None
    if needed and isinstance(key, str) and key and key_crc32(key.encode()) != needed:
        yield (
            f"password in server_database_conf is encrypted with the key {needed}, and keys_cookie_key is "
            f"{key_crc32(key.encode())}. Give the key it was encrypted with, or the password in database_password."
        )


def _options(m: Member) -> t.Mapping[str, t.Any]:
    """Those of database.conf; the rules of the nodes say where they are none."""
    options = m["server_database_conf"]
    if not isinstance(options, t.Mapping):
        raise Unusable
    return options


def _before(m: Member, release: tuple[int, int]) -> bool:
    """Whether the release that is asked for by its number is older."""
    found = re.match(r"([0-9]{4})\.([0-9]{2})\.", str(m["server_version"] or ""))
    return found is not None and (int(found[1]), int(found[2])) < release


def notes(m: Member) -> t.Iterator[str]:
    """What is no problem and yet not what it seems."""
    options = m["server_database_conf"]
    uri = str(options.get("connection-uri") or "")
    asked = re.search(r"sslmode=(?:require|verify-full)", uri)
    if asked and "password" not in options and not re.search(r"://[^/@]*:[^/@]+@", uri):
        yield (
            f"connection-uri in server_database_conf asks for {asked.group()}, and has no password: Workbench logs in by "
            "certificate, always with sslmode=verify-ca, which does not compare the name in the server's certificate. "
            "Write verify-ca, so that the file says what happens."
        )


RULES = (_host, _port, _name, _user, _clients, _password, _way_in, _certificates, _schema, _uri, _encrypted)
