# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that resolve or do not, and the states of ports."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import network
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Target

Listener = t.Callable[..., t.ContextManager[int]]


@pytest.fixture
def silent_port(listener: Listener) -> t.Iterator[int]:
    """A port whose queue is full: what comes is dropped, as by a firewall."""
    with listener(backlog=0) as port, contextlib.ExitStack() as stack:
        for _number in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        yield port


def test_states_of_ports(listener: Listener, silent_port: int, closed_port: int) -> None:
    with listener() as opened:
        ports = [opened, closed_port, silent_port]
        found = network.probe([{"name": "n1", "host": "127.0.0.1", "ports": ports}], 0.5)
    assert found == {
        "n1": {
            "address": ["127.0.0.1"],
            "ports": {str(opened): "open", str(closed_port): "refused", str(silent_port): "timeout"},
        }
    }


def test_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: t.Any, **_more: t.Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", fail)
    assert network.probe([{"name": "n1", "host": "nowhere", "ports": [8787]}], 1) == {
        "n1": {"address": [], "ports": {"8787": "unresolved"}}
    }


@pytest.mark.parametrize("name", ["node..example.com", "n" * 64])
def test_what_can_be_no_name_does_not_resolve(name: str) -> None:
    """Python refuses an empty label and a long one with an error of its own."""
    assert network.probe([{"name": "n1", "host": name, "ports": [8787]}], 1) == {
        "n1": {"address": [], "ports": {"8787": "unresolved"}}
    }


def test_host_without_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: t.Any) -> None:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr("socket.create_connection", fail)
    assert network.knock("10.0.0.1", 8787, 1) == "unreachable"


def test_all_addresses_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda *_a, **_m: [(0, 0, 0, "", (address, 0)) for address in ("10.0.0.2", "10.0.0.1", "10.0.0.2")],
    )
    assert network.resolve("n1") == ["10.0.0.1", "10.0.0.2"]


def test_resolver_that_does_not_answer_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_m: stop.wait(60) and [])
    found = network.probe([{"name": "n1", "host": "slow", "ports": [8787]}], 0.1)
    stop.set()
    assert found == {"n1": {"address": [], "ports": {"8787": "timeout"}}}


def test_fifty_nodes_are_asked_at_once(silent_port: int) -> None:
    """One after the other they would take longer than all are given."""
    nodes: list[Target] = [{"name": f"n{number}", "host": "127.0.0.1", "ports": [silent_port]} for number in range(50)]
    found = network.probe(nodes, 0.3)
    assert {state for one in found.values() for state in one["ports"].values()} == {"timeout"}
    assert all(one["address"] == ["127.0.0.1"] for one in found.values())
