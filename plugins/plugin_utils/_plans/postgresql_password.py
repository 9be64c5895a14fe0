# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a password is that of a role of PostgreSQL, without logging in. Pure; on the controller only.

`pg_authid.rolpassword` holds `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5803, RFC 7677), or
`md5` and the MD5 of password and role name in hex; PostgreSQL, "pg_authid".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import importlib
import re
import typing as t

SCRAM = re.compile(r"SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)\Z")


def fits(password: str, role: str, verifier: str | None) -> bool:
    """Whether `password` lets `role` in; not where the role has none, or one of a form that is not known."""
    if not password or not verifier:
        return False
    if is_md5(verifier):
        digest = hashlib.md5((password + role).encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(verifier[3:], digest)
    found = SCRAM.match(verifier)
    if not found:
        return False
    try:
        salt, stored = base64.b64decode(found.group(2)), base64.b64decode(found.group(3))
    except binascii.Error:
        return False
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password).encode(), salt, int(found.group(1)))
    client_key = hmac.new(salted, b"Client Key", hashlib.sha256).digest()
    return hmac.compare_digest(stored, hashlib.sha256(client_key).digest())


def is_md5(verifier: str | None) -> bool:
    """Whether the role's password is stored in the old form, which a rule of `scram-sha-256` refuses."""
    return bool(verifier) and re.match(r"md5[0-9a-f]{32}\Z", str(verifier)) is not None


def _prepared(password: str) -> str:
    """As PostgreSQL and libpq normalize it (SASLprep), who take one that cannot be as it is."""
    if password.isascii():
        return password
    saslprep: t.Any = importlib.import_module(
        "ansible_collections.community.postgresql.plugins.module_utils.saslprep"
    ).saslprep
    try:
        return str(saslprep(password))
    except ValueError:
        return password
