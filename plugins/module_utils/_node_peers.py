# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node sees of the others, and of the database. **PRIVATE** to the collection."""

from __future__ import annotations

import importlib
import socket
import struct
import threading
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._connection_uri import read_uri
from ansible_collections.workbench.cluster.plugins.module_utils._node_config import shown
from ansible_collections.workbench.cluster.plugins.module_utils._password import decrypt
from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure, words

# PostgreSQL, Frontend/Backend Protocol, SSLRequest: length and code. The server answers S or N, an old one an error (E).
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def probe(peers: t.Sequence[t.Mapping[str, t.Any]], timeout: float) -> dict[str, dict[str, t.Any]]:
    """`{name: {address: [...], ports: {port: state}}}` of `{name, host, ports}`, all at once.

    A state is `open`, `refused`, `timeout`, `unreachable` or `unresolved`.
    """
    answers: dict[str, dict[str, t.Any]] = {
        peer["name"]: {"address": [], "ports": {str(port): "timeout" for port in peer["ports"]}} for peer in peers
    }

    def ask(peer: t.Mapping[str, t.Any], port: int | None) -> None:
        answer = answers[peer["name"]]
        if port is None:
            answer["address"] = resolve(peer["host"])
        else:
            answer["ports"][str(port)] = knock(peer["host"], port, timeout)

    # A resolver knows no timeout, so nobody waits for these threads longer than for an answer.
    questions = [(peer, port) for peer in peers for port in (None, *peer["ports"])]
    threads = [threading.Thread(target=ask, args=question, daemon=True) for question in questions]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 2 * timeout
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return {
        name: {"address": list(answer["address"]), "ports": dict(answer["ports"])} for name, answer in answers.items()
    }


def resolve(host: str) -> list[str]:
    """The addresses of a name, as this node's resolver has them; empty when there are none."""
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except OSError:
        return []


def knock(host: str, port: int, timeout: float) -> str:
    try:
        socket.create_connection((host, port), timeout).close()
    except ConnectionRefusedError:
        return "refused"
    except socket.timeout:
        return "timeout"
    except socket.gaierror:
        return "unresolved"
    except OSError:
        return "unreachable"
    return "open"


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


def reach_database(address: tuple[str, int] | None, timeout: float) -> dict[str, t.Any]:
    """`{host, port, reachable, server_version, error}`; the version is unknown, for no credentials are used."""
    if address is None:
        error = "database.conf names no PostgreSQL server"
        return {"host": None, "port": None, "reachable": None, "server_version": None, "error": error}
    host, port = address
    answer: dict[str, t.Any] = {"host": host, "port": port, "reachable": False, "server_version": None, "error": None}
    try:
        with socket.create_connection(address, timeout) as connection:
            connection.sendall(SSL_REQUEST)
            said = connection.recv(1)
    except OSError as error:
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
    login: dict[str, t.Any] = {"host": "localhost", "dbname": "rstudio", "user": "postgres"}
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
