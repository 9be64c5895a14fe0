# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests between nodes, signed with the secure-cookie-key: nodes whose keys differ do not understand each other."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
import typing as t

HEADER = "X-RS-Signature"


class PeerError(Exception):
    """The peer could not be reached, or refused."""

    def __init__(self, message: str, reachable: bool) -> None:
        super().__init__(message)
        self.reachable = reachable


class Transport(t.NamedTuple):
    """How requests travel: `protocol` is the cluster's, `timeout` in seconds, `key` the secure-cookie-key."""

    protocol: str
    timeout: float
    key: bytes


def sign(key: bytes, method: str, path: str, body: bytes) -> str:
    return hmac.new(key, b"\n".join((method.encode(), path.encode(), body)), hashlib.sha256).hexdigest()


def is_signed(key: bytes, method: str, path: str, body: bytes, signature: str) -> bool:
    return hmac.compare_digest(sign(key, method, path, body), signature)


def request(transport: Transport, place: tuple[str, int], method: str, path: str, content: t.Any = None) -> t.Any:
    """The JSON answer of a peer. Raises PeerError."""
    host, port = place
    body = json.dumps(content).encode() if content is not None else b""
    headers = {HEADER: sign(transport.key, method, path, body), "Content-Type": "application/json"}
    connection = _connection(transport, host, port)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise PeerError(f"{host}:{port} cannot be reached: {error}", reachable=False) from error
    finally:
        connection.close()
    if response.status != 200:
        reason = answer.decode(errors="replace").strip() or response.reason
        raise PeerError(f"{host}:{port} refused: {response.status} {reason}", reachable=True)
    return json.loads(answer or b"null")


def _connection(transport: Transport, host: str, port: int) -> http.client.HTTPConnection:
    if transport.protocol == "http":
        return http.client.HTTPConnection(host, port, timeout=transport.timeout)
    context = ssl.create_default_context()
    if transport.protocol == "https no verify":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=transport.timeout, context=context)
