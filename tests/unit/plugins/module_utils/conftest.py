# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports on loopback addresses that answer, wait or refuse."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t

import pytest

Listener = t.Callable[..., t.ContextManager[int]]


@contextlib.contextmanager
def _listening(says: bytes | None = None, backlog: int = 8) -> t.Iterator[int]:
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


@pytest.fixture
def listener() -> Listener:
    """`with listener(says, backlog=8) as port`: it answers each connection with `says`, or lets it wait."""
    return _listening


@pytest.fixture
def closed_port() -> int:
    with _listening() as port:
        return port
