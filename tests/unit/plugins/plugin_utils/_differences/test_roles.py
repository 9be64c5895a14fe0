# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which roles a run plans on a host."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.roles import planned_roles, roles_here

GROUPS = {
    "wb_nodes": ["n1", "both"],
    "wb_storage": ["s1"],
    "wb_database": ["d1", "both"],
    "wb_proxy": ["p1"],
    "other_nodes": ["n9"],
}
NODE = ["clock", "storage", "accounts", "keys", "tls", "server", "firewall"]


@pytest.mark.parametrize(
    ("host", "run", "skip", "expected"),
    [
        pytest.param("n1", ["all"], [], NODE, id="a node"),
        pytest.param("s1", ["all"], [], ["clock", "nfs_server", "firewall"], id="a file server"),
        pytest.param("d1", ["all"], [], ["clock", "tls", "database", "firewall"], id="a database"),
        pytest.param("p1", ["all"], [], ["clock", "tls", "proxy", "firewall"], id="a front end"),
        pytest.param(
            "both",
            ["all"],
            [],
            ["clock", "storage", "accounts", "keys", "tls", "database", "server", "firewall"],
            id="both",
        ),
        pytest.param("n9", ["all"], [], [], id="another cluster's"),
        pytest.param("n1", ["clock", "storage"], [], ["clock", "storage"], id="tags"),
        pytest.param("n1", ["server"], [], ["keys", "tls", "server"], id="the server needs what keys finds"),
        pytest.param("n1", ["database"], [], ["keys", "tls"], id="and so does the database"),
        pytest.param("d1", ["keys"], [], [], id="not the other way round"),
        pytest.param("n1", ["all"], ["clock"], NODE[1:], id="skipped"),
        pytest.param(
            "n1",
            ["all"],
            ["keys"],
            ["clock", "storage", "accounts", "tls", "server", "firewall"],
            id="skipped by its own tag",
        ),
        pytest.param("n1", ["tagged"], [], NODE, id="tagged"),
        pytest.param("n1", ["untagged"], [], [], id="untagged"),
        pytest.param("n1", ["all"], ["tagged"], [], id="nothing that is tagged"),
        pytest.param("n1", ["other"], [], [], id="somebody else's tag"),
    ],
)
def test_roles_are_those_of_the_groups_and_the_tags(
    host: str, run: list[str], skip: list[str], expected: list[str]
) -> None:
    assert planned_roles(host, "wb", GROUPS, run, skip) == expected


@pytest.mark.parametrize(
    ("said", "used"), [({}, False), ({"tls_source": "none"}, False), ({"tls_source": "files"}, True)]
)
def test_a_role_that_nobody_uses_is_not_planned(said: dict[str, str], used: bool) -> None:
    variables = {"inventory_hostname": "n1", "workbench_cluster": "wb", "groups": GROUPS, **said}
    variables.update(ansible_run_tags=["all"], ansible_skip_tags=[])
    assert ("tls" in roles_here(variables, lambda value: value)) is used
