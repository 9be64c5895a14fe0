# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is left in a text, in whatever form it was written; and what is none stays readable."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import shlex
import typing as t
import urllib.parse

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._support.scrub import Scrubber, encoded

SECRETS = {
    "word": "hunter2",
    "short": "f7Q!",
    "signs": "p/q+r s%t'\"x<&>\\z",
    "letters": "Pässwört€",
    "hex": "3fa1c0de" * 8,
    "base64": "q83vEjRWeJq83vEjRWeJq83vEjRWeJq8/+8=",
}
FORMS: dict[str, t.Callable[[str], str]] = {
    "plain": str,
    "inside": lambda value: f"x{value}y",
    "JSON": json.dumps,
    "JSON with letters": lambda value: json.dumps(value, ensure_ascii=False),
    "JSON in JSON": lambda value: json.dumps({"message": json.dumps({"it": value})}),
    "URL": lambda value: urllib.parse.quote(value, safe=""),
    "URL with slashes": urllib.parse.quote,
    "URL, small": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "URL twice": lambda value: urllib.parse.quote(urllib.parse.quote(value, safe=""), safe=""),
    "form": urllib.parse.quote_plus,
    "HTML": html.escape,
    "shell": shlex.quote,
    "Python": repr,
    "SQL": lambda value: "'" + value.replace("'", "''") + "'",
    "hexadecimal": lambda value: value.encode().hex(),
    "HEXADECIMAL": lambda value: value.encode().hex().upper(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "base64 behind 1": lambda value: base64.b64encode(f"a{value}bc".encode()).decode(),
    "base64 behind 2": lambda value: base64.b64encode(f"ab{value}c".encode()).decode(),
    "base64 of a login": lambda value: base64.b64encode(f"workbench:{value}".encode()).decode(),
}


def scrubbed(text: str, *secrets: str) -> str:
    return Scrubber(secrets, "key of the run")(text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_known_secret_is_gone_in_each_form(secret: str, form: str) -> None:
    value = SECRETS[secret]
    written = FORMS[form](value)
    text = f"before\n2026-11-22 rserver[1]: said {written} and went on\nbehind"
    found = scrubbed(text, value)
    assert "hidden-" in found
    assert written not in found
    assert value not in found
    assert found.startswith("before\n2026-11-22 rserver[1]: said ")
    assert found.endswith("behind")


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("behind", range(4))
def test_base64_of_anything_around_a_secret_has_a_part_that_is_known(before: int, behind: int) -> None:
    for value in SECRETS.values():
        text = base64.b64encode(b"x" * before + value.encode() + b"y" * behind).decode()
        assert any(part in text for part in encoded(value.encode()))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=unknown1", "unknown1"),
        ("# password: former", "former"),
        ('  "client_secret": "two words, three",', "words"),
        ('{\\"token\\":\\"abc123\\"}', "abc123"),
        ("ALTER ROLE rs PASSWORD 'it''s me' LOGIN", "s me"),
        ("postgresql://rs:unknown1@db:5432/rs", "unknown1"),
        ("postgresql://db/rs?user=rs&password=unknown1", "unknown1"),
        ("curl --token unknown1 https://x", "unknown1"),
        ("DB_PASS='unknown1' run", "unknown1"),
        ("stats auth admin:unknown1", "unknown1"),
        ("    auth_pass unknown1", "unknown1"),
        ("user ada insecure-password unknown1", "unknown1"),
        ("ldap_default_authtok = unknown1", "unknown1"),
        ("//nas/x /mnt cifs user=a,password=unknown1 0 0", "unknown1"),
        ("Cookie: user-id=ada; rs-csrf-token=1", "csrf"),
        ("Authorization: Basic dW5rbm93bjE=", "dW5rbm93bjE"),
        ("asked with Bearer unknown1.unknown2", "unknown2"),
        ("jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl end", "c2lnbmF0dXJl"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\n", "MIIE"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE and cut", "MIIE"),
        (f"{'a' * 64}\n-----END PRIVATE KEY-----", "a" * 64),
        ("SCRAM-SHA-256$4096:c2FsdA==$a:b", "c2FsdA"),
        ("md5" + "0a" * 16, "0a0a"),
        ("ada:$6$salt$hashhashhash:1:", "hashhash"),
        ("ABCD-EFGH-1234-5678-IJKL-MNOP-QRST", "EFGH"),
        (f"BFA25145{'Q' * 64}BFA25145", "QQQQ"),
    ],
)
def test_what_looks_like_a_secret_is_gone(text: str, secret: str) -> None:
    found = scrubbed(text)
    assert secret not in found
    assert "hidden-" in found


@pytest.mark.parametrize(
    "text",
    [
        "secure-cookie-key-file=/etc/rstudio/secure-cookie-key",
        "auth-encrypt-password=1",
        'password authentication failed for user "rs"',
        "auth-timeout-minutes=60",
        "host all all 10.0.0.0/8 scram-sha-256",
        "2026-11-22T09:00:00 node1 rserver[77]: INFO session 3fa1 of ada started",
        "rpc http://node1:8787/load-balancer/status 200",
        "password-hash-timeout=30",
        '"key_crc32": "BFA25145"',
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert scrubbed(text) == text


def test_stand_ins_are_the_same_for_the_same_secret_and_say_nothing_of_it() -> None:
    one, two = scrubbed("password=hunter2"), scrubbed("it is hunter2", "hunter2")
    assert one.partition("=")[2] == two.rpartition(" ")[2]
    digest = hashlib.sha256(b"hunter2").hexdigest()[:12]
    assert scrubbed(f"password=sha256:{digest}") == one
    assert digest not in one
    assert Scrubber([], "another run")("password=hunter2") != one


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert scrubbed("secret99-more", "secret99", "secret99-more").count("hidden-") == 1


def test_again_changes_nothing() -> None:
    text = "password=hunter2 postgresql://rs:pw@db/rs Cookie: a=b\n"
    once = scrubbed(text, "hunter2")
    assert scrubbed(once, "hunter2") == once
