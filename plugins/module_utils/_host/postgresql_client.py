# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log in to a PostgreSQL server from a host that has no driver yet, and ask one question.

libpq's parameters, and its way with `sslmode`; a password by SCRAM-SHA-256 or MD5, in the clear through TLS only. Source:
PostgreSQL, "Frontend/Backend Protocol".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import socket
import ssl
import struct
import typing as t
import unicodedata

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

# Length and code. The server answers S or N, an old one an error (E).
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
PROTOCOL = 196608
# What a server may ask for, by its number: AuthenticationOk and the like.
OK, CLEARTEXT, MD5, SASL, SASL_CONTINUE, SASL_FINAL = 0, 3, 5, 10, 11, 12
SCRAM = b"SCRAM-SHA-256"
VERIFYING = ("verify-ca", "verify-full")
ENCRYPTED = ("require", *VERIFYING)
# More than any answer to us: what claims to be longer is no PostgreSQL.
LONGEST = 1 << 20

Parameters = t.Mapping[str, str]


class Refused(Failure):
    """The words of a server that was reached, and of a certificate that does not fit."""


class Session:
    """A connection that is logged in. Raises `Failure` where there is none, `Refused` where the server was reached."""

    def __init__(self, parameters: Parameters, timeout: float) -> None:
        self.parameters = parameters
        self.said: dict[str, str] = {}  # the server's settings, such as server_version
        self.socket, self.protocol = _connected(parameters, timeout)
        try:
            self._log_in()
        except (OSError, struct.error, ValueError, IndexError, KeyError) as error:
            self.close()
            raise Refused(_words(error)) from error
        except Failure:
            self.close()
            raise

    def close(self) -> None:
        self.socket.close()

    def value(self, sql: str) -> str | None:
        """The first field of the first row."""
        try:
            self._send(b"Q", sql.encode() + b"\0")
            found: str | None = None
            for kind, body in self._messages():
                if kind == b"D" and found is None:
                    found = _first_field(body)
            return found
        except (OSError, struct.error) as error:
            raise Refused(_words(error)) from error

    def _log_in(self) -> None:
        names = {"user": self.parameters["user"], "database": self.parameters["dbname"]}
        if self.parameters.get("options"):
            names["options"] = self.parameters["options"]
        pairs = b"".join(_text(word) for pair in names.items() for word in pair)
        body = struct.pack("!i", PROTOCOL) + pairs + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        scram = _Scram(self.parameters.get("password", ""))
        for kind, message in self._messages():
            if kind == b"R":
                self._authenticate(message, scram)
            elif kind == b"S":
                name, value = message.split(b"\0")[:2]
                self.said[name.decode()] = value.decode()

    def _authenticate(self, message: bytes, scram: _Scram) -> None:
        asked, rest = struct.unpack("!i", message[:4])[0], message[4:]
        password = self.parameters.get("password", "")
        if asked == OK:
            return
        if asked not in (CLEARTEXT, MD5, SASL, SASL_CONTINUE, SASL_FINAL):
            raise Refused(f"the server asks for a login of the kind {asked}, which is neither password nor certificate")
        if not password:
            raise Refused("the server asks for a password, and there is none")
        if asked == CLEARTEXT:
            if self.protocol is None:
                raise Refused("the server asks for the password in the clear, on a connection that is not encrypted")
            self._send(b"p", _text(password))
        elif asked == MD5:
            inner = _md5((password + self.parameters["user"]).encode())
            self._send(b"p", _text("md5" + _md5(inner.encode() + rest)))
        elif asked == SASL:
            if SCRAM not in rest.split(b"\0"):
                raise Refused("the server takes no password by SCRAM-SHA-256")
            first = scram.first()
            self._send(b"p", SCRAM + b"\0" + struct.pack("!i", len(first)) + first)
        elif asked == SASL_CONTINUE:
            self._send(b"p", scram.final(rest))
        else:
            scram.prove(rest)

    def _send(self, kind: bytes, body: bytes) -> None:
        self.socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _messages(self) -> t.Iterator[tuple[bytes, bytes]]:
        """What the server says until it is ready for a question."""
        while True:
            head = _read(self.socket, 5)
            kind, length = head[:1], struct.unpack("!i", head[1:])[0]
            if not 4 <= length <= LONGEST:
                raise Refused("something other than PostgreSQL answers")
            body = _read(self.socket, length - 4)
            if kind == b"E":
                raise Refused(_error(body))
            if kind == b"Z":
                return
            yield kind, body


