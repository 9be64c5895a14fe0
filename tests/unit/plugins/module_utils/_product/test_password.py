# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import (
    decrypt,
    encrypt,
    encrypted_with,
    key_crc32,
    replace_password,
    stored_password,
)

# Test vector of rstudio/rskey; the newline is part of the key.
KEY = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
SUCCESS = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
OTHER_KEY = KEY.strip()


def test_vector() -> None:
    assert key_crc32(KEY) == "BFA25145"
    assert encrypted_with(SUCCESS) == "BFA25145"
    assert decrypt(SUCCESS, KEY) == "success"


@pytest.mark.parametrize("password", ["", "x", "fifteen chars..", "sixteen chars...", "héhé € 密碼", "p" * 1000])
def test_what_is_encrypted_can_be_decrypted(password: str) -> None:
    text = encrypt(password, KEY)
    assert text[:8] == text[-8:] == "BFA25145"
    assert decrypt(text, KEY) == password


def test_one_block_has_80_characters() -> None:
    assert len(encrypt("fifteen chars..", KEY)) == 80


def test_every_encryption_differs() -> None:
    assert encrypt("success", KEY) != encrypt("success", KEY)


def test_current_text_is_kept_when_it_says_the_same() -> None:
    assert encrypt("success", KEY, current=SUCCESS) == SUCCESS


@pytest.mark.parametrize(
    "current",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("success", id="plain"),
        pytest.param(SUCCESS.replace("BFA25145", "00000000"), id="other_key"),
        pytest.param(encrypt("other", KEY), id="other_password"),
        pytest.param(SUCCESS[:40] + "A" * 4 + SUCCESS[48:], id="damaged"),
    ],
)
def test_any_other_current_text_is_replaced(current: str | None) -> None:
    text = encrypt("success", KEY, current=current)
    assert text != current
    assert decrypt(text, KEY) == "success"


def test_other_key_is_named_by_fingerprints() -> None:
    with pytest.raises(Failure, match=f"BFA25145.*{key_crc32(OTHER_KEY)}"):
        decrypt(SUCCESS, OTHER_KEY)


def test_text_without_fingerprint_of_old_releases() -> None:
    assert decrypt(SUCCESS[8:-8], KEY) == "success"


@pytest.mark.parametrize("text", ["plain", "", "not/base64+", base64.b64encode(b"x" * 48).decode(), SUCCESS[8:-12]])
def test_what_does_not_decrypt_is_the_password(text: str) -> None:
    assert decrypt(text, KEY) == text


def test_damaged_text_is_an_error() -> None:
    damaged = SUCCESS[:8] + SUCCESS[8:-8].replace("success"[0], "A")[:-4] + SUCCESS[-8:]
    with pytest.raises(Failure, match="BFA25145 is damaged"):
        decrypt(damaged, KEY)


@pytest.mark.parametrize("key", [b"", b"x" * 31])
def test_short_key_is_refused(key: bytes) -> None:
    with pytest.raises(Failure, match=f"{len(key)} bytes.*32"):
        encrypt("x", key)
    with pytest.raises(Failure, match=f"{len(key)} bytes.*32"):
        decrypt(SUCCESS, key)


@pytest.mark.parametrize("key", [b"", b"x" * 31])
def test_text_without_fingerprint_needs_no_key(key: bytes) -> None:
    assert decrypt("plain", key) == "plain"
    assert decrypt(SUCCESS[8:-8], key) == SUCCESS[8:-8]


@pytest.mark.parametrize("text", ["", "plain", "BFA25145BFA25145", SUCCESS.lower(), SUCCESS + "x", "x" * 80])
def test_text_without_fingerprint(text: str) -> None:
    assert encrypted_with(text) is None


def test_stored_password() -> None:
    assert stored_password(f"host=db\npassword={SUCCESS}\n") == SUCCESS
    assert stored_password("host=db\n") == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"host=db\npassword=old\n# \xe9\n", b"host=db\npassword=new\n# \xe9\n"),
        (b" password = old\npassword=second", b"password=new\npassword=second"),
        (b"password=old\xc2\x85rest\x1cpassword=x\nhost=db\n", b"password=new\nhost=db\n"),
        (b"#password=old\nhost=db", b"#password=old\nhost=db"),
        (b"", b""),
    ],
)
def test_replaced_password(before: bytes, after: bytes) -> None:
    assert replace_password(before, "new") == after
