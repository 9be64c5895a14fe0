# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys and passwords of the inventory can be used."""

from __future__ import annotations

import subprocess
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.keys import public_half, supplied_problems

NOTHING = {"cookie_key": "", "launcher": "", "database_password": ""}


def test_public_half_is_what_openssl_writes(pair: tuple[bytes, bytes]) -> None:
    assert public_half(pair[0]) == pair[1]


def openssl(*argv: str) -> str:
    return subprocess.run(["openssl", *argv], capture_output=True, text=True, check=True).stdout


def test_supplied_keys_and_password_that_are_right(pair: tuple[bytes, bytes]) -> None:
    traditional = openssl("genrsa", "-traditional", "2048")
    assert supplied_problems(NOTHING) == []
    for launcher in (pair[0].decode(), pair[0].decode().rstrip("\n"), traditional):
        assert supplied_problems({"cookie_key": "x" * 32, "launcher": launcher, "database_password": "12345678"}) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        pytest.param("cookie_key", "x" * 31, ["keys_cookie_key", "31 bytes", "32"], id="short cookie key"),
        pytest.param("cookie_key", 12345678, ["keys_cookie_key", "quotes"], id="cookie key, a number"),
        pytest.param("database_password", 12345678, ["database_password", "quotes"], id="password, a number"),
        pytest.param("database_password", True, ["database_password", "quotes"], id="password, a boolean"),
        pytest.param("database_password", None, ["database_password", "quotes"], id="password, nothing"),
        pytest.param("launcher", "ssh-rsa AAAA", ["keys_launcher_private_key", "PEM"], id="not PEM"),
    ],
)
def test_a_wrong_supplied_value_is_named(name: str, value: t.Any, words: list[str]) -> None:
    (problem,) = supplied_problems({**NOTHING, name: value})
    assert [word for word in words if word not in problem] == []
    assert "12345678" not in problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda pem: pem.replace("\n", " "), "line breaks", id="folded"),
        pytest.param(lambda pem: pem[: len(pem) // 2], "to END", id="without its end"),
        pytest.param(lambda pem: pem[:400] + pem[800:], "does not load", id="truncated inside"),
        pytest.param(lambda pem: openssl("genpkey", "-algorithm", "ED25519"), "not an RSA key", id="another algorithm"),
        pytest.param(
            lambda pem: openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
            "not an RSA key",
            id="EC",
        ),
        pytest.param(
            lambda pem: openssl("genpkey", "-algorithm", "RSA", "-aes128", "-pass", "pass:x"),
            "unencrypted",
            id="encrypted",
        ),
    ],
)
def test_a_launcher_key_the_launcher_cannot_use(
    pair: tuple[bytes, bytes], change: t.Callable[[str], str], words: str
) -> None:
    pem = change(pair[0].decode())
    (problem,) = supplied_problems({**NOTHING, "launcher": pem})
    assert problem.startswith("keys_launcher_private_key ")
    assert words in problem
    assert pem[40:70] not in problem
