# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of the database's connection: what is told to PostgreSQL, and what it and libpq would refuse."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import read_uri
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import (
    Login,
    database_options,
    login_question,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_login import Wanted as Wished
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_login import login_problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_tls import (
    SERVER_CERTIFICATE,
    SERVER_KEY,
    Served,
    kept_problems,
    lacking,
    server_copies,
    tls_problems,
    tls_settings,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.database_samples import SNAKEOIL

THEIRS = {"ssl": "on", "ssl_cert_file": "/x/erp.crt", "ssl_key_file": "/x/erp.key", "ssl_ca_file": "/x/erp-ca.crt"}
OURS = {"ssl": "on", "ssl_cert_file": SERVER_CERTIFICATE, "ssl_key_file": SERVER_KEY, "ssl_ca_file": "/ca"}
WANTED: dict[str, t.Any] = {
    "tls": "verify-ca",
    "authentication": "both",
    "host": "db1",
    "tls_certificate": "/c",
    "tls_key": "/k",
    "tls_client_authority": "/ca",
    "coming": False,
    "server": "db1",
}
OWNED: dict[str, t.Any] = {"owner": "root", "group": "root", "uid": 0, "gid": 0, "mode": "0600", "readable": None}
KEY: dict[str, t.Any] = {
    **OWNED,
    "fingerprint": "sha256:0123456789ab",
    "public_key": "aaa",
    "subject": None,
    "names": [],
    "not_after": None,
    "expired": False,
}
CERTIFICATE = {
    **KEY,
    "subject": "CN=rstudio,O=Lab",
    "names": ["db1", "*.example.com", "10.0.0.31"],
    "not_after": "2027",
}
AUTHORITY = {**CERTIFICATE, "subject": "CN=Authority", "names": ["Authority"], "public_key": "ccc"}
FILES: dict[str, t.Any] = {"/c": CERTIFICATE, "/k": KEY, "/ca": AUTHORITY}


def served(**wanted: t.Any) -> Served:
    return t.cast("Served", {**WANTED, **wanted})


@pytest.mark.parametrize(
    ("found", "wanted", "settings"),
    [
        pytest.param(
            SNAKEOIL,
            {},
            {"ssl_ca_file": "/ca", "ssl_cert_file": SERVER_CERTIFICATE, "ssl_key_file": SERVER_KEY},
            id="a new server of Debian",
        ),
        pytest.param(OURS, {}, {}, id="told already"),
        pytest.param({**OURS, "ssl": "off"}, {}, {"ssl": "on"}, id="switched off"),
        pytest.param(
            SNAKEOIL,
            {"tls_certificate": "", "tls_key": "", "tls_client_authority": "", "tls": "require"},
            {},
            id="its own will do",
        ),
        pytest.param(SNAKEOIL, {"tls": "none"}, {}, id="not asked for"),
        pytest.param(
            THEIRS,
            {"tls_certificate": "/x/erp.crt", "tls_key": "/x/erp.key", "tls_client_authority": "/x/erp-ca.crt"},
            {},
            id="what others serve already",
        ),
    ],
)
def test_what_postgresql_is_told(found: dict[str, str], wanted: dict[str, t.Any], settings: dict[str, str]) -> None:
    asked = served(**wanted)
    assert tls_settings(asked, found) == settings
    assert bool(server_copies(asked, found)) is (asked["tls_certificate"] == "/c" and asked["tls"] != "none")


def test_the_certificate_of_others_stays() -> None:
    (certificate, authority) = kept_problems(served(), THEIRS, "the database erp")
    assert "ssl_cert_file=/x/erp.crt for the database erp. Set database_tls_certificate=/x/erp.crt" in certificate
    assert "database_tls_key=/x/erp.key" in certificate
    assert "Set database_tls_client_authority=/x/erp-ca.crt to keep it" in authority
    assert kept_problems(served(), THEIRS, "") == []
    assert kept_problems(served(), SNAKEOIL, "the database erp") == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"/c": None}, ["database_tls_certificate=/c is not there on db1"], id="no certificate"),
        pytest.param({"/c": {**KEY}}, ["is no certificate that openssl reads"], id="a key for a certificate"),
        pytest.param({"/k": CERTIFICATE}, ["is no key that openssl reads"], id="a certificate for a key"),
        pytest.param({"/k": {**KEY, "public_key": None}}, ["without a passphrase"], id="a key with a passphrase"),
        pytest.param({"/k": {**KEY, "public_key": "b"}}, ["/k of db1 is not the key of /c"], id="another key"),
        pytest.param({"/c": {**CERTIFICATE, "expired": True}}, ["ended on 2027", "Renew"], id="an old one"),
        pytest.param({"/ca": None}, ["database_tls_client_authority=/ca is not there"], id="no authority"),
        pytest.param({"/ca": KEY}, ["has no certificate in it"], id="an authority that is none"),
        pytest.param({"/ca": {**AUTHORITY, "readable": False}}, ["root:root 0600: everybody"], id="a hidden authority"),
        pytest.param({}, [], id="all is well"),
    ],
)
def test_what_would_be_refused(change: dict[str, t.Any], expected: list[str]) -> None:
    said = tls_problems(served(), {**FILES, **change})
    assert len(said) == bool(expected)
    assert [words for words in expected if words not in "".join(said)] == []


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        ("db1", True),
        ("DB1", True),
        ("10.0.0.31", True),
        ("db9.example.com", True),
        ("a.db9.example.com", False),
        ("example.com", False),
        ("db2", False),
    ],
)
def test_whom_a_certificate_is_for(host: str, fits: bool) -> None:
    assert (tls_problems(served(tls="verify-full", host=host), FILES) == []) is fits
    assert tls_problems(served(host=host), FILES) == [], "verify-ca does not compare names"


