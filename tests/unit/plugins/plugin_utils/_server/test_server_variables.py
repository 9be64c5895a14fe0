# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role server asks of a node, writes where nobody says otherwise, and wants of it, as it was for each inventory.

Of each inventory is kept in what it differs from the plain one. Where another value is meant,
`GOLDEN=write pytest tests/unit -k server_variables` writes them, to be read before they are committed.
"""

from __future__ import annotations

import collections
import functools
import json
import os
import typing as t
from pathlib import Path

import pytest

from .._differences.wanted import role_variable
from .cases import CASES, LICENCE, PLAIN

GOLDEN = Path(__file__).with_name("golden")
VARIABLES = ("__server_ask", "__server_ours", "__server_wanted")
Entries = dict[str, t.Any]


@functools.lru_cache(maxsize=None)
def entries(case: str) -> Entries:
    """All there is of the variables, a line for each field and for each file; files are asked for in no order."""
    made = {name: role_variable("server", name, **{**PLAIN, **CASES[case]}) for name in VARIABLES}
    for name in ("files", "secret_files"):
        made["__server_ask"][name].sort()
    files = made["__server_wanted"].pop("files")
    found = {f"{variable} {key}": value for variable, values in made.items() for key, value in values.items()}
    found["paths"] = [file["path"] for file in files]
    found |= {f"file {file['path']}": file for file in files}
    read: Entries = json.loads(json.dumps(found).replace(str(LICENCE.parent), "HERE"))
    return read


def golden(case: str) -> Entries:
    read: Entries = json.loads((GOLDEN / f"{case}.json").read_text(encoding="utf-8"))
    return read


def besides(case: str) -> Entries:
    """In what a case differs from the plain one; what it has no more is `None`."""
    made, plain = entries(case), entries("plain") if case != "plain" else {}
    names = [*made, *(name for name in plain if name not in made)]
    return {name: made.get(name) for name in names if name not in plain or made.get(name) != plain[name]}


@pytest.mark.parametrize("case", CASES)
def test_variables_are_as_they_were(case: str) -> None:
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / f"{case}.json").write_text(
            json.dumps(besides(case), indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    meant = {**golden("plain"), **golden(case)}
    assert entries(case) == {name: value for name, value in meant.items() if value is not None}


def test_no_case_is_forgotten_and_none_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


def test_no_case_is_as_the_plain_one() -> None:
    assert [case for case in CASES if not golden(case)] == []


@pytest.mark.parametrize("variable", ["__server_ask", "__server_wanted"])
def test_few_templates_are_made_for_a_node(variable: str, compiled: list[str]) -> None:
    """Ansible compiles each anew on each node, in a millisecond and more; the role's own defaults are left."""
    role_variable("server", variable, **PLAIN)
    assert len(set(compiled)) <= 12, compiled


@pytest.mark.parametrize(
    ("options", "program"),
    [
        ({}, "/usr/lib/rstudio-server/bin/rserver-balancer"),
        ({"server-balancer-path": "bin/own"}, "/usr/lib/rstudio-server/bin/own"),
        ({"server-balancer-path": "/opt/balancer"}, "/opt/balancer"),
    ],
)
def test_a_balancer_that_somebody_else_brings_is_asked_for_where_the_product_looks(
    options: dict[str, str], program: str
) -> None:
    asked = role_variable(
        "server",
        "__server_ask",
        **{**PLAIN, "server_load_balancer": {"balancer": "custom"}, "server_rserver_conf": options},
    )["balancer"]
    nodes = ["node1:8787", "node2.example.com:8788"]
    told = {"script": "", "account": "rstudio-server", "user": "rstudio-server", "nodes": nodes, "resolve": False}
    assert asked == {"program": program, **told}


def test_nobody_asks_other_hosts_where_the_database_knows_the_nodes() -> None:
    class Hosts(collections.UserDict[str, t.Any]):
        def __getitem__(self, host: str) -> t.Any:
            raise AssertionError(f"all variables of {host}")

    inventory = {**PLAIN, "hostvars": Hosts(node1={}, node2={})}
    assert role_variable("server", "__server_wanted", **inventory)["lists"] is False
