# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database host and the nodes say about one database; no password in any sentence."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.database import database_differences


@pytest.mark.parametrize(
    ("database_host", "nodes", "expected"),
    [
        pytest.param({}, {}, [], id="nothing set"),
        pytest.param({"database_port": 5432, "database_manage": True}, {}, [], id="a default said aloud"),
        pytest.param({"database_port": "5433"}, {"database_port": 5433}, [], id="a number as text"),
        pytest.param({"database_manage": "false"}, {"database_manage": False}, [], id="a boolean as text"),
        pytest.param({"database_password": "geheim"}, {"database_password": "geheim"}, [], id="one password"),
        pytest.param({"database_password": None}, {"database_password": ""}, [], id="no password"),
        pytest.param(
            {"database_port": 5433}, {}, ["database_port is 5433 for db1; 5432 for node1, node2."], id="port of one"
        ),
        pytest.param(
            {}, {"database_name": "wb"}, ["database_name is rstudio for db1; wb for node1, node2."], id="name of one"
        ),
        pytest.param(
            {"database_user": "a"},
            {"database_user": "b"},
            ["database_user is a for db1; b for node1, node2."],
            id="user",
        ),
        pytest.param(
            {"database_manage": False},
            {},
            ["database_manage is False for db1; True for node1, node2."],
            id="managed by one",
        ),
        pytest.param(
            {"database_password": "geheim"},
            {},
            ["database_password is set for db1; empty for node1, node2."],
            id="a password the nodes do not see",
        ),
        pytest.param(
            {"database_password": "geheim"},
            {"database_password": "geheimer"},
            ["database_password is set for db1; set to another for node1, node2."],
            id="two passwords",
        ),
    ],
)
def test_differences(database_host: dict[str, t.Any], nodes: dict[str, t.Any], expected: list[str]) -> None:
    hostvars = {"db1": database_host, "node1": nodes, "node2": nodes}
    sentences = database_differences(["db1", "node1", "node2"], hostvars)
    assert sentences == expected
    assert "geheim" not in "".join(sentences)
