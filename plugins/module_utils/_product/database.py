# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database that a node is configured for: where it is, and what answers there."""

from __future__ import annotations

import json
import socket
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import HOLDS, LIMITS
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql_client import SSL_REQUEST, Session
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import read_uri
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import shown

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseAnswer, DatabaseSession

# What the unit of the server has as its environment, where a password counts before that of database.conf.
ENVIRONMENT = "/etc/default/rstudio-server"
ABOUT = f"""
SELECT json_build_object(
  'ssl', (SELECT row_to_json(s) FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()),
  'standby', pg_is_in_recovery(),
  {LIMITS},
  'owner', (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()),
  'owns', (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()),
  'schema', current_schema(),
  'creates', coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
  {HOLDS}
)
"""  # made of constants  # nosec B608


def database_address(settings: t.Mapping[str, str]) -> tuple[str, int] | None:
    """Host and port of the PostgreSQL server that `database.conf` names; `None` without one."""
    if settings.get("provider", "sqlite").lower() != "postgresql":
        return None
    try:
        if settings.get("connection-uri"):
            found = read_uri(settings["connection-uri"], "any: only the address counts")
            return found["host"], int(found.get("port", "5432"))
        return settings.get("host", "localhost"), int(settings.get("port", "5432"))
    except (ValueError, Failure):
        return None


def reach_database(address: tuple[str, int] | None, timeout: float) -> DatabaseAnswer:
    """Whether a PostgreSQL server answers there. Its version stays unknown: no credentials are used."""
    if address is None:
        error = "database.conf names no PostgreSQL server"
        return {"host": None, "port": None, "reachable": None, "server_version": None, "error": error}
    host, port = address
    answer: DatabaseAnswer = {"host": host, "port": port, "reachable": False, "server_version": None, "error": None}
    try:
        with socket.create_connection(address, timeout) as connection:
            connection.sendall(SSL_REQUEST)
            said = connection.recv(1)
    except (OSError, UnicodeError) as error:  # the latter of a name with a label that is empty or too long
        return {**answer, "error": str(error)}
    if said not in (b"S", b"N", b"E"):
        return {**answer, "error": "something other than PostgreSQL answers"}
    return {**answer, "reachable": True}


def login_parameters(settings: t.Mapping[str, str], key: bytes, environment: str = ENVIRONMENT) -> dict[str, str]:
    """libpq's parameters as the product has them. Raises `Failure` without the password, `ImportError` without cryptography."""
    stored, uri = settings.get("password", ""), settings.get("connection-uri")
    password = _environment_password(environment) or (decrypt(stored, key) if stored else "")
    if uri:
        try:
            return read_uri(uri, password)
        except Failure as failure:
            raise Failure(f"connection-uri of database.conf {failure}") from None
    names = {"host": "host", "port": "port", "dbname": "database", "user": "username"}
    login = {"host": "localhost", "dbname": "rstudio", "user": "postgres"}
    login.update({name: settings[option] for name, option in names.items() if option in settings})
    return {**login, **({"password": password} if password else {})}


def open_session(parameters: t.Mapping[str, str], timeout: float) -> Session:
    """With libpq's parameters, and the product's defaults. Raises `Failure` with the server's words."""
    defaults = {"user": "postgres", "dbname": parameters.get("user", "postgres")}
    return Session({**defaults, **parameters}, timeout)


def ask_database(parameters: t.Mapping[str, str], timeout: float) -> tuple[str, DatabaseSession]:
    """The server's version, and what a login finds. Raises `Failure` with the server's words."""
    session = open_session(parameters, timeout)
    try:
        told = json.loads(session.value(ABOUT) or "{}")
        version = session.said["server_version"].split()[0]
    except (KeyError, ValueError, IndexError):
        raise Failure("something other than PostgreSQL answers") from None
    finally:
        session.close()
    seen = told.pop("ssl") or {}
    subject = seen.get("client_dn") or seen.get("clientdn")  # until version 11
    found = {**told, "protocol": session.protocol, "client_certificate": subject or None}
    return version, t.cast("DatabaseSession", found)


def logged_in(answer: DatabaseAnswer, parameters: t.Mapping[str, str], timeout: float) -> DatabaseAnswer:
    """`answer` of a server that was reached, with what a login finds, or the words of its refusal."""
    try:
        version, session = ask_database(parameters, timeout)
    except Failure as failure:
        said = shown("error", str(failure))  # of a wrong parameter it may repeat a part
        return {**answer, "error": f"PostgreSQL refuses the login of database.conf: {said}", "session": None}
    return {**answer, "server_version": version, "session": session}


def _environment_password(path: str) -> str:
    """The password of the environment file of a unit, or of the file that it names."""
    lines = [line.strip().partition("=") for line in file_text(path).splitlines() if not line.strip().startswith("#")]
    values = {name.strip(): value.strip().strip("'\"") for name, _equals, value in lines}
    file = values.get("WORKBENCH_POSTGRES_PASSWORD_FILE", "")
    return values.get("WORKBENCH_POSTGRES_PASSWORD", "") or (file_text(file).strip() if file else "")
