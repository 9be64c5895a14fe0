# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that only who knows a passphrase can read or change. Pure.

A line that says what it is, a line of JSON with the parameters of Scrypt, and a token of Fernet (AES-128-CBC, HMAC-SHA-256).
"""

from __future__ import annotations

import base64
import json
import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

if t.TYPE_CHECKING:
    from cryptography.fernet import Fernet

HEAD = b"workbench.cluster backup 1"
# Half a second and 128 MB for each passphrase that somebody tries.
COST = 1 << 17
# A file of strangers cannot ask for more.
DEAREST = 1 << 20


def seal(content: bytes, passphrase: str) -> bytes:
    salt = os.urandom(16)
    parameters = {"kdf": "scrypt", "n": COST, "r": 8, "p": 1, "salt": base64.b64encode(salt).decode()}
    return b"\n".join([HEAD, json.dumps(parameters).encode(), _fernet(passphrase, salt, COST).encrypt(content)])


def unseal(sealed: bytes, passphrase: str) -> bytes:
    """Raises `Failure` for other bytes, another passphrase, and what was changed or cut."""
    from cryptography.fernet import InvalidToken

    head, _end, rest = sealed.partition(b"\n")
    line, _end, token = rest.partition(b"\n")
    try:
        parameters = json.loads(line) if head == HEAD else {}
        salt, cost = base64.b64decode(parameters["salt"]), int(parameters["n"])
        known = (parameters["kdf"], parameters["r"], parameters["p"]) == ("scrypt", 8, 1) and 2 <= cost <= DEAREST
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise Failure("is no backup of this collection")
    if not passphrase:
        raise Failure("is encrypted with a passphrase, and operate_backup_passphrase is not set")
    try:
        return _fernet(passphrase, salt, cost).decrypt(token)
    except (InvalidToken, ValueError):
        raise Failure("cannot be opened: another passphrase, or it is damaged") from None


def _fernet(passphrase: str, salt: bytes, cost: int) -> Fernet:
    # Here, because the state of a cluster is told without it.
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    key = Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())
    return Fernet(base64.urlsafe_b64encode(key))
