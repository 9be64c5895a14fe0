# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bytes each decision leads to."""

from __future__ import annotations

import base64
import hashlib

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt, encrypt
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.key_values import (
    PLACEHOLDER,
    KeyValues,
    Revealed,
    key_values,
    supplied_fingerprints,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import KeysPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.keys import supplied_problems

KEY = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
NOTHING = {"cookie_key": "", "launcher": "", "database_password": ""}


def plan(
    cookie: str = "generate", launcher: str = "generate", source: str = "", pair: str = "matches", conf: str = ""
) -> KeysPlan:
    return {
        "cookie_key": {"action": cookie, "source": source, "sha256": None, "write_to": []},
        "launcher": {"action": launcher, "source": source, "sha256": None, "write_to": [], "pair": pair},
        "database_conf": {"source": conf or None, "key_source": conf or None, "write_to": []},
        "sources": [],
        "begun": False,
        "replaced": {"cookie_key": [], "launcher": []},
        "errors": [],
    }


def read(private: bytes, public: bytes, conf: str = "") -> list[Revealed]:
    encoded = {
        "cookie_key": KEY,
        "launcher_private": private,
        "launcher_public": public,
        "database_conf": conf.encode(),
    }
    return [{"item": "node1", "revealed": {name: base64.b64encode(value).decode() for name, value in encoded.items()}}]


def decoded(values: KeyValues, name: str) -> bytes:
    return base64.b64decode(str(dict(values)[name]))


def test_only_given_keys_have_fingerprints() -> None:
    assert supplied_fingerprints({"cookie_key": "abc\n", "launcher": ""}) == {
        "cookie_key": hashlib.sha256(b"abc\n").hexdigest()
    }


def test_found_keys_are_taken_byte_for_byte(pair: tuple[bytes, bytes]) -> None:
    values = key_values(plan("adopt", "keep", "node1"), read(*pair), NOTHING, NOTHING)
    assert decoded(values, "cookie_key") == KEY
    assert (decoded(values, "launcher_private"), decoded(values, "launcher_public")) == pair


def test_a_public_half_of_another_pair_is_derived_anew(pair: tuple[bytes, bytes]) -> None:
    values = key_values(
        plan("adopt", "adopt", "node1", pair="differs"),
        read(pair[0], b"of another pair"),
        NOTHING,
        NOTHING,
    )
    assert decoded(values, "launcher_public") == pair[1]


def test_an_encrypted_password_with_keys_left_to_the_product_is_refused(pair: tuple[bytes, bytes]) -> None:
    """Any new key is another than the one it was encrypted with."""
    given = {**NOTHING, "stored_password": encrypt("geheim", KEY)}
    (error,) = key_values(plan(), [], given, NOTHING)["errors"]
    assert "password in server_database_conf cannot be read by the nodes" in error
    assert "geheim" not in error
    assert key_values(plan("adopt", "keep", "node1"), read(*pair), given, NOTHING)["errors"] == []
    plain = {**NOTHING, "stored_password": "plain"}
    assert key_values(plan("adopt", "keep", "node1"), read(*pair), plain, NOTHING)["errors"] == []


def test_given_keys_are_taken(pair: tuple[bytes, bytes]) -> None:
    given = {"cookie_key": KEY.decode(), "launcher": pair[0].decode(), "database_password": "given"}
    values = key_values(plan("supplied", "supplied"), [], given, NOTHING)
    assert decoded(values, "cookie_key") == KEY
    assert decoded(values, "launcher_public") == pair[1]
    assert decrypt(values["database_ciphertext"], KEY) == "given"


def test_a_check_predicts_with_a_placeholder() -> None:
    values = key_values(plan(), [], NOTHING, NOTHING)
    assert decoded(values, "cookie_key") == decoded(values, "launcher_public") == PLACEHOLDER
    assert len(values["database_password"]) == 32


def test_the_password_of_the_running_cluster_is_kept_with_its_ciphertext(pair: tuple[bytes, bytes]) -> None:
    stored = encrypt("in use", KEY)
    values = key_values(
        plan("keep", "keep", "node1", conf="node1"),
        read(*pair, f"provider=postgresql\npassword={stored}\n"),
        NOTHING,
        NOTHING,
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
    made = {"cookie_key": other.decode(), "launcher": pair[0].decode()}
    values = key_values(
        plan("generate", "generate", conf="node1"), read(*pair, f"password={encrypt('in use', KEY)}\n"), NOTHING, made
    )
    assert values["database_password"] == "in use"
    assert decrypt(values["database_ciphertext"], other) == "in use"


def test_a_password_is_made_of_the_cookie_key(pair: tuple[bytes, bytes]) -> None:
    """A run that was cut off before any database.conf finds its key again, and with it the role's password."""
    given = {"cookie_key": KEY.decode(), "launcher": pair[0].decode(), "database_password": ""}
    first = key_values(plan("supplied", "supplied"), [], given, NOTHING)
    again = key_values(plan("adopt", "adopt", "node1"), read(*pair), NOTHING, NOTHING)
    other = key_values(plan("supplied", "supplied"), [], {**given, "cookie_key": "x" * 37}, NOTHING)
    assert first["database_password"] == again["database_password"] != other["database_password"]
    assert (first["database_password_made"], first["database_password_found"]) == (first["database_password"], "")


def test_the_password_in_use_is_told_beside_the_one_given(pair: tuple[bytes, bytes]) -> None:
    """Who changes the password of a role must know the old one."""
    conf = read(*pair, f"password={encrypt('in use', KEY)}\n")
    values = key_values(plan("keep", "keep", "node1", conf="node1"), conf, {**NOTHING, "database_password": "new"}, {})
    assert (values["database_password_found"], values["database_password"]) == ("in use", "new")


@pytest.mark.parametrize("password", ["it's", "back\\slash", "end\\"])
def test_a_password_that_breaks_the_connection_is_refused(pair: tuple[bytes, bytes], password: str) -> None:
    (problem,) = supplied_problems({**NOTHING, "database_password": password})
    conf = read(*pair, f"password={encrypt(password, KEY)}\n")
    (error,) = key_values(plan("keep", "keep", "node1", conf="node1"), conf, NOTHING, NOTHING)["errors"]
    for said in (problem, error):
        assert "database_password" in said
        assert password not in said
    assert "node1" in error
    given = {**NOTHING, "database_password": "another"}
    assert key_values(plan("keep", "keep", "node1", conf="node1"), conf, given, NOTHING)["errors"] == []


def test_a_password_that_cannot_be_read_is_an_error_in_the_data(pair: tuple[bytes, bytes]) -> None:
    other = encrypt("in use", b"another key of at least thirty-two bytes\n")
    values = key_values(
        plan("keep", "keep", "node1", conf="node1"), read(*pair, f"password={other}\n"), NOTHING, NOTHING
    )
    assert list(values) == ["errors"]
    assert len(values["errors"]) == 1
    assert "node1" in values["errors"][0]
    assert "database_password" in values["errors"][0]


def test_a_plain_password_needs_no_key(pair: tuple[bytes, bytes]) -> None:
    decided = plan("supplied", "supplied", conf="node1")
    decided["database_conf"]["key_source"] = None
    given = {"cookie_key": KEY.decode(), "launcher": pair[0].decode(), "database_password": ""}
    values = key_values(decided, read(b"", b"", "password=plain\n"), given, NOTHING)
    assert (values["errors"], values["database_password"]) == ([], "plain")
    assert decrypt(values["database_ciphertext"], KEY) == "plain"


def test_a_launcher_key_without_a_public_half_is_an_error_in_the_data() -> None:
    values = key_values(plan("keep", "adopt", "node1", pair="differs"), read(b"no key", b""), NOTHING, NOTHING)
    assert list(values) == ["errors"]
    assert "launcher key of node1" in values["errors"][0]


def test_what_was_not_revealed_is_an_error_in_the_data() -> None:
    values = key_values(plan("keep", "generate", "node1"), [{"item": "node1", "revealed": {}}], NOTHING, NOTHING)
    assert values == {"errors": ["The cookie key of node1 could not be read. Run again."]}
