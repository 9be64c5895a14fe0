# SPDX-FileCopyrightText: The workbench.cluster founders
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bytes each decision leads to."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._key_values import (
    PLACEHOLDER,
    key_values,
    public_half,
    supplied_fingerprints,
)
from ansible_collections.workbench.cluster.plugins.module_utils._password import decrypt, encrypt

KEY = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
NOTHING = {"cookie_key": "", "launcher": "", "database_password": ""}


@pytest.fixture(scope="module")
def pair() -> tuple[bytes, bytes]:
    """A private key and its public half as openssl writes them."""
    private = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA"], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "pkey", "-pubout"], input=private, capture_output=True, check=True).stdout
    return private, public


def plan(
    cookie: str = "generate", launcher: str = "generate", source: str = "", pair: str = "matches", conf: str = ""
) -> dict[str, t.Any]:
    return {
        "cookie_key": {"action": cookie, "source": source},
        "launcher": {"action": launcher, "source": source, "pair": pair},
        "database_conf": {"source": conf},
    }


def read(private: bytes, public: bytes, conf: str = "") -> list[dict[str, t.Any]]:
    encoded = {
        "cookie_key": KEY,
        "launcher_private": private,
        "launcher_public": public,
        "database_conf": conf.encode(),
    }
    return [{"item": "node1", "revealed": {name: base64.b64encode(value).decode() for name, value in encoded.items()}}]


def decoded(values: dict[str, str], name: str) -> bytes:
    return base64.b64decode(values[name])


def test_only_given_keys_have_fingerprints() -> None:
    assert supplied_fingerprints({"cookie_key": "abc\n", "launcher": ""}) == {
        "cookie_key": hashlib.sha256(b"abc\n").hexdigest()
    }


def test_public_half_is_what_openssl_writes(pair: tuple[bytes, bytes]) -> None:
    assert public_half(pair[0]) == pair[1]


def test_found_keys_are_taken_byte_for_byte(pair: tuple[bytes, bytes]) -> None:
    values = key_values(plan("adopt", "keep", "node1"), read(*pair), NOTHING, {**NOTHING, "database_password": "made"})
    assert decoded(values, "cookie_key") == KEY
    assert (decoded(values, "launcher_private"), decoded(values, "launcher_public")) == pair


def test_a_public_half_of_another_pair_is_derived_anew(pair: tuple[bytes, bytes]) -> None:
    values = key_values(
        plan("adopt", "adopt", "node1", pair="differs"),
        read(pair[0], b"of another pair"),
        NOTHING,
        {**NOTHING, "database_password": "made"},
    )
    assert decoded(values, "launcher_public") == pair[1]


def test_given_keys_are_taken(pair: tuple[bytes, bytes]) -> None:
    given = {"cookie_key": KEY.decode(), "launcher": pair[0].decode(), "database_password": "given"}
    values = key_values(plan("supplied", "supplied"), [], given, NOTHING)
    assert decoded(values, "cookie_key") == KEY
    assert decoded(values, "launcher_public") == pair[1]
    assert decrypt(values["database_ciphertext"], KEY) == "given"


def test_a_check_predicts_with_a_placeholder() -> None:
    values = key_values(plan(), [], NOTHING, {**NOTHING, "database_password": "made"})
    assert decoded(values, "cookie_key") == decoded(values, "launcher_public") == PLACEHOLDER
    assert values["database_password"] == "made"


def test_the_password_of_the_running_cluster_is_kept_with_its_ciphertext(pair: tuple[bytes, bytes]) -> None:
    stored = encrypt("in use", KEY)
    values = key_values(
        plan("keep", "keep", "node1", conf="node1"),
        read(*pair, f"provider=postgresql\npassword={stored}\n"),
        NOTHING,
        {**NOTHING, "database_password": "made"},
    )
    assert (values["database_password"], values["database_ciphertext"]) == ("in use", stored)


def test_a_given_password_replaces_the_one_in_use(pair: tuple[bytes, bytes]) -> None:
    stored = encrypt("in use", KEY)
    values = key_values(
        plan("keep", "keep", "node1", conf="node1"),
        read(*pair, f"password={stored}\n"),
        {**NOTHING, "database_password": "new"},
        NOTHING,
    )
    assert values["database_password"] == "new"
    assert decrypt(values["database_ciphertext"], KEY) == "new"


def test_a_new_cookie_key_encrypts_the_same_password_anew(pair: tuple[bytes, bytes]) -> None:
    other = b"another key of at least thirty-two bytes\n"
    made = {"cookie_key": other.decode(), "launcher": pair[0].decode(), "database_password": "made"}
    values = key_values(
        plan("generate", "generate", conf="node1"), read(*pair, f"password={encrypt('in use', KEY)}\n"), NOTHING, made
    )
    assert values["database_password"] == "in use"
    assert decrypt(values["database_ciphertext"], other) == "in use"
