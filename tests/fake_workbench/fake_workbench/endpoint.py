# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTTP servers of rserver and of the launcher share."""

from __future__ import annotations

import http.server
import json
import os
import select
import signal
import socket
import ssl
import typing as t

from fake_workbench import peers
from fake_workbench.config import ConfigError

# Of ssl-protocols those that OpenSSL still speaks.
VERSIONS = {
    "TLSv1": ssl.OP_NO_TLSv1,
    "TLSv1.1": ssl.OP_NO_TLSv1_1,
    "TLSv1.2": ssl.OP_NO_TLSv1_2,
    "TLSv1.3": ssl.OP_NO_TLSv1_3,
}


class Signals:
    """What the service manager says. Through a pipe: a signal cannot fall between looking and waiting."""

    def __init__(self) -> None:
        self._read, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: None)

    def wait(self, seconds: float | None = None) -> int:
        """The next signal; 0 after so many seconds without one."""
        ready, __, __ = select.select([self._read], [], [], seconds)
        return os.read(self._read, 1)[0] if ready else 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet
    body = b""
    always: t.ClassVar[dict[str, str]] = {}  # headers of every answer

    def read_body(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def is_signed(self, key: bytes) -> bool:
        return peers.is_signed(key, self.command, self.path, self.body, self.headers.get(peers.HEADER, ""))

    def content(self) -> t.Any:
        return json.loads(self.body)

    def answer(self, status: int, text: str = "", kind: str = "text/plain", **headers: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        for name, value in {**self.always, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(data)

    def answer_json(self, content: t.Any, status: int = 200) -> None:
        self.answer(status, json.dumps(content), "application/json")

    def log_message(self, format: str, *args: t.Any) -> None:
        """Requests are not logged: paths and headers may carry what is secret."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = socket.SOMAXCONN  # every node of a cluster may ask at the same time


class Tls(t.NamedTuple):
    """Files of a server that speaks TLS, and its protocols as the product names them; empty: OpenSSL's own."""

    certificate: str
    key: str
    protocols: str = ""


def listen(address: str, port: int, handler: type[Handler], tls: Tls | None = None) -> Server:
    """A server bound to the address. Raises ConfigError."""
    context = _context(tls) if tls else None
    try:
        server = Server((address, port), handler)
    except OSError as error:
        raise ConfigError(f"Unable to listen on {address}:{port}: {error.strerror or error}") from error
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def _context(tls: Tls) -> ssl.SSLContext:
    """As strict as the product: both files are named, are there, and belong together."""
    if not tls.certificate:
        raise ConfigError("SSL is enabled, but no certificate is specified")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(tls.certificate, tls.key, password=_no_passphrase)
    except (OSError, ValueError, ssl.SSLError) as error:
        message = f"Unable to use the certificate {tls.certificate} with key {tls.key}: {error}"
        raise ConfigError(message) from error
    for version in VERSIONS if tls.protocols else ():
        context.options |= VERSIONS[version] if version not in tls.protocols.split() else 0
    return context


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase")
