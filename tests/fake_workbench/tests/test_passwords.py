# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheme of encrypt-password, and what database.conf makes of a password."""

from __future__ import annotations

import base64
import pathlib

import pytest
from fake_workbench import config, database, passwords
from fake_workbench.config import ConfigError

KEY = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
SEALED = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"


def test_the_vector() -> None:
    assert passwords.fingerprint(KEY) == "BFA25145"
    assert passwords.decrypt(SEALED, KEY) == "success"


@pytest.mark.parametrize("password", ["x", "fifteen chars..", "sixteen chars...", "ünïcode " * 10])
def test_encryption_reads_back_and_differs_every_time(password: str) -> None:
    sealed = [passwords.encrypt(password, KEY) for __ in range(2)]
    assert sealed[0] != sealed[1]
    assert all(passwords.is_encrypted(text) and passwords.decrypt(text, KEY) == password for text in sealed)


def test_one_block_gives_80_characters() -> None:
    assert len(passwords.encrypt("fifteen chars..", KEY)) == 80


def test_another_key_is_named_by_fingerprint() -> None:
    with pytest.raises(passwords.DecryptError, match="encrypted with key BFA25145, not with key"):
        passwords.decrypt(SEALED, KEY.strip())


def test_the_old_form_has_no_fingerprint() -> None:
    assert passwords.decrypt(SEALED[8:-8], KEY) == "success"


@pytest.mark.parametrize("text", ["secret", "BFA25145", SEALED[:-1], SEALED.lower()])
def test_not_encrypted(text: str) -> None:
    assert not passwords.is_encrypted(text)


@pytest.fixture
def directory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("RSTUDIO_CONFIG_DIR", str(tmp_path))
    (tmp_path / "secure-cookie-key").write_bytes(KEY)
    return tmp_path


def read(directory: pathlib.Path, text: str) -> tuple[database.Database, list[str]]:
    (directory / "database.conf").write_text(text)
    warnings: list[str] = []
    return database.read_database(config.read_server_config(), warnings.append), warnings


def test_no_file_means_sqlite(directory: pathlib.Path) -> None:
    found = database.read_database(config.read_server_config(), lambda _message: None)
    assert found.sqlite == "/var/lib/rstudio-server/rstudio.sqlite"


def test_encrypted_password(directory: pathlib.Path) -> None:
    found, warnings = read(directory, f"provider=PostgreSQL\nusername=w\npassword={SEALED}\n")
    assert found.parameters == {
        "host": "localhost",
        "port": "5432",
        "dbname": "rstudio",
        "user": "w",
        "password": "success",
        "connect_timeout": "10",
    }
    assert warnings == []


@pytest.mark.parametrize("password", ["hunter2", base64.b64encode(b"x" * 48).decode()])
def test_plain_password_is_used_with_a_warning_that_does_not_repeat_it(directory: pathlib.Path, password: str) -> None:
    found, warnings = read(directory, f"provider=postgresql\npassword={password}\n")
    assert found.parameters["password"] == password
    assert len(warnings) == 1
    assert "plain text" in warnings[0]
    assert password not in warnings[0]


def test_password_encrypted_with_another_key_is_fatal(directory: pathlib.Path) -> None:
    (directory / "secure-cookie-key").write_bytes(KEY.strip())
    with pytest.raises(ConfigError, match=r"secure-cookie-key \(managed\).*secure-cookie-key \(manual\)"):
        read(directory, f"provider=postgresql\npassword={SEALED}\n")


def test_encrypted_password_without_a_key_is_fatal(directory: pathlib.Path) -> None:
    (directory / "secure-cookie-key").unlink()
    with pytest.raises(ConfigError, match="there is no key to decrypt it"):
        read(directory, f"provider=postgresql\npassword={SEALED}\n")


def test_the_environment_comes_before_the_file(directory: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_POSTGRES_PASSWORD", "other")
    assert read(directory, f"provider=postgresql\npassword={SEALED}\n")[0].parameters["password"] == "other"


def test_an_unknown_provider_is_fatal(directory: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match="Invalid database provider specified: mysql"):
        read(directory, "provider=mysql\n")


@pytest.mark.parametrize(
    ("uri", "parameters"),
    [
        ("postgres://h/d", {"host": "h", "dbname": "d"}),
        (
            "POSTGRESQL://u:p%40s@h:5433/d",
            {"user": "u", "password": "p%40s", "host": "h", "port": "5433", "dbname": "d"},
        ),
        ("postgresql://u@[::1]:5/d", {"user": "u", "host": "[::1]", "port": "5", "dbname": "d"}),
        (
            "postgresql://u@h/d?sslmode=require&options=-csearch_path%3Dx",
            {"user": "u", "host": "h", "dbname": "d", "sslmode": "require", "options": "-csearch_path=x"},
        ),
        (
            "postgres://h?application_name=a+b",
            {"host": "h", "dbname": "application_name=a+b", "application_name": "a b"},
        ),
    ],
)
def test_connection_uri(uri: str, parameters: dict[str, str]) -> None:
    assert database.parse_uri(uri) == parameters


@pytest.mark.parametrize(
    "uri", ["mysql://h/d", "postgres://a:b:c@h/d", "postgres://a,b/d", "postgres://h/d?sslmode", "h"]
)
def test_a_bad_connection_uri_is_fatal(uri: str) -> None:
    with pytest.raises(ConfigError, match="connection-uri specified is not a valid PostgreSQL connection URI"):
        database.parse_uri(uri)


def test_password_key_wins_over_the_uri(directory: pathlib.Path) -> None:
    found, warnings = read(
        directory, f"provider=postgresql\nconnection-uri=postgres://u:x@h/d\npassword={SEALED}\nhost=y\n"
    )
    assert (found.parameters["host"], found.parameters["password"]) == ("h", "success")
    assert "connection-uri is set" in warnings[0]


def test_a_uri_without_a_password_needs_certificates(directory: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match="lacks sslkey, sslrootcert"):
        read(directory, "provider=postgresql\nconnection-uri=postgres://u@h/d?sslcert=a\n")
    uri = "postgres://u@h/d?sslcert=a&sslkey=b&sslrootcert=c&sslmode=verify-full"
    assert read(directory, f"provider=postgresql\nconnection-uri={uri}\n")[0].parameters["sslmode"] == "verify-ca"
