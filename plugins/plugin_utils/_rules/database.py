# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role database needs of its variables, and whether the database host and the nodes mean one database. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Hostvars, Member, is_on, value_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.networks import wrong_networks

IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}\Z")
# A host name with a letter in it, or the part behind a dot: what is no address and no network.
NAME = re.compile(r"[.]?[A-Za-z0-9_.-]*[A-Za-z_][A-Za-z0-9_.-]*\Z")
PORT = 5432
# How values are compared; a password is not shown.
COMPARED: t.Mapping[str, t.Callable[[t.Any], t.Any]] = {
    "database_manage": is_on,
    "database_port": str,
    "database_name": str,
    "database_user": str,
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


RULES = (_host, _port, _name, _user, _clients, _password)
