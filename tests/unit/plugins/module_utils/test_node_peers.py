# SPDX-FileCopyrightText: The workbench.cluster founders
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sockets on loopback addresses."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils import _node_peers as peers


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
        found = peers.probe([{"name": "n1", "host": "127.0.0.1", "ports": [opened, refused, silent]}], 0.5)
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
    assert peers.probe([{"name": "n1", "host": "nowhere", "ports": [8787]}], 1) == {
        "n1": {"address": [], "ports": {"8787": "unresolved"}}
    }


def test_host_without_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: t.Any) -> None:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr("socket.create_connection", fail)
    assert peers.knock("10.0.0.1", 8787, 1) == "unreachable"


def test_all_addresses_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda *_a, **_m: [(0, 0, 0, "", (address, 0)) for address in ("10.0.0.2", "10.0.0.1", "10.0.0.2")],
    )
    assert peers.resolve("n1") == ["10.0.0.1", "10.0.0.2"]


def test_resolver_that_does_not_answer_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_m: stop.wait(60) and [])
    found = peers.probe([{"name": "n1", "host": "slow", "ports": [8787]}], 0.1)
    stop.set()
    assert found == {"n1": {"address": [], "ports": {"8787": "timeout"}}}


def test_fifty_nodes_are_asked_at_once() -> None:
    """One after the other they would take longer than all are given."""
    with silent_port() as silent:
        nodes = [{"name": f"n{number}", "host": "127.0.0.1", "ports": [silent]} for number in range(50)]
        found = peers.probe(nodes, 0.3)
    assert {state for one in found.values() for state in one["ports"].values()} == {"timeout"}
    assert all(one["address"] == ["127.0.0.1"] for one in found.values())


@pytest.mark.parametrize("says", [b"S", b"N", b"E"])
def test_postgresql_is_known_by_its_answer(says: bytes) -> None:
    with listener(says) as port:
        found = peers.reach_database(("127.0.0.1", port), 5)
    assert found == {"host": "127.0.0.1", "port": port, "reachable": True, "server_version": None, "error": None}


@pytest.mark.parametrize("says", [b"HTTP/1.1 400", b""])
def test_something_else_answers(says: bytes) -> None:
    with listener(says) as port:
        found = peers.reach_database(("127.0.0.1", port), 5)
    assert (found["reachable"], found["error"]) == (False, "something other than PostgreSQL answers")


def test_database_that_does_not_answer() -> None:
    found = peers.reach_database(("127.0.0.1", closed_port()), 5)
    assert found["reachable"] is False
    assert "refused" in found["error"]


def test_no_database_to_ask() -> None:
    assert peers.reach_database(None, 5)["reachable"] is None


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
        ({"provider": "postgresql", "connection-uri": "postgresql://[fd00::1]/w"}, ("fd00::1", 5432)),
    ],
)
def test_address_of_the_database(settings: dict[str, str], expected: tuple[str, int] | None) -> None:
    assert peers.database_address(settings) == expected
