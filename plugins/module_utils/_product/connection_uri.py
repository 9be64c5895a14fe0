# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read `connection-uri` of database.conf as Workbench does, which is not libpq's way (rstudio/rstudio, core/Database.cpp).

The password of the URI is taken as it stands, percent signs included; an address in brackets keeps them; what follows the
host without a slash is a database's name up to its second character; a plus sign is a blank; the scheme may be in capitals.
A login without a password is one by certificate, and ends at `sslmode=verify-ca` whatever the URI asks for. Pure.
"""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

URI = re.compile(r"(?:postgres|postgresql)://([^/#?]+)(.*)\Z", re.IGNORECASE | re.DOTALL)
CERTIFICATE = ("sslcert", "sslkey", "sslrootcert")
# Their names, for words; `verify-ca` is what it ends at.
OTHER_CHECKS = ("require", "verify-full")


def read_uri(uri: str, password: str = "") -> dict[str, str]:
    """libpq's parameters, `host` among them; `password` of database.conf counts before that of the URI.

    Raises `Failure`, the rest of a sentence about the URI that does not repeat it, where Workbench would not start with it.
    """
    parameters = _written(uri)
    if password:
        parameters["password"] = password
    if not parameters.get("password"):
        missing = [name for name in CERTIFICATE if name not in parameters]
        if missing:
            raise Failure(f"has no password, and lacks {', '.join(missing)} to log in with a certificate")
        parameters["sslmode"] = "verify-ca"
    return parameters


def _written(uri: str) -> dict[str, str]:
    """What the URI itself says."""
    found = URI.match(uri)
    if not found:
        raise Failure("does not begin with postgresql:// and a host")
    host, path = found.groups()
    user, given, host = _user(host)
    host, port = _port(host)
    before, mark, query = path.partition("?")
    # The first character is taken for the slash, whatever it is.
    database = before[1:] if before or not mark else query
    parameters = {"host": _decoded(host)}
    for name, value in (("port", port), ("user", user), ("dbname", database)):
        if value:
            parameters[name] = _decoded(value)
    if given:
        parameters["password"] = given
    for part in query.split("&") if mark else []:
        name, equals, value = part.partition("=")
        if not equals:
            raise Failure("has a parameter without a value")
        parameters[name] = _decoded(value)
    return parameters


def write_uri(host: str, port: int, user: str, database: str, parameters: t.Mapping[str, str]) -> str:
    """A URI that Workbench and libpq read alike, without a password. Of `parameters` those with a value are in it."""
    said = [f"{name}={urllib.parse.quote(value, safe='/')}" for name, value in parameters.items() if value]
    return f"postgresql://{user}@{host}:{port}/{database}?{'&'.join(said)}"


def weakened(uri: str, password: str = "") -> str | None:
    """The `sslmode` that a URI asks for and does not get, `None` where it gets it."""
    try:
        used = read_uri(_without_password(uri), password).get("sslmode")
    except Failure:
        return None
    asked = urllib.parse.parse_qs(uri.partition("?")[2]).get("sslmode", [""])[-1]
    return asked if asked in OTHER_CHECKS and asked != used else None


def uri_problems(uri: str, password: str = "") -> list[str]:
    """Why Workbench would not reach a database by `uri`: the rest of sentences about it, which do not repeat it.

    A password may come from elsewhere (`WORKBENCH_POSTGRES_PASSWORD`), so that its lack is no problem here.
    """
    try:
        parameters = _written(uri)
    except Failure as failure:
        return [str(failure)]
    problems = []
    if "[" in parameters["host"]:
        problems.append(
            "has an address in brackets, which Workbench keeps, so that it is taken for a name. Give a name"
        )
    if not password and re.search(r"['\\]", parameters.get("password", "")):
        problems.append("has a password with ' or \\, at which Workbench cuts it. Give the role another")
    path = uri.partition("://")[2]
    if re.match(r"[^/]*\?", path):
        problems.append("has no / before its ?, so that what follows becomes the database's name. Write /NAME? there")
    if not password and "%" in parameters.get("password", ""):
        problems.append(
            "has a password with %, which Workbench does not decode. Give it as password in server_database_conf"
        )
    return problems


def database_of(uri: str) -> str:
    """The database a URI names, its user's where it names none; its password may be a fingerprint."""
    try:
        parameters = _written(_without_password(uri))
    except Failure:
        return ""
    return parameters.get("dbname") or parameters.get("user", "")


def _without_password(uri: str) -> str:
    return re.sub(r"://([^/?#:@]*):[^/?#]*@", r"://\1:x@", uri, count=1)


def _user(host: str) -> tuple[str, str, str]:
    """`user`, `password` and the rest of what stands before the path."""
    parts = host.split("@")
    if len(parts) == 1:
        return "", "", host
    words = parts[0].split(":")
    if len(parts) > 2 or len(words) > 2:
        raise Failure("has more than one @ or one : before its host; write those of a password elsewhere")
    return words[0], words[1] if len(words) == 2 else "", parts[1]


def _port(host: str) -> tuple[str, str]:
    if "[" in host:
        if "]" not in host:
            raise Failure("has an address without its closing bracket")
        end = host.index("]") + 1
        return host[:end], host[end:].partition(":")[2]
    parts = host.split(":")
    if len(parts) > 2:
        raise Failure("has more than one : in its host")
    return parts[0], parts[1] if len(parts) == 2 else ""


def _decoded(text: str) -> str:
    return urllib.parse.unquote_plus(text)
