# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on real files and the real openssl."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product import keys
from ansible_collections.workbench.cluster.plugins.modules import keys_info

COOKIE = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
STORED = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
ABSENT = dict.fromkeys(("sha256", "size", "mode", "owner", "group", "crc32"))


class Node:
    """The two directories of a node, and the module's report on them."""

    def __init__(self, config: Path, data: Path, run: t.Callable[..., dict[str, t.Any]]) -> None:
        self.config, self.data, self._run = config, data, run

    def result(self, *reveal: str) -> dict[str, t.Any]:
        return self._run(keys_info.main, reveal=list(reveal))

    def keys(self) -> dict[str, t.Any]:
        keys: dict[str, t.Any] = self.result()["key_files"]
        return keys

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.config)


@pytest.fixture
def node(config_dir: Path, data_dir: Path, run_on_node: t.Callable[..., dict[str, t.Any]]) -> Node:
    return Node(config_dir, data_dir, run_on_node)


@pytest.fixture
def pair(node: Node) -> Node:
    node.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "launcher.pem")
    node.openssl("rsa", "-in", "launcher.pem", "-pubout", "-out", "launcher.pub")
    return node


def test_bare_node(node: Node) -> None:
    keys = node.keys()
    assert keys["cookie_key"] == {
        **ABSENT,
        "path": str(node.config / "secure-cookie-key"),
        "state": "absent",
        "managed": False,
    }
    assert (keys["launcher_pair"], keys["stray"]) == ("absent", [])
    assert keys["database_password"] == {"state": "absent", "key_crc32": None}


def test_key_is_read_byte_for_byte(node: Node) -> None:
    path = node.config / "secure-cookie-key"
    path.write_bytes(COOKIE)
    path.chmod(0o600)
    key = node.keys()["cookie_key"]
    assert key["sha256"] == hashlib.sha256(COOKIE).hexdigest()
    assert (key["state"], key["size"], key["mode"], key["crc32"]) == ("present", 37, "0600", "BFA25145")
    assert (key["owner"], key["group"]) == (path.owner(), path.group())


def test_key_in_the_data_directory_counts_when_there_is_no_other(node: Node) -> None:
    (node.data / "secure-cookie-key").write_bytes(COOKIE)
    key = node.keys()["cookie_key"]
    assert (key["path"], key["managed"]) == (str(node.data / "secure-cookie-key"), True)


@pytest.mark.parametrize(("second", "agrees"), [(COOKIE, True), (COOKIE.strip(), False)])
def test_second_key_is_stray(node: Node, second: bytes, agrees: bool) -> None:
    (node.config / "secure-cookie-key").write_bytes(COOKIE)
    (node.data / "secure-cookie-key").write_bytes(second)
    keys = node.keys()
    assert keys["cookie_key"]["managed"] is False
    assert [(stray["path"], stray["agrees"]) for stray in keys["stray"]] == [
        (str(node.data / "secure-cookie-key"), agrees)
    ]


@pytest.mark.parametrize(
    ("options", "named", "agrees", "managed"),
    [
        ("secure-cookie-key-file={}\n", COOKIE, True, False),
        ("secure-cookie-key-file = {} # ours\nsecure-cookie-key-file=/other\n", COOKIE.strip(), False, True),
        ("secure-cookie-key-file=\n", None, None, False),
        ("#secure-cookie-key-file={}\n", None, None, False),
    ],
)
def test_key_that_rserver_conf_names(
    node: Node, options: str, named: bytes | None, agrees: bool | None, managed: bool
) -> None:
    elsewhere, ours = node.config / "elsewhere", node.config / "secure-cookie-key"
    (node.config / "rserver.conf").write_text(options.format(elsewhere))
    elsewhere.write_bytes(named or b"another key that is not used, for nobody names it")
    ours.write_bytes(COOKIE)
    keys = node.keys()
    assert keys["cookie_key"]["path"] == str(elsewhere if named else ours)
    assert keys["cookie_key"]["sha256"] == hashlib.sha256(named or COOKIE).hexdigest()
    assert keys["cookie_key"]["managed"] is managed
    assert [(stray["path"], stray["agrees"]) for stray in keys["stray"]] == ([(str(ours), agrees)] if named else [])
    assert base64.b64decode(node.result("cookie_key")["revealed"]["cookie_key"]) == (named or COOKIE)


def test_named_key_that_is_not_there(node: Node) -> None:
    (node.config / "rserver.conf").write_text("secure-cookie-key-file=/nonexistent/key\n")
    (node.data / "secure-cookie-key").write_bytes(COOKIE)
    keys = node.keys()
    assert keys["cookie_key"] == {**ABSENT, "path": "/nonexistent/key", "state": "absent", "managed": False}
    assert [stray["path"] for stray in keys["stray"]] == [str(node.data / "secure-cookie-key")]


def test_named_key_without_a_copy_is_to_be_adopted(node: Node) -> None:
    (node.config / "rserver.conf").write_text(f"secure-cookie-key-file={node.data / 'key'}\n")
    (node.data / "key").write_bytes(COOKIE)
    assert (node.keys()["cookie_key"]["managed"], node.keys()["stray"]) == (True, [])


