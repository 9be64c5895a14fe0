# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheme of `rstudio-server encrypt-password` (rstudio/rskey, workbench/workbench.go)."""

from __future__ import annotations

import base64
import binascii
import os
import zlib

_MASK = bytes((223, 99, 111, 160, 122, 212, 223, 105, 37, 190))
_BLOCK = 16
_IV_FIELD = 32


class DecryptError(Exception):
    """The text was not encrypted with this key."""


def fingerprint(key: bytes) -> str:
    """CRC-32 of the key file's bytes, 8 upper-case hex digits."""
    return f"{zlib.crc32(key):08X}"


def is_encrypted(text: str) -> bool:
    ends = text[:8]
    return len(text) >= 48 and ends == text[-8:] and all(digit in "0123456789ABCDEF" for digit in ends)


def encrypt(password: str, key: bytes) -> str:
    data = password.encode()
    padding = _BLOCK - len(data) % _BLOCK
    field = os.urandom(_IV_FIELD)
    sealed = _aes_cbc(_aes_key(key), field[:_BLOCK], data + bytes([padding]) * padding, encrypting=True)
    ends = fingerprint(key)
    return ends + base64.b64encode(field + sealed).decode() + ends


def decrypt(text: str, key: bytes) -> str:
    """The password in `text`, in the present form (with fingerprints) or the bare base64 of before 2021."""
    payload = text
    if is_encrypted(text):
        if text[:8] != fingerprint(key):
            raise DecryptError(f"encrypted with key {text[:8]}, not with key {fingerprint(key)}")
        payload = text[8:-8]
    try:
        raw = base64.b64decode(payload, validate=True)
    except binascii.Error as error:
        raise DecryptError("not base64") from error
    sealed = raw[_IV_FIELD:]
    if not sealed or len(sealed) % _BLOCK:
        raise DecryptError("not a whole number of blocks")
    padded = _aes_cbc(_aes_key(key), raw[:_BLOCK], sealed, encrypting=False)
    padding = padded[-1]
    if not 1 <= padding <= _BLOCK or padded[-padding:] != bytes([padding]) * padding:
        raise DecryptError("wrong key")
    try:
        return padded[:-padding].decode()
    except UnicodeDecodeError as error:
        raise DecryptError("wrong key") from error


def _aes_key(key: bytes) -> bytes:
    return bytes(byte ^ _MASK[index % len(_MASK)] for index, byte in enumerate(key))[:16]


def _aes_cbc(key: bytes, initial: bytes, data: bytes, *, encrypting: bool) -> bytes:
    """AES-128 in CBC mode over whole blocks, by the OpenSSL that psycopg2 loads as well.

    Each `list-nodes` decrypts a password, and to import `cryptography` takes as long as all else that it does.
    """
    import ctypes

    crypto = ctypes.CDLL("libcrypto.so.3")
    crypto.EVP_CIPHER_CTX_new.restype = crypto.EVP_aes_128_cbc.restype = ctypes.c_void_p
    context, mode = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new()), ctypes.c_void_p(crypto.EVP_aes_128_cbc())
    result, size = ctypes.create_string_buffer(len(data) + _BLOCK), ctypes.c_int()
    try:
        if not (
            crypto.EVP_CipherInit_ex(context, mode, None, key, initial, int(encrypting))
            and crypto.EVP_CIPHER_CTX_set_padding(context, 0)
            and crypto.EVP_CipherUpdate(context, result, ctypes.byref(size), data, len(data))
        ):
            raise DecryptError("OpenSSL refused")
    finally:
        crypto.EVP_CIPHER_CTX_free(context)
    return result.raw[: size.value]