def test_files_that_the_role_tls_makes_need_not_be_there() -> None:
    assert tls_problems(served(coming=True), {}) == []
    assert tls_problems(served(tls="none"), {}) == []


@pytest.mark.parametrize(
    ("copy", "why"),
    [
        pytest.param(None, "new", id="none"),
        pytest.param({"fingerprint": "sha256:ffff"}, "sha256:ffff → sha256:0123456789ab", id="another"),
        pytest.param({"mode": "0644"}, "postgres:postgres 0644 → postgres:postgres 0600", id="for everybody"),
        pytest.param({}, "", id="as it is to be"),
    ],
)
def test_why_a_copy_is_made(copy: dict[str, t.Any] | None, why: str) -> None:
    found = None if copy is None else {**KEY, "owner": "postgres", "group": "postgres", **copy}
    (_certificate, key) = server_copies(served(), SNAKEOIL)
    assert lacking([key], {**FILES, SERVER_KEY: t.cast(t.Any, found)}).get(SERVER_KEY, "") == why


LOGIN: dict[str, t.Any] = {
    "host": "db1",
    "port": 5432,
    "name": "rstudio",
    "user": "rstudio",
    "tls": "none",
    "authentication": "password",
    "tls_authority": "/ca",
    "client_certificate": "/c",
    "client_key": "/k",
    "schema": "",
}
COPIED = {
    "sslcert": "/etc/workbench.cluster/database/client.crt",
    "sslkey": "/etc/workbench.cluster/database/client.key",
}


def login(**variables: t.Any) -> Login:
    return t.cast("Login", {**LOGIN, **variables})


@pytest.mark.parametrize(
    ("variables", "parameters"),
    [
        pytest.param({"tls": "require"}, {"sslmode": "require", "sslrootcert": "/ca"}, id="encrypted"),
        pytest.param(
            {"tls": "require", "tls_authority": ""}, {"sslmode": "require"}, id="encrypted, and nobody is checked"
        ),
        pytest.param({"schema": "wb"}, {"options": "-csearch_path=wb"}, id="a schema"),
        pytest.param(
            {"tls": "verify-full", "authentication": "both"},
            {"sslmode": "verify-full", "sslrootcert": "/ca", **COPIED},
            id="both",
        ),
    ],
)
def test_what_only_a_uri_can_say(variables: dict[str, t.Any], parameters: dict[str, str]) -> None:
    """Read back as Workbench reads it."""
    options = database_options(login(**variables), {})
    assert set(options) == {"provider", "connection-uri"}
    place = {"host": "db1", "port": "5432", "user": "rstudio", "dbname": "rstudio", "password": "p"}
    assert read_uri(options["connection-uri"], "p") == {**place, **parameters}


def test_a_login_by_certificate_is_one_for_the_product() -> None:
    options = database_options(login(tls="verify-ca", authentication="certificate"), {})
    assert read_uri(options["connection-uri"])["sslmode"] == "verify-ca"


def test_fields_where_nothing_is_asked() -> None:
    fields = {"provider": "postgresql", "host": "db1", "port": 5432, "database": "rstudio", "username": "rstudio"}
    assert database_options(login(), {}) == fields
    assert database_options(login(), {"connection-uri": "postgresql://u@h/d"}) == {"provider": "postgresql"}