def test_unreadable_key(node: Node) -> None:
    (node.config / "secure-cookie-key").mkdir()
    assert node.keys()["cookie_key"]["state"] == "unreadable"


def test_pair_matches(pair: Node) -> None:
    assert pair.keys()["launcher_pair"] == "matches"


def test_pair_matches_in_the_old_format(pair: Node) -> None:
    pair.openssl("rsa", "-in", "launcher.pem", "-traditional", "-out", "old.pem")
    (pair.config / "old.pem").rename(pair.config / "launcher.pem")
    assert "BEGIN RSA PRIVATE KEY" in (pair.config / "launcher.pem").read_text()
    assert pair.keys()["launcher_pair"] == "matches"


def test_pair_differs(pair: Node) -> None:
    pair.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "launcher.pem")
    assert pair.keys()["launcher_pair"] == "differs"


def test_damaged_public_half_differs(pair: Node) -> None:
    (pair.config / "launcher.pub").write_text("nonsense\n")
    assert pair.keys()["launcher_pair"] == "differs"


def test_damaged_private_key_is_unknown(pair: Node) -> None:
    (pair.config / "launcher.pem").write_text("nonsense\n")
    assert pair.keys()["launcher_pair"] == "unknown"


def test_private_key_with_a_pass_phrase_is_unknown(pair: Node) -> None:
    pair.openssl("rsa", "-in", "launcher.pem", "-aes128", "-passout", "pass:phrase", "-out", "locked.pem")
    (pair.config / "locked.pem").rename(pair.config / "launcher.pem")
    assert pair.keys()["launcher_pair"] == "unknown"


@pytest.mark.parametrize(
    ("text", "state", "crc"),
    [
        ("host=db\n", "none", None),
        ("password=clear\n", "plain", None),
        (f"password={STORED}\npassword=clear\n", "encrypted", "BFA25145"),
    ],
)
def test_form_of_the_database_password(node: Node, text: str, state: str, crc: str | None) -> None:
    (node.config / "database.conf").write_text(text)
    assert node.keys()["database_password"] == {"state": state, "key_crc32": crc}


def test_database_configuration_that_rserver_conf_names(node: Node) -> None:
    (node.config / "rserver.conf").write_text(f"database-config-file={node.data / 'db'}\n")
    (node.config / "database.conf").write_text("password=clear\n")
    (node.data / "db").write_text(f"password={STORED}\n")
    result = node.result("database_conf")
    assert result["key_files"]["database_password"] == {"state": "encrypted", "key_crc32": "BFA25145"}
    assert base64.b64decode(result["revealed"]["database_conf"]) == f"password={STORED}\n".encode()


def test_what_else_is_encrypted_with_the_key_is_named(node: Node) -> None:
    """Of another key, of a copy that nobody reads and of database.conf it is no matter."""
    (node.config / "secure-cookie-key").write_bytes(COOKIE)
    (node.config / "openid-client-secret").write_text(f"client-id=one\nclient-secret={STORED}\n")
    (node.config / "launcher-mounts").write_text(STORED.replace("BFA25145", "0FA25145"))
    (node.config / "old.bak").write_text(STORED)
    (node.config / "database.conf").write_text(f"password={STORED}\n")
    assert node.keys()["encrypted"] == ["openid-client-secret"]


def test_which_keys_are_replaced_is_told_while_they_are(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "replaced-keys"
    monkeypatch.setattr(keys, "REPLACED", str(mark))
    assert node.keys()["replaced"] is None
    mark.write_text('{"cookie_key": ["4f2a90bc11ee"], "launcher": []}\n')
    assert node.keys()["replaced"] == {"cookie_key": ["4f2a90bc11ee"], "launcher": []}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cookie_key": ["4f2a90bc11ee"]}'])
def test_a_mark_that_does_not_say_which_is_not_passed_over(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    mark = tmp_path / "replaced-keys"
    monkeypatch.setattr(keys, "REPLACED", str(mark))
    mark.write_text(text)
    result = node.result()
    assert result["failed"]
    assert f"{mark} does not say which keys are replaced" in result["msg"]


def test_values_are_returned_only_when_asked_for(pair: Node) -> None:
    (pair.config / "secure-cookie-key").write_bytes(COOKIE)
    plain = str(pair.result())
    private = (pair.config / "launcher.pem").read_bytes()
    for secret in (COOKIE, private):
        assert base64.b64encode(secret).decode() not in plain
        assert secret.decode().strip() not in plain
    values = pair.result("cookie_key", "launcher_private", "database_conf")["revealed"]
    assert {name: base64.b64decode(value) for name, value in values.items()} == {
        "cookie_key": COOKIE,
        "launcher_private": private,
    }


def test_revealed_public_half_is_derived(pair: Node) -> None:
    public = (pair.config / "launcher.pub").read_bytes()
    (pair.config / "launcher.pub").unlink()
    assert base64.b64decode(pair.result("launcher_public")["revealed"]["launcher_public"]) == public
