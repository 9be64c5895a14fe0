# SPDX-FileCopyrightText: The workbench.cluster founders
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.
"""From a plan and what was read, given or made: the bytes every node gets. On the controller only; secret."""

from __future__ import annotations

import base64
import hashlib
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._password import decrypt, encrypt, stored_password

# Stands for a key in check mode, where none is made: as long as a real one, so that all that follows can be predicted.
PLACEHOLDER = b"predicted: made when this is not a check\n"


def supplied_fingerprints(supplied: t.Mapping[str, str]) -> dict[str, str]:
    """SHA-256 (hex) of each key the user gave; those not given (empty) are left out."""
    return {name: hashlib.sha256(value.encode()).hexdigest() for name, value in supplied.items() if value}


def public_half(private: bytes) -> bytes:
    """The PEM public key (SubjectPublicKeyInfo) of a PEM private key, as ``openssl pkey -pubout`` writes it."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(private, password=None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_values(
    plan: t.Mapping[str, t.Any],
    read: t.Sequence[t.Mapping[str, t.Any]],
    given: t.Mapping[str, str],
    made: t.Mapping[str, str],
) -> dict[str, str]:
    """The values behind `plan`.

    `read` holds, a node each, ``{"item": node, "revealed": {name: base64}}``; `given` and `made` hold text by name
    (``cookie_key``, ``launcher`` = private key, ``database_password``), empty where there is none.

    Returns base64 of ``cookie_key``, ``launcher_private``, ``launcher_public``, and the texts ``database_password`` and
    ``database_ciphertext``. The ciphertext in use is kept as long as it says the right password under the right key
    (every encryption gives another text, and another text would be another configuration).
    """
    values = {str(node["item"]): node["revealed"] for node in read}

    def value(topic: str, name: str) -> bytes:
        action = plan[topic]["action"]
        if action == "supplied":
            return given[topic].encode()
        if action == "generate":
            return made[topic].encode() or PLACEHOLDER
        return base64.b64decode(values[plan[topic]["source"]][name])

    cookie_key = value("cookie_key", "cookie_key")
    private = value("launcher", "launcher_private")
    source = plan["launcher"]
    if source["action"] in ("keep", "adopt") and source.get("pair") == "matches":
        public = base64.b64decode(values[source["source"]]["launcher_public"])
    else:
        public = PLACEHOLDER if private == PLACEHOLDER else public_half(private)

    conf = values.get(plan["database_conf"]["source"] or "", {}).get("database_conf", "")
    stored = stored_password(base64.b64decode(conf).decode("utf-8", "replace"))
    old_key = values.get(plan["database_conf"]["source"] or "", {}).get("cookie_key", "")
    password = given["database_password"] or (decrypt(stored, base64.b64decode(old_key)) if stored else "")
    password = password or made["database_password"]
    return {
        "cookie_key": base64.b64encode(cookie_key).decode(),
        "launcher_private": base64.b64encode(private).decode(),
        "launcher_public": base64.b64encode(public).decode(),
        "database_password": password,
        "database_ciphertext": encrypt(password, cookie_key, current=stored or None),
    }