def test_a_login_is_tried_where_others_made_the_server() -> None:
    by_certificate = login(tls="verify-ca", authentication="certificate")
    asked = login_question(by_certificate, {}, "", manage=False)
    assert asked["files"] == ["/ca", "/c", "/k", *COPIED.values()]
    assert asked["parameters"] is not None
    assert (asked["parameters"]["sslcert"], asked["by_password"]) == ("/c", False), "the copies are not made yet"
    assert login_question(by_certificate, {}, "", manage=True)["parameters"] is None
    assert login_question(login(), {"password": None}, "p", manage=False)["parameters"] is None, "of the environment"
    own = login_question(login(), {"connection-uri": "postgresql://u:geheim@h/d?sslmode=require"}, "", manage=False)
    assert own["parameters"] == {"host": "h", "user": "u", "dbname": "d", "sslmode": "require"}
    assert own["password"] == "geheim"


SESSION: dict[str, t.Any] = {
    "tables": 0,
    "names": [],
    "workbench": False,
    "protocol": "TLSv1.3",
    "client_certificate": None,
    "standby": False,
    "owner": "rstudio",
    "owns": True,
    "schema": "public",
    "creates": True,
    "max_connections": 100,
    "reserved_connections": 3,
}
NODES = {"least": 12, "most": 40, "beside": 2}
ANSWER: dict[str, t.Any] = {"host": "db1", "port": 5432, "reachable": True, "server_version": "15.14", "error": None}


def problems(answer: dict[str, t.Any] | None, session: dict[str, t.Any] | None, **variables: t.Any) -> list[str]:
    told = (
        None if answer is None else {**ANSWER, "session": None if session is None else {**SESSION, **session}, **answer}
    )
    report: t.Any = {"login": {"answer": told, "files": variables.pop("files", FILES)}}
    wished: Wished = t.cast(t.Any, {**LOGIN, "node": "n1", "coming": False, "connections": NODES, **variables})
    return login_problems(wished, report)


@pytest.mark.parametrize(
    ("answer", "session", "words"),
    [
        pytest.param({"reachable": False, "error": "refused"}, {}, "n1 cannot reach the database server", id="down"),
        pytest.param({"error": "no pg_hba.conf entry"}, None, "as rstudio: no pg_hba.conf entry", id="refused"),
        pytest.param({"server_version": "10.23"}, {"owner": ""}, "is 10.23: Workbench needs 11", id="too old"),
        pytest.param({}, {"standby": True}, "is a standby", id="a standby"),
        pytest.param({}, {"tables": 2, "names": ["apps", "bundles"]}, "holds apps, bundles, and not", id="another's"),
        pytest.param({}, {"owns": False, "owner": "dba"}, "is dba's", id="somebody else's"),
        pytest.param({}, {"schema": None, "creates": False}, "The schema public is not in", id="no schema"),
        pytest.param(
            {},
            {"max_connections": 14},
            "PostgreSQL on db1:5432 lets 11 connections in (max_connections=14, of which 3 are reserved), and the pools of 2 "
            "nodes need 12: the last",
            id="too few connections",
        ),
        pytest.param({}, {"creates": False}, "may make no tables in the schema public", id="a schema of others"),
    ],
)
def test_a_server_that_does_not_do(answer: dict[str, t.Any], session: dict[str, t.Any] | None, words: str) -> None:
    (said,) = problems(answer, session)
    assert words in said


@pytest.mark.parametrize(
    "session", [{}, {"max_connections": 15}, {"tables": 9, "names": ["cluster"], "workbench": True}]
)
def test_a_server_that_does(session: dict[str, t.Any]) -> None:
    assert problems({}, session) == []
    assert problems(None, None) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"/c": {**CERTIFICATE, "subject": "O=Lab,CN=somebody"}}, "common name somebody", id="another's"),
        pytest.param({"/c": {**CERTIFICATE, "subject": "O=Lab"}}, "common name (none)", id="nobody's"),
        pytest.param({"/k": None}, "database_client_key=/k is not there on n1", id="no key"),
    ],
)
def test_a_certificate_that_postgresql_would_not_take(change: dict[str, t.Any], words: str) -> None:
    asked = {"tls": "verify-ca", "authentication": "certificate", "files": {**FILES, **change}}
    (said,) = problems(None, None, **asked)
    assert words in said
