# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database a node names, and what answers there: real sockets on loopback addresses."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product import database as product_database
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseAnswer

Listener = t.Callable[..., t.ContextManager[int]]


@pytest.mark.parametrize("says", [b"S", b"N", b"E"])
def test_postgresql_is_known_by_its_answer(listener: Listener, says: bytes) -> None:
    with listener(says) as port:
        found = product_database.reach_database(("127.0.0.1", port), 5)
    assert found == {"host": "127.0.0.1", "port": port, "reachable": True, "server_version": None, "error": None}


@pytest.mark.parametrize("says", [b"HTTP/1.1 400", b""])
def test_something_else_answers(listener: Listener, says: bytes) -> None:
    with listener(says) as port:
        found = product_database.reach_database(("127.0.0.1", port), 5)
    assert (found["reachable"], found["error"]) == (False, "something other than PostgreSQL answers")


def test_database_that_does_not_answer(closed_port: int) -> None:
    found = product_database.reach_database(("127.0.0.1", closed_port), 5)
    assert found["reachable"] is False
    assert "refused" in str(found["error"])


def test_database_at_what_can_be_no_name() -> None:
    found = product_database.reach_database(("db..example.com", 5432), 5)
    assert (found["reachable"], bool(found["error"])) == (False, True)


def test_no_database_to_ask() -> None:
    assert product_database.reach_database(None, 5)["reachable"] is None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"provider": "sqlite", "host": "db"}, None),
        ({"provider": "PostgreSQL"}, ("localhost", 5432)),
        ({"provider": "postgresql", "host": "db", "port": "6000"}, ("db", 6000)),
        ({"provider": "postgresql", "host": "db", "port": "many"}, None),
        ({"provider": "postgresql", "host": "x", "connection-uri": "postgresql://u:p@db:6000/w?a=b"}, ("db", 6000)),
        ({"provider": "postgresql", "connection-uri": "postgres://db/w"}, ("db", 5432)),
        ({"provider": "postgresql", "connection-uri": "postgresql://[fd00::1]/w"}, ("[fd00::1]", 5432)),
        ({"provider": "postgresql", "connection-uri": "POSTGRES://u:p@db?sslmode=require"}, ("db", 5432)),
        ({"provider": "postgresql", "connection-uri": "postgres://u:p@a,b:5:6/w"}, None),
    ],
)
def test_address_of_the_database(settings: dict[str, str], expected: tuple[str, int] | None) -> None:
    assert product_database.database_address(settings) == expected


KEY = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
STORED = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
FOUND: dict[str, t.Any] = {"owner": "me", "owns": True, "ssl": {"ssl": True, "client_dn": "/CN=me"}}


class Server:
    """A session as far as it is used: it notes the login, and refuses with `refusal`."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal, self.closed = refusal, False
        self.login: dict[str, str] = {}
        self.said = {"server_version": "15.14 (Debian 15.14-0+deb12u1)"}
        self.protocol: str | None = "TLSv1.3"

    def __call__(self, parameters: dict[str, str], timeout: float) -> Server:
        if self.refusal:
            raise Failure(self.refusal)
        self.login = parameters
        return self

    def value(self, sql: str) -> str:
        return json.dumps(FOUND)

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("settings", "login"),
    [
        (
            {"host": "db", "port": "6000", "database": "w", "username": "me", "password": STORED},
            {"host": "db", "port": "6000", "dbname": "w", "user": "me", "password": "success"},
        ),
        ({}, {"host": "localhost", "dbname": "rstudio", "user": "postgres"}),
        (
            {"connection-uri": "postgresql://me@db/w", "host": "ignored", "password": "plain"},
            {"host": "db", "user": "me", "dbname": "w", "password": "plain"},
        ),
        (
            {"connection-uri": "POSTGRES://me:p%40ss@db/w?sslmode=verify-full"},
            {"host": "db", "user": "me", "dbname": "w", "password": "p%40ss", "sslmode": "verify-full"},
        ),
        (
            {"connection-uri": "postgres://me@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-full"},
            {
                "host": "db",
                "user": "me",
                "dbname": "w",
                "sslcert": "/c",
                "sslkey": "/k",
                "sslrootcert": "/r",
                "sslmode": "verify-ca",
            },
        ),
    ],
)
def test_version_is_asked_for_as_the_product_logs_in(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], login: dict[str, t.Any]
) -> None:
    server = Server()
    monkeypatch.setattr(product_database, "Session", server)
    version, session = product_database.ask_database(product_database.login_parameters(settings, KEY, "/absent"), 5)
    assert (version, session["protocol"], session["client_certificate"]) == ("15.14", "TLSv1.3", "/CN=me")
    assert (server.login, server.closed) == (login, True)


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_password_of_the_environment_counts_first(tmp_path: Path, quote: str) -> None:
    """And one that stands there before the one of the file that is named there."""
    file, environment = tmp_path / "password", tmp_path / "rstudio-server"
    file.write_text("of-the-file\n")
    environment.write_text(f"# words\nWORKBENCH_POSTGRES_PASSWORD_FILE={quote}{file}{quote}\n")
    found = product_database.login_parameters({"password": STORED}, KEY, str(environment))
    assert found["password"] == "of-the-file"
    environment.write_text(f"WORKBENCH_POSTGRES_PASSWORD=stated\nWORKBENCH_POSTGRES_PASSWORD_FILE={file}\n")
    assert product_database.login_parameters({}, KEY, str(environment))["password"] == "stated"


def test_a_server_that_says_nothing_of_itself_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    server.said = {}
    monkeypatch.setattr(product_database, "Session", server)
    with pytest.raises(Failure, match="something other than PostgreSQL"):
        product_database.ask_database({"host": "db"}, 5)
    assert server.closed


def test_the_login_is_unknown_where_the_password_cannot_be_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cryptography.hazmat.primitives.ciphers", "cryptography.hazmat.primitives.padding"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError):
        product_database.login_parameters({"password": STORED}, KEY, "/absent")


REACHED: DatabaseAnswer = {"host": "db", "port": 5432, "reachable": True, "server_version": None, "error": None}


def test_refused_login_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "postgresql://me:hunter2@db/w?bad=1"
    monkeypatch.setattr(product_database, "Session", Server(f'invalid URI "{uri}"'))
    found = product_database.logged_in(REACHED, {"host": "db"}, 5)
    assert str(found["error"]).startswith("PostgreSQL refuses the login of database.conf: invalid URI")
    assert "hunter2" not in str(found)
    assert found["session"] is None


def test_a_uri_the_product_refuses_shows_no_password() -> None:
    with pytest.raises(Failure, match=r"connection-uri of database\.conf has a parameter without a value") as refused:
        product_database.login_parameters({"connection-uri": "postgresql://me:hunter2@db/w?bad"}, KEY)
    assert "hunter2" not in str(refused.value)


def test_password_of_another_key_is_a_failure() -> None:
    with pytest.raises(Failure, match="was encrypted with"):
        product_database.login_parameters({"password": STORED}, b"x" * 32)
