# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database a node names, and what answers there: real sockets on loopback addresses."""

from __future__ import annotations

import sys
import types
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product import database as product_database

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


class Psycopg2(types.ModuleType):
    """The driver as far as it is used: it notes the login, and refuses with `refusal`."""

    class Error(Exception):
        pass

    def __init__(self, refusal: str | None = None) -> None:
        super().__init__("psycopg2")
        self.refusal = refusal
        self.login: dict[str, t.Any] = {}
        self.closed = False

    def connect(self, **login: t.Any) -> Psycopg2:
        if self.refusal:
            raise self.Error(self.refusal)
        self.login = login
        return self

    def get_parameter_status(self, name: str) -> str:
        return {"server_version": "15.14 (Debian 15.14-0+deb12u1)"}[name]

    def close(self) -> None:
        self.closed = True


KEY = b"d3161166-e89b-4158-af3b-5980e3056cc6\n"
STORED = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"


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
    driver = Psycopg2()
    monkeypatch.setitem(sys.modules, "psycopg2", driver)
    assert product_database.server_version(settings, KEY, 5) == "15.14"
    assert (driver.login, driver.closed) == ({**login, "connect_timeout": 5}, True)


def test_version_is_unknown_without_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    assert product_database.server_version({}, KEY, 5) is None


def test_version_is_unknown_where_the_password_cannot_be_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2())
    for name in ("cryptography.hazmat.primitives.ciphers", "cryptography.hazmat.primitives.padding"):
        monkeypatch.setitem(sys.modules, name, None)
    assert product_database.server_version({"password": STORED}, KEY, 5) is None


def test_refused_login_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "postgresql://me:hunter2@db/w?bad=1"
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2(f'invalid URI "{uri}"'))
    with pytest.raises(Failure, match="PostgreSQL refuses the login") as refused:
        product_database.server_version({"connection-uri": uri}, KEY, 5)
    assert "hunter2" not in str(refused.value)


def test_a_uri_the_product_refuses_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2())
    with pytest.raises(Failure, match=r"connection-uri of database\.conf has a parameter without a value") as refused:
        product_database.server_version({"connection-uri": "postgresql://me:hunter2@db/w?bad"}, KEY, 5)
    assert "hunter2" not in str(refused.value)


def test_password_of_another_key_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", Psycopg2())
    with pytest.raises(Failure, match="was encrypted with"):
        product_database.server_version({"password": STORED}, b"x" * 32, 5)
