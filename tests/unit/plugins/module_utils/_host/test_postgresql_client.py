# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login without a driver, against a server of the test. The scenario `database_tls` asks a real one."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import socket
import struct
import threading
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql_client import (
    SSL_REQUEST,
    Refused,
    Session,
    served_certificate,
)

# PostgreSQL 15's own, of the password `plain`.
ITERATIONS, SALT = 4096, "2L07rTuef8DOX6taOVST+w=="
STORED_KEY = base64.b64decode("CUW5ZZBcESthi8a/zW1U9TPfGPprv768VOr3maHbUwc=")
SERVER_KEY = base64.b64decode("mCjUVos+fcVWRyL+9tsj6m4OvAZgdYXlFRwJe+2T2eQ=")
ROW = struct.pack("!hi", 1, 5) + b"hello"


class Server:
    """Speaks PostgreSQL's protocol to one client: `ask` is what it wants for a login."""

    def __init__(self, connection: socket.socket, ask: t.Callable[[Server], None]) -> None:
        self.connection, self.ask = connection, ask

    def send(self, kind: bytes, body: bytes) -> None:
        self.connection.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def read(self) -> bytes:
        """The body of a message."""
        head = self.connection.recv(5, socket.MSG_WAITALL)
        return self.connection.recv(struct.unpack("!i", head[1:])[0] - 4, socket.MSG_WAITALL)

    def serve(self) -> None:
        with self.connection:
            size = struct.unpack("!i", self.connection.recv(4, socket.MSG_WAITALL))[0]
            first = self.connection.recv(size - 4, socket.MSG_WAITALL)
            if struct.pack("!i", size) + first == SSL_REQUEST:
                self.connection.sendall(b"N")
                size = struct.unpack("!i", self.connection.recv(4, socket.MSG_WAITALL))[0]
                first = self.connection.recv(size - 4, socket.MSG_WAITALL)
            assert first[4:].startswith(b"user\0bob\0database\0rstudio\0")
            self.ask(self)
            self.send(b"S", b"application_name\0\0")  # which may be empty
            self.send(b"S", b"server_version\x0015.14\0")
            self.send(b"Z", b"I")
            self.read()
            self.send(b"D", ROW)
            self.send(b"Z", b"I")


def scram(server: Server, proves: bool = True) -> None:
    """RFC 5802, as the side that has the verifier only."""
    server.send(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
    bare = server.read().partition(b"n,,")[2].decode()
    nonce = bare.partition("r=")[2] + "server"
    challenge = f"r={nonce},s={SALT},i={ITERATIONS}"
    server.send(b"R", struct.pack("!i", 11) + challenge.encode())
    without, _mark, proof = server.read().decode().partition(",p=")
    signed = f"{bare},{challenge},{without}".encode()
    signature = hmac.new(STORED_KEY, signed, hashlib.sha256).digest()
    key = bytes(one ^ other for one, other in zip(base64.b64decode(proof), signature))
    if hashlib.sha256(key).digest() != STORED_KEY:
        server.send(b"E", b'SFATAL\0Mpassword authentication failed for user "bob"\0\0')
        return
    answer = base64.b64encode(hmac.new(SERVER_KEY if proves else b"x", signed, hashlib.sha256).digest())
    server.send(b"R", struct.pack("!i", 12) + b"v=" + answer)
    server.send(b"R", struct.pack("!i", 0))


def md5(server: Server) -> None:
    server.send(b"R", struct.pack("!i", 5) + b"salt")
    inner = hashlib.md5(b"plainbob", usedforsecurity=False).hexdigest().encode()
    assert server.read() == b"md5" + hashlib.md5(inner + b"salt", usedforsecurity=False).hexdigest().encode() + b"\0"
    server.send(b"R", struct.pack("!i", 0))


def in_the_clear(server: Server) -> None:
    server.send(b"R", struct.pack("!i", 3))


def trusting(server: Server) -> None:
    server.send(b"R", struct.pack("!i", 0))


def by_kerberos(server: Server) -> None:
    server.send(b"R", struct.pack("!i", 7))


def lying(server: Server) -> None:
    scram(server, proves=False)


@contextlib.contextmanager
def serving(ask: t.Callable[[Server], None]) -> t.Iterator[dict[str, str]]:
    """libpq's parameters of a login to a server that asks so."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError, struct.error):
                Server(listener.accept()[0], ask).serve()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = str(listener.getsockname()[1])
        yield {"host": "127.0.0.1", "port": port, "user": "bob", "dbname": "rstudio", "password": "plain"}


@pytest.mark.parametrize("ask", [scram, md5, trusting])
@pytest.mark.parametrize("mode", ["prefer", "disable"])
def test_a_login_and_a_question(ask: t.Callable[[Server], None], mode: str) -> None:
    with serving(ask) as parameters:
        session = Session({**parameters, "sslmode": mode}, 5)
        assert session.said == {"application_name": "", "server_version": "15.14"}
        assert (session.value("SELECT 'hello'"), session.protocol) == ("hello", None)
        session.close()


@pytest.mark.parametrize(
    ("ask", "more", "words"),
    [
        pytest.param(scram, {"password": "wrong"}, "password authentication failed", id="another password"),
        pytest.param(scram, {"password": ""}, "asks for a password, and there is none", id="no password"),
        pytest.param(lying, {}, "does not know the role's password", id="a server that knows no verifier"),
        pytest.param(in_the_clear, {}, "not encrypted", id="a password in the clear is not sent"),
        pytest.param(by_kerberos, {}, "neither password nor certificate", id="another kind of login"),
        pytest.param(trusting, {"sslmode": "require"}, "does not offer TLS", id="no TLS where it is asked for"),
        pytest.param(
            trusting, {"sslmode": "verify-ca", "sslrootcert": "/no"}, "does not offer TLS", id="no TLS to check"
        ),
    ],
)
def test_a_login_that_is_refused(ask: t.Callable[[Server], None], more: dict[str, str], words: str) -> None:
    with serving(ask) as parameters, pytest.raises(Refused, match=words) as refused:
        Session({**parameters, **more}, 5)
    assert "plain" not in str(refused.value)


def test_something_else_answers(listener: t.Callable[..., t.ContextManager[int]], closed_port: int) -> None:
    with listener(b"HTTP/1.1 400") as port, pytest.raises(Failure, match="something other than PostgreSQL"):
        Session({"host": "127.0.0.1", "port": str(port), "user": "bob", "dbname": "d"}, 5)
    with pytest.raises(Failure, match="refused"):
        served_certificate("127.0.0.1", closed_port, 5)
