# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database that a node is configured for: where it is, and what answers there."""

from __future__ import annotations

import importlib
import socket
import struct
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import words
from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import read_uri
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import shown
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseAnswer

# PostgreSQL, Frontend/Backend Protocol, SSLRequest: length and code. The server answers S or N, an old one an error (E).
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


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


def server_version(settings: t.Mapping[str, str], key: bytes, timeout: float) -> str | None:
    """Version of the server of `database.conf`, asked for with the product's own credentials.

    `None` where psycopg2 is missing, or cryptography for an encrypted password. Raises `Failure`, without the password.
    """
    try:
        psycopg2: t.Any = importlib.import_module("psycopg2")
        stored = settings.get("password", "")
        password = decrypt(stored, key) if stored else None
    except ImportError:
        return None
    uri = settings.get("connection-uri")
    names = {"host": "host", "port": "port", "dbname": "database", "user": "username"}
    login: dict[str, str] = {"host": "localhost", "dbname": "rstudio", "user": "postgres"}
    login.update({name: settings[option] for name, option in names.items() if option in settings})
    if password:
        login["password"] = password
    if uri:
        try:
            login = read_uri(uri, password or "")
        except Failure as failure:
            raise Failure(f"connection-uri of database.conf {failure}") from None
    try:
        connection = psycopg2.connect(**{**login, "connect_timeout": max(2, int(timeout))})
    except psycopg2.Error as error:
        said = shown("error", words(str(error), ""))  # of a wrong URI it repeats a part
        raise Failure(f"PostgreSQL refuses the login of database.conf: {said}") from error
    try:
        return str(connection.get_parameter_status("server_version")).split()[0]
    finally:
        connection.close()
