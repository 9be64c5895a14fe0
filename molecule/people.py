# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People at their browsers: each with cookies, a WebSocket that stays open, and a request now and then. What fails is counted."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import ssl
import threading
import time
import typing as t

# How long somebody waits for an answer, and pauses before asking again.
PATIENCE, PAUSE = 20.0, 0.4


class Failed(t.NamedTuple):
    """A request, or what was said on a WebSocket, that had no good answer."""

    person: int
    what: t.Literal["request", "websocket"]
    begun: float  # time.monotonic()
    node: str  # that the person had before
    why: str


class Place(t.NamedTuple):
    """Where people go: as DNS and the browser's authorities would have it."""

    address: str
    port: int
    name: str
    authorities: str  # PEM

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cadata=self.authorities)
        plain = socket.create_connection((self.address, self.port), PATIENCE)
        return context.wrap_socket(plain, server_hostname=self.name)


class Person(threading.Thread):
    """One of them."""

    def __init__(self, number: int, place: Place) -> None:
        super().__init__(daemon=True)
        self.number = number
        self.place = place
        self.cookie = ""
        self.node = ""
        self.headers: dict[str, str] = {}
        self.asked = self.said = 0
        self.failed: list[Failed] = []
        self.nodes: list[tuple[float, str]] = []
        self.done = threading.Event()
        self.again = threading.Event()
        self._socket: ssl.SSLSocket | None = None

    def run(self) -> None:
        while not self.done.is_set():
            self._try("request", self._ask)
            if self.again.is_set():
                self._hang_up()
                self.again.clear()
            self._try("websocket", self._say)
            self.done.wait(PAUSE)
        self._hang_up()

    def _try(self, what: t.Literal["request", "websocket"], act: t.Callable[[], None]) -> None:
        begun, node = time.monotonic(), self.node
        try:
            act()
        except (OSError, ValueError, EOFError) as error:
            self.failed.append(Failed(self.number, what, begun, node, repr(error)))
            if what == "websocket":
                self._hang_up()

    def _ask(self) -> None:
        """A page, on a connection of its own."""
        with self.place.connect() as connection:
            head, rest = self._opened(connection, "Connection: close")
            if " 200 " not in head[0]:
                raise ValueError(head[0])
            answer = json.loads(rest + _all(connection))
        self.asked += 1
        self.node, self.headers = answer["node"], answer["headers"]
        self.nodes.append((time.monotonic(), self.node))

    def _say(self) -> None:
        """A word on the WebSocket, which comes back; the first one opens it."""
        if self._socket is None:
            key = base64.b64encode(os.urandom(16)).decode()
            connection = self.place.connect()
            upgrade = (
                f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}"
            )
            head, _rest = self._opened(connection, upgrade)
            if " 101 " not in head[0]:
                raise ValueError(head[0])
            self._socket = connection
        word, mask = os.urandom(8), os.urandom(4)
        self._socket.sendall(b"\x82\x88" + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(word)))
        if _exactly(self._socket, 10) != b"\x82\x08" + word:
            raise ValueError("another word came back")
        self.said += 1

    def _opened(self, connection: ssl.SSLSocket, more: str) -> tuple[list[str], bytes]:
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        connection.sendall(
            f"GET /fake/echo?of={self.number} HTTP/1.1\r\nHost: {self.place.name}\r\n{cookie}{more}\r\n\r\n".encode()
        )
        text = b""
        while b"\r\n\r\n" not in text:
            text += _some(connection)
        head, _blank, rest = text.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        for line in lines:
            name, _colon, value = line.partition(": ")
            if name.lower() == "set-cookie":
                self.cookie = value.partition(";")[0]
        return lines, rest

    def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None


class People:
    """All of them, for as long as the block lasts."""

    def __init__(self, number: int, place: Place) -> None:
        self.all = [Person(count, place) for count in range(number)]

    def __enter__(self) -> People:
        for person in self.all:
            person.start()
        self.settled()
        return self

    def __exit__(self, *_error: object) -> None:
        for person in self.all:
            person.done.set()
        for person in self.all:
            person.join(2 * PATIENCE)

    @property
    def failed(self) -> list[Failed]:
        return [failed for person in self.all for failed in person.failed]

    def nodes(self, since: float = 0) -> set[str]:
        """That answered pages since a moment."""
        return {node for person in self.all for when, node in person.nodes if when > since}

    def settled(self) -> None:
        """Wait until everybody had an answer to what was begun after now, both ways."""
        before = {person: (person.asked, person.said) for person in self.all}
        until = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < until:
            if all(person.asked > asked + 1 and person.said > said + 1 for person, (asked, said) in before.items()):
                return
            time.sleep(0.1)
        raise AssertionError(f"somebody has no answer: {self.failed[-3:]}")

    def reopen(self) -> None:
        """Everybody closes the WebSocket, as a browser does that loads a page anew, and opens another."""
        for person in self.all:
            person.again.set()
        until = time.monotonic() + 2 * PATIENCE
        while any(person.again.is_set() for person in self.all) and time.monotonic() < until:
            time.sleep(0.1)
        self.settled()


def _some(connection: ssl.SSLSocket) -> bytes:
    found = connection.recv(4096)
    if not found:
        raise EOFError("closed")
    return found


def _all(connection: ssl.SSLSocket) -> bytes:
    found = b""
    with contextlib.suppress(EOFError):
        while True:
            found += _some(connection)
    return found


def _exactly(connection: ssl.SSLSocket, number: int) -> bytes:
    found = b""
    while len(found) < number:
        found += _some(connection)
    return found
