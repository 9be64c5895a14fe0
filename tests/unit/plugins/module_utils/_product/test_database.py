# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sockets on loopback addresses."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
import threading
import types
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import network as host_network
from ansible_collections.workbench.cluster.plugins.module_utils._product import database as product_database


@contextlib.contextmanager
def listener(says: bytes | None = None, backlog: int = 8) -> t.Iterator[int]:
    """A port that answers each connection with `says`, or lets it wait."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(backlog)

        def serve() -> None:
            connection, _address = server.accept()
            with connection:
                connection.recv(8)
                connection.sendall(says or b"")

        if says is not None:
            threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def closed_port() -> int:
    with listener() as port:
        return port


@contextlib.contextmanager
def silent_port() -> t.Iterator[int]:
    """A port whose queue is full: what comes is dropped, as by a firewall."""
    with listener(backlog=0) as port, contextlib.ExitStack() as stack:
        for _number in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        yield port


def test_states_of_ports() -> None:
    with listener() as opened, silent_port() as silent:
        refused = closed_port()
        found = host_network.probe([{"name": "n1", "host": "127.0.0.1", "ports": [opened, refused, silent]}], 0.5)
    assert found == {
        "n1": {
            "address": ["127.0.0.1"],
            "ports": {str(opened): "open", str(refused): "refused", str(silent): "timeout"},
        }
    }


def test_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: t.Any, **_more: t.Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", fail)
    assert host_network.probe([{"name": "n1", "host": "nowhere", "ports": [8787]}], 1) == {
        "n1": {"address": [], "ports": {"8787": "unresolved"}}
    }


def test_host_without_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: t.Any) -> None:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr("socket.create_connection", fail)
    assert host_network.knock("10.0.0.1", 8787, 1) == "unreachable"


def test_all_addresses_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda *_a, **_m: [(0, 0, 0, "", (address, 0)) for address in ("10.0.0.2", "10.0.0.1", "10.0.0.2")],
    )
    assert host_network.resolve("n1") == ["10.0.0.1", "10.0.0.2"]


def test_resolver_that_does_not_answer_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_m: stop.wait(60) and [])
    found = host_network.probe([{"name": "n1", "host": "slow", "ports": [8787]}], 0.1)
    stop.set()
    assert found == {"n1": {"address": [], "ports": {"8787": "timeout"}}}


def test_fifty_nodes_are_asked_at_once() -> None:
    """One after the other they would take longer than all are given."""
    with silent_port() as silent:
        nodes = [{"name": f"n{number}", "host": "127.0.0.1", "ports": [silent]} for number in range(50)]
        found = host_network.probe(nodes, 0.3)
    assert {state for one in found.values() for state in one["ports"].values()} == {"timeout"}
    assert all(one["address"] == ["127.0.0.1"] for one in found.values())


@pytest.mark.parametrize("says", [b"S", b"N", b"E"])
def test_postgresql_is_known_by_its_answer(says: bytes) -> None:
    with listener(says) as port:
        found = product_database.reach_database(("127.0.0.1", port), 5)
    assert found == {"host": "127.0.0.1", "port": port, "reachable": True, "server_version": None, "error": None}


@pytest.mark.parametrize("says", [b"HTTP/1.1 400", b""])
def test_something_else_answers(says: bytes) -> None:
    with listener(says) as port:
        found = product_database.reach_database(("127.0.0.1", port), 5)
    assert (found["reachable"], found["error"]) == (False, "something other than PostgreSQL answers")


def test_database_that_does_not_answer() -> None:
    found = product_database.reach_database(("127.0.0.1", closed_port()), 5)
    assert found["reachable"] is False
    assert "refused" in str(found["error"])


def test_no_database_to_ask() -> None:
    assert product_database.reach_database(None, 5)["reachable"] is None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"provider": "sqlite", "host": "db"}, None),
        ({"provider": "PostgreSQL"}, ("localhost", 5432)),
        ({"provider": "postgresql", "host": "db", "port": "6000"}, ("db", 6000)),
        ({"provider": "postgresql", "host": "db", "port": "many"}, None),
        ({"provider": "postgresql", "host": "x", "connection-uri": "postgresql://u:p@db:6000/w?a=b"}, ("db", 6000)),
        ({"provider": "postgresql", "connection-uri": "postgres://db/w"}, ("db", 5432)),
        ({"provider": "postgresql", "connection-uri": "postgresql://[fd00::1]/w"}, ("[fd00::1]", 5432)),
        ({"provider": "postgresql", "connection-uri": "POSTGRES://u:p@db?sslmode=require"}, ("db", 5432)),
        ({"provider": "postgresql", "connection-uri": "postgres://u:p@a,b:5:6/w"}, None),
    ],
)
def test_address_of_the_database(settings: dict[str, str], expected: tuple[str, int] | None) -> None:
    assert product_database.database_address(settings) == expected


class Psycopg2(types.ModuleType):
    """The driver as far as it is used: it notes the login, and refuses with `refusal`."""

    class Error(Exception):
        pass

    def __init__(self, refusal: str | None = None) -> None:
        super().__init__("psycopg2")
        self.refusal = refusal
        self.login: dict[str, t.Any] = {}
        self.closed = False

    def connect(self, **login: t.Any) -> Psycopg2:
        if self.refusal:
            raise self.Error(self.refusal)
        self.login = login
        return self

    def get_parameter_status(self, name: str) -> str:
        return {"server_version": "15.14 (Debian 15.14-0+deb12u1)"}[name]

    def close(self) -> None:
        self.closed = True


KEY = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
STORED = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"


@pytest.mark.parametrize(
    ("settings", "login"),
    [
        (
            {"host": "db", "port": "6000", "database": "w", "username": "me", "password": STORED},
            {"host": "db", "port": "6000", "dbname": "w", "user": "me", "password": "success"},
        ),
        ({}, {"host": "localhost", "dbname": "rstudio", "user": "postgres"}),
        (
            {"connection-uri": "postgresql://me@db/w", "host": "ignored", "password": "plain"},
            {"host": "db", "user": "me", "dbname": "w", "password": "plain"},
        ),
        (
            {"connection-uri": "POSTGRES://me:p%40ss@db/w?sslmode=verify-full"},
            {"host": "db", "user": "me", "dbname": "w", "password": "p%40ss", "sslmode": "verify-full"},
        ),
        (
            {"connection-uri": "postgres://me@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-full"},
            {
                "host": "db",
                "user": "me",
                "dbname": "w",
                "sslcert": "/c",
                "sslkey": "/k",
                "sslrootcert": "/r",
                "sslmode": "verify-ca",
            },
        ),
    ],
)
def test_version_is_asked_for_as_the_product_logs_in(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], login: dict[str, t.Any]
) -> None:
    driver = Psycopg2()
    monkeypatch.setitem(sys.modules, "psycopg2", driver)
    assert product_database.server_version(settings, KEY, 5) == "15.14"
    assert (driver.login, driver.closed) == ({**login, "connect_timeout": 5}, True)


def test_version_is_unknown_without_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    assert product_database.server_version({}, KEY, 5) is None


def test_version_is_unknown_where_the_password_cannot_be_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2())
    for name in ("cryptography.hazmat.primitives.ciphers", "cryptography.hazmat.primitives.padding"):
        monkeypatch.setitem(sys.modules, name, None)
    assert product_database.server_version({"password": STORED}, KEY, 5) is None


def test_refused_login_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "postgresql://me:hunter2@db/w?bad=1"
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2(f'invalid URI "{uri}"'))
    with pytest.raises(Failure, match="PostgreSQL refuses the login") as refused:
        product_database.server_version({"connection-uri": uri}, KEY, 5)
    assert "hunter2" not in str(refused.value)


def test_a_uri_the_product_refuses_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2())
    with pytest.raises(Failure, match=r"connection-uri of database\.conf has a parameter without a value") as refused:
        product_database.server_version({"connection-uri": "postgresql://me:hunter2@db/w?bad"}, KEY, 5)
    assert "hunter2" not in str(refused.value)


def test_password_of_another_key_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2())
    with pytest.raises(Failure, match="was encrypted with"):
        product_database.server_version({"password": STORED}, b"x" * 32, 5)
