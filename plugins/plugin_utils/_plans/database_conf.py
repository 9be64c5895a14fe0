# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `database.conf` says of the variables of the role database, and how to try that before. Pure.

Only in `connection-uri` Workbench takes an encryption, certificates and a schema (Admin Guide, Database / Configuration).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import read_uri, write_uri
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import encrypted_with
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_tls import (
    CERTIFICATE,
    CLIENT_CERTIFICATE,
    CLIENT_KEY,
    NONE,
    PASSWORD,
    Copy,
    Shown,
    copies,
)


class Login(t.TypedDict):
    """The variables without `database_`."""

    host: str
    port: int
    name: str
    user: str
    tls: str
    authentication: str
    tls_authority: str
    client_certificate: str
    client_key: str
    schema: str


class Question(t.TypedDict):
    """What a node is asked (`_product/login.py`)."""

    files: list[str]
    parameters: dict[str, str] | None  # libpq's; None: no login is tried
    by_password: bool
    password: str


def database_options(login: Login, asked: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options beside the password. `asked`: what the inventory says of the file; a URI in it stands alone."""
    if asked.get("connection-uri"):
        return {"provider": "postgresql"}
    if not needs_uri(login):
        fields = {"host": "host", "port": "port", "database": "name", "username": "user"}
        return {"provider": "postgresql", **{option: login[name] for option, name in fields.items()}}  # type: ignore[literal-required]
    place = (str(login["host"]), int(login["port"]), str(login["user"]), str(login["name"]))
    return {"provider": "postgresql", "connection-uri": write_uri(*place, parameters(login))}


def login_question(login: Login, asked: t.Mapping[str, t.Any], password: str, manage: bool) -> Question:
    """A login is tried where others made the server. `password` may be empty: a node has it then."""
    own, shown = parameters(login), files_of(login)
    named = [shown["authority"], shown["certificate"], shown["key"]]
    files = [*filter(None, named), *(copy["dest"] for copy in client_copies(login))]
    stated = asked.get("password", password)
    question: Question = {
        "files": files,
        "parameters": None,
        "by_password": login["authentication"] != CERTIFICATE,
        "password": str(stated or ""),
    }
    # Where the inventory has it from the environment of the server, or encrypted, nobody here has it.
    if manage or ("password" in asked and (not stated or encrypted_with(str(stated)))):
        return question
    if asked.get("connection-uri"):
        own_uri = _read(str(asked["connection-uri"]), question["password"])
        given = own_uri.pop("password", "")
        return {
            **question,
            "parameters": own_uri,
            "password": given,
            "by_password": "sslcert" not in own_uri or bool(given),
        }
    place = {"host": login["host"], "port": login["port"], "user": login["user"], "dbname": login["name"]}
    # The copies are not made yet.
    sources = {"sslcert": shown["certificate"], "sslkey": shown["key"]}
    return {**question, "parameters": {**{name: str(value) for name, value in place.items()}, **own, **sources}}


def _read(uri: str, password: str) -> dict[str, str]:
    """The parameters of a URI of the inventory's own, also of one whose password a node has."""
    try:
        return read_uri(uri, password)
    except Failure:
        return {name: value for name, value in read_uri(uri, "a node's").items() if name != "password"}


def files_of(login: Login) -> Shown:
    """What a node needs of files, as the inventory names them."""
    by_certificate, tls = login["authentication"] != PASSWORD, login["tls"] != NONE
    return {
        "authority": login["tls_authority"] if tls else "",
        "certificate": login["client_certificate"] if by_certificate else "",
        "key": login["client_key"] if by_certificate else "",
    }


def client_copies(login: Login) -> list[Copy]:
    """What Workbench gets of the certificate and key of its node."""
    shown = files_of(login)
    if not shown["certificate"]:
        return []
    return copies((shown["certificate"], shown["key"]), (CLIENT_CERTIFICATE, CLIENT_KEY), "rstudio-server")


def needs_uri(login: Login) -> bool:
    """Whether fields of the file cannot say it."""
    return login["tls"] != NONE or bool(login["schema"])


def parameters(login: Login) -> dict[str, str]:
    """Those of libpq beside the place; an empty one is not said."""
    shows_certificate = login["authentication"] != PASSWORD
    return {
        "sslmode": "" if login["tls"] == NONE else login["tls"],
        "sslrootcert": login["tls_authority"] if login["tls"] != NONE else "",
        "sslcert": CLIENT_CERTIFICATE if shows_certificate else "",
        "sslkey": CLIENT_KEY if shows_certificate else "",
        "options": f"-csearch_path={login['schema']}" if login["schema"] else "",
    }
