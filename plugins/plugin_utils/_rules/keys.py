# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keys and password must be like where the inventory gives them. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import MINIMUM_KEY
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member

# Whole lines: the PEM readers of the product and of openssl take no text folded into one.
PEM_PRIVATE = re.compile(
    r"^-----BEGIN (RSA )?PRIVATE KEY-----[ \t]*\r?\n.+^-----END (RSA )?PRIVATE KEY-----", re.MULTILINE | re.DOTALL
)


# Since commit 62aea9b1ac (the 2026.09 line) the product joins the password unescaped into libpq's parameters.
BREAKING = re.compile(r"['\\]")
BREAKS = "has a ' or a \\, at which Workbench cuts it or reads another option (from the 2026.09 releases on)"


def supplied_problems(supplied: t.Mapping[str, t.Any]) -> list[str]:
    """What is wrong with the keys and the password the user gave: sentences that name the variable and never the value.

    `supplied`: `{cookie_key, launcher, database_password}`, empty where none is given.
    """
    variables = {
        "cookie_key": "keys_cookie_key",
        "launcher": "keys_launcher_private_key",
        "database_password": "database_password",
    }
    # YAML reads 012345 as another number: what was meant cannot be told any more.
    problems = [
        f"{variable} is read as a number, a boolean or nothing. Put it in quotes, or leave it out."
        for name, variable in variables.items()
        if not isinstance(supplied[name], str)
    ]
    cookie_key, launcher = supplied["cookie_key"], supplied["launcher"]
    if isinstance(cookie_key, str) and 0 < len(cookie_key.encode()) < MINIMUM_KEY:
        problems.append(
            f"keys_cookie_key has {len(cookie_key.encode())} bytes; Workbench wants at least {MINIMUM_KEY}."
        )
    password = supplied["database_password"]
    if isinstance(password, str) and BREAKING.search(password):
        problems.append(f"database_password {BREAKS}. Give the role another, of other characters.")
    if isinstance(launcher, str) and launcher:
        what = _not_a_launcher_key(launcher)
        if what:
            problems.append(f"keys_launcher_private_key {what}.")
    return problems


def _not_a_launcher_key(text: str) -> str | None:
    """Why `text` is no key for the launcher, which wants RSA in PEM form (Admin Guide, Job Launcher / Configuration)."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if not PEM_PRIVATE.search(text):
        return (
            "is not an unencrypted RSA private key in PEM form: BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY to END, "
            "with its line breaks (in YAML a block after '|', not '>')"
        )
    try:
        rsa = isinstance(_load(text.encode()), RSAPrivateKey)
    except Failure as failure:
        return str(failure)
    return None if rsa else "is not an RSA key; the launcher takes no other"


def _load(private: bytes) -> t.Any:
    """The private key in PEM text. Its errors say nothing of the text."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        return serialization.load_pem_private_key(private, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Failure("is damaged or encrypted: it does not load as a private key in PEM form") from None


def public_half(private: bytes) -> bytes:
    """The PEM public key (SubjectPublicKeyInfo) of a PEM private key, as `openssl pkey -pubout` writes it.

    Raises `Failure`, the rest of a sentence about the key, where it does not load.
    """
    from cryptography.hazmat.primitives import serialization

    public: bytes = (
        _load(private)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return public


def _supplied(m: Member) -> t.Iterator[str]:
    """As they are given: a number is no key, and an empty one no default."""
    names = {
        "cookie_key": "keys_cookie_key",
        "launcher": "keys_launcher_private_key",
        "database_password": "keys_database_password",
    }
    yield from supplied_problems({key: m.given(name) for key, name in names.items()})


def _adopt_from(m: Member) -> t.Iterator[str]:
    if m["keys_adopt_from"] and m["keys_adopt_from"] not in m["keys_members"]:
        yield f"keys_adopt_from={m['keys_adopt_from']} is none of {', '.join(map(str, m['keys_members']))}."


RULES = (_supplied, _adopt_from)
