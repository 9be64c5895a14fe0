# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""URIs as Workbench reads them, which is not always as libpq does."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import (
    database_of,
    read_uri,
    uri_problems,
    weakened,
)

CERTIFICATE = "sslcert=/c&sslkey=/k&sslrootcert=/r"
FILES = {"sslcert": "/c", "sslkey": "/k", "sslrootcert": "/r", "sslmode": "verify-ca"}


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("postgresql://u:p@h:6000/d", {"user": "u", "password": "p", "host": "h", "port": "6000", "dbname": "d"}),
        ("POSTGRES://u:p@h", {"user": "u", "password": "p", "host": "h"}),
        ("postgres://u%40x:p%40ss@h/d%2Be", {"user": "u@x", "password": "p%40ss", "host": "h", "dbname": "d+e"}),
        (
            "postgres://u:p@[fd00::1]:5/d",
            {"user": "u", "password": "p", "host": "[fd00::1]", "port": "5", "dbname": "d"},
        ),
        ("postgres://u:p@h/", {"user": "u", "password": "p", "host": "h"}),
        (
            "postgres://u:p@h?sslmode=require",
            {"user": "u", "password": "p", "host": "h", "dbname": "sslmode=require", "sslmode": "require"},
        ),
        (
            "postgres://u:p@h/d?options=-csearch_path=x&application_name=a+b",
            {
                "user": "u",
                "password": "p",
                "host": "h",
                "dbname": "d",
                "options": "-csearch_path=x",
                "application_name": "a b",
            },
        ),
        ("postgres://h/d?password=q", {"host": "h", "dbname": "d", "password": "q"}),
        (f"postgres://u@h/d?{CERTIFICATE}&sslmode=verify-full", {"user": "u", "host": "h", "dbname": "d", **FILES}),
    ],
)
def test_what_a_uri_means(uri: str, expected: dict[str, str]) -> None:
    assert read_uri(uri) == expected


def test_the_password_of_database_conf_counts_first() -> None:
    assert read_uri("postgres://u:p@h/d", "kept")["password"] == "kept"


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("mysql://h/d", "postgresql://"),
        ("h", "postgresql://"),
        ("postgres:///d", "postgresql://"),
        ("postgres://u:p:geheim@h/d", "more than one"),
        ("postgres://u:geheim@x@h/d", "more than one"),
        ("postgres://u:p@h:5:6/d", "more than one"),
        ("postgres://u:p@[fd00::1/d", "bracket"),
        ("postgres://u:p@h/d?sslmode", "parameter without a value"),
        ("postgres://u@h/d?sslcert=/c", "lacks sslkey, sslrootcert"),
    ],
)
def test_a_uri_workbench_would_not_start_with(uri: str, words: str) -> None:
    with pytest.raises(Failure, match=words) as refused:
        read_uri(uri)
    assert "geheim" not in str(refused.value)
    # A password may come from the environment.
    assert uri_problems(uri) == ([] if "lacks" in words else [str(refused.value)])


@pytest.mark.parametrize(
    ("uri", "password", "words"),
    [
        ("postgres://u:p@h/d", "", []),
        ("postgres://u:p%40@h/d", "kept", []),
        ("postgres://u:p%40@h/d", "", ["does not decode", "server_database_conf"]),
        ("postgres://u:p'x@h/d", "", ["' or \\"]),
        ("postgres://u:p@[fd00::1]/d", "", ["brackets"]),
        ("postgres://u:p@h?sslmode=require", "", ["no / before its ?"]),
    ],
)
def test_a_uri_that_leads_elsewhere(uri: str, password: str, words: list[str]) -> None:
    problems = uri_problems(uri, password)
    assert len(problems) == bool(words)
    assert [word for word in words if word not in problems[0]] == []


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("postgres://u:sha256:0123456789ab@h/d?a=b", "d"),
        ("postgres://u%40x:p@h", "u@x"),
        ("postgres://h", ""),
        ("postgres://h?sslmode=require", "sslmode=require"),
        ("mysql://h/d", ""),
    ],
)
def test_the_database_of_a_uri_whose_password_is_not_shown(uri: str, expected: str) -> None:
    assert database_of(uri) == expected


@pytest.mark.parametrize(
    ("uri", "password", "expected"),
    [
        (f"postgres://u@h/d?{CERTIFICATE}&sslmode=verify-full", "", "verify-full"),
        (f"postgres://u@h/d?sslmode=require&{CERTIFICATE}", "", "require"),
        (f"postgres://u@h/d?{CERTIFICATE}&sslmode=verify-ca", "", None),
        (f"postgres://u@h/d?{CERTIFICATE}", "", None),
        (f"postgres://u@h/d?{CERTIFICATE}&sslmode=verify-full", "kept", None),
        ("postgres://u:p@h/d?sslmode=verify-full", "", None),
        ("postgres://u@h/d?sslmode=verify-full", "", None),
    ],
)
def test_a_certificate_is_checked_as_far_as_workbench_does(uri: str, password: str, expected: str | None) -> None:
    assert weakened(uri, password) == expected