class _Scram:
    """RFC 5802 without channel binding, as the side that has the password."""

    def __init__(self, password: str) -> None:
        # As PostgreSQL prepares it, but for characters that no password should have.
        self.password = unicodedata.normalize("NFKC", password).encode()
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.server_signature = b""

    def first(self) -> bytes:
        return f"n,,n=,r={self.nonce}".encode()

    def final(self, message: bytes) -> bytes:
        said = dict(part.split("=", 1) for part in message.decode().split(","))
        if not said["r"].startswith(self.nonce):
            raise Refused("the server answers another login than ours")
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(said["s"]), int(said["i"]))
        without_proof = f"c=biws,r={said['r']}"
        signed = f"n=,r={self.nonce},{message.decode()},{without_proof}".encode()
        client_key = _hmac(salted, b"Client Key")
        signature = _hmac(hashlib.sha256(client_key).digest(), signed)
        self.server_signature = _hmac(_hmac(salted, b"Server Key"), signed)
        proof = bytes(one ^ other for one, other in zip(client_key, signature))
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def prove(self, message: bytes) -> None:
        said = dict(part.split("=", 1) for part in message.decode().split(","))
        if not hmac.compare_digest(base64.b64decode(said.get("v", "")), self.server_signature):
            raise Refused("the server does not know the role's password itself: it is another one that answers")


def served_certificate(host: str, port: int, timeout: float) -> str:
    """What a server shows who asks for TLS, in PEM. Raises `Failure`."""
    connection, _protocol = _connected({"host": host, "port": str(port), "sslmode": "require"}, timeout)
    with connection:
        shown = connection.getpeercert(binary_form=True) if isinstance(connection, ssl.SSLSocket) else None
    return ssl.DER_cert_to_PEM_cert(shown or b"")


def _connected(parameters: Parameters, timeout: float) -> tuple[socket.socket, str | None]:
    """A connection, and the version of TLS it has."""
    mode = parameters.get("sslmode", "prefer")
    try:
        plain = socket.create_connection((parameters["host"], int(parameters.get("port", "5432"))), timeout)
    except (OSError, ValueError) as error:  # the latter of a name with a label that is empty or too long
        raise Failure(str(error)) from error
    try:
        plain.settimeout(timeout)
        if mode == "disable":
            return plain, None
        plain.sendall(SSL_REQUEST)
        said = plain.recv(1)
        if said not in (b"S", b"N", b"E"):
            raise Failure("something other than PostgreSQL answers")
        if said == b"S":
            wrapped = _context(parameters, mode).wrap_socket(plain, server_hostname=parameters["host"])
            return wrapped, wrapped.version()
        if mode in ENCRYPTED or said == b"E":
            raise Refused("the server does not offer TLS")
        return plain, None
    except (OSError, ValueError) as error:
        plain.close()
        raise Refused(_words(error)) from error
    except Failure:
        plain.close()
        raise


def _context(parameters: Parameters, mode: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = mode == "verify-full"
    authority = parameters.get("sslrootcert", "")
    # As libpq: authorities that are named count, whatever the mode.
    context.verify_mode = ssl.CERT_REQUIRED if mode in VERIFYING or (mode == "require" and authority) else ssl.CERT_NONE
    if context.verify_mode == ssl.CERT_REQUIRED:
        context.load_verify_locations(cafile=authority)
    if parameters.get("sslcert") and parameters.get("sslkey"):
        context.load_cert_chain(parameters["sslcert"], parameters["sslkey"])
    return context


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise Refused("the server closed the connection")
        data += more
    return data


def _error(body: bytes) -> str:
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    return " ".join(fields.get(b"M", "the server refuses and does not say why").split())


def _first_field(row: bytes) -> str | None:
    length = struct.unpack("!i", row[2:6])[0]
    return None if length < 0 else row[6 : 6 + length].decode("utf-8", "replace")


def _text(text: str) -> bytes:
    return text.encode() + b"\0"


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def _md5(data: bytes) -> str:
    return hashlib.new("md5", data).hexdigest()  # as the server asks for it  # nosec B324


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate does not do: {error.verify_message}"
    if isinstance(error, (binascii.Error, struct.error, IndexError, KeyError)):
        return "something other than PostgreSQL answers"
    return str(error) or type(error).__name__
