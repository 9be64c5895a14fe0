# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypt the database password as `rstudio-server encrypt-password` does.

The format is that of Posit's own re-implementation (rstudio/rskey, workbench/workbench.go): CRC-32 of the key file in
eight upper-case hex digits; base64 of a 32 byte IV field, 16 of them used, and AES-128-CBC with PKCS#7 padding; the
CRC-32 again. The AES key is the first 16 bytes of the key file XORed with a mask. Text of 1.4 to 2021 lacks both CRCs.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import zlib

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import BLANKS, read_settings

MINIMUM_KEY = 32
MASK = bytes((223, 99, 111, 160, 122, 212, 223, 105, 37, 190))
IV_FIELD = 32
BLOCK = 16
FINGERPRINTED = re.compile(r"([0-9A-F]{8})([A-Za-z0-9+/]+={0,2})\1\Z")


def key_crc32(key: bytes) -> str:
    """The product's own name for a key: CRC-32 of the whole file, eight upper-case hex digits."""
    return f"{zlib.crc32(key) & 0xFFFFFFFF:08X}"


def encrypted_with(text: str) -> str | None:
    """`key_crc32` of the key a stored password was encrypted with, `None` when it does not say."""
    found = FINGERPRINTED.match(text) if len(text) >= 48 else None
    return found.group(1) if found else None


def stored_password(database_conf: str) -> str:
    """The password in the text of `database.conf`, as stored; empty where there is none."""
    return read_settings(database_conf).get("password", "")


def replace_password(database_conf: bytes, text: str) -> bytes:
    """`database.conf` with `text` as the stored password, where it has one; all else byte for byte."""
    lines = database_conf.decode("utf-8", "surrogateescape").split("\n")
    for number, line in enumerate(lines):
        key, found, _value = line.partition("=")
        if found and key.strip(BLANKS) == "password":  # the product takes the first
            lines[number] = f"password={text}"
            break
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def encrypt(password: str, key: bytes, current: str | None = None) -> str:
    """`password` under `key`; `current` itself when it says so already, for every encryption gives another text."""
    _long_enough(key)
    if current and _says(current, key, password):
        return current
    iv = os.urandom(IV_FIELD)
    payload = base64.b64encode(iv + _aes(key, iv, password.encode(), encrypting=True)).decode("ascii")
    return f"{key_crc32(key)}{payload}{key_crc32(key)}"


def decrypt(text: str, key: bytes) -> str:
    """The password behind `text`. Without fingerprint and unreadable it is the password, as the product takes it.

    Raises `Failure` when `text` says it was encrypted with another key, or is damaged. Text without fingerprint needs no
    key: a node may have a plain password and no key yet.
    """
    crc = encrypted_with(text)
    if crc is None and len(key) < MINIMUM_KEY:
        return text
    _long_enough(key)
    if crc is not None and crc != key_crc32(key):
        raise Failure(
            f"the password was encrypted with the secure-cookie-key with CRC-32 {crc}, this key has {key_crc32(key)}"
        )
    try:
        data = base64.b64decode(text[8:-8] if crc else text, validate=True)
        if len(data) <= IV_FIELD or len(data) % BLOCK:
            raise ValueError("not a whole number of blocks")
        return _aes(key, data[:IV_FIELD], data[IV_FIELD:], encrypting=False).decode()
    except (ValueError, binascii.Error) as error:
        if crc is None:
            return text
        raise Failure(f"the password encrypted with secure-cookie-key {crc} is damaged") from error


def _says(text: str, key: bytes, password: str) -> bool:
    """Whether `text` is `password` encrypted under `key`; damaged text says nothing."""
    try:
        return encrypted_with(text) == key_crc32(key) and decrypt(text, key) == password
    except Failure:
        return False


def _long_enough(key: bytes) -> None:
    if len(key) < MINIMUM_KEY:
        raise Failure(f"the secure-cookie-key has {len(key)} bytes; Workbench wants at least {MINIMUM_KEY}")


def _aes(key: bytes, iv: bytes, data: bytes, *, encrypting: bool) -> bytes:
    # Here, because nodes import this file too and need no cryptography.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    masked = bytes(byte ^ MASK[i % len(MASK)] for i, byte in enumerate(key[:BLOCK]))
    cipher = Cipher(algorithms.AES(masked), modes.CBC(iv[:BLOCK]))
    padding = PKCS7(BLOCK * 8)
    if encrypting:
        pad, encryptor = padding.padder(), cipher.encryptor()
        return encryptor.update(pad.update(data) + pad.finalize()) + encryptor.finalize()
    unpad, decryptor = padding.unpadder(), cipher.decryptor()
    return unpad.update(decryptor.update(data) + decryptor.finalize()) + unpad.finalize()
