# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of the run, members asked by delegation, and members nobody could ask."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import (
    address_problems,
    member_addresses,
    member_reports,
    member_versions,
    shared_addresses,
)


def test_addresses_are_those_of_the_private_network_else_those_of_ansible() -> None:
    hostvars: dict[str, dict[str, t.Any]] = {
        "a": {"ansible_host": "192.0.2.1"},
        "b": {},
        "c": {"ansible_host": "192.0.2.3", "cluster_address": "10.0.0.3"},
        "d": {"ansible_host": "192.0.2.4", "cluster_address": ""},
    }
    assert member_addresses(list(hostvars), hostvars) == ["192.0.2.1", "b", "10.0.0.3", "192.0.2.4"]


@pytest.mark.parametrize(
    ("hostvars", "words"),
    [
        pytest.param({"a": {"cluster_address": "10.0.0.1"}, "b": {"cluster_address": "fd00::1"}}, [], id="addresses"),
        pytest.param({"a": {"cluster_address": "wb1.private"}, "b": {}}, [], id="a name"),
        pytest.param({"a": {"cluster_address": "wb1_private"}}, [], id="a name of /etc/hosts"),
        pytest.param({"a": {"cluster_address": 5}}, ["cluster_address=5 of a", "address or a name"], id="a number"),
        pytest.param({"a": {"cluster_address": "10.0.0.999"}}, ["cluster_address=10.0.0.999 of a"], id="no address"),
        pytest.param({"a": {"cluster_address": "10.0.0.0/24"}}, ["cluster_address=10.0.0.0/24 of a"], id="a network"),
        pytest.param({"a": {"cluster_address": "[fd00::1]"}}, ["cluster_address=[fd00::1] of a"], id="brackets"),
        pytest.param({"a": {"cluster_address": "wb1:8787"}}, ["cluster_address=wb1:8787 of a"], id="a port"),
        pytest.param({"a": {"cluster_address": ["10.0.0.1"]}}, ["cluster_address=['10.0.0.1'] of a"], id="a list"),
        pytest.param(
            {"a": {"cluster_address": "127.0.0.1"}}, ["cluster_address=127.0.0.1 of a", "others"], id="loopback"
        ),
        pytest.param(
            {"a": {"cluster_address": "Localhost"}}, ["cluster_address=Localhost of a", "others"], id="localhost"
        ),
        pytest.param({"a": {"cluster_address": "0.0.0.0"}}, ["cluster_address=0.0.0.0 of a", "others"], id="any"),
        pytest.param(
            {"a": {"cluster_address": "wb"}, "b": {"cluster_address": "WB"}, "c": {}},
            ["cluster_address=wb", "a and b"],
            id="given twice",
        ),
        pytest.param(
            {"a": {"cluster_address": "x", "ansible_host": "h"}, "b": {"cluster_address": "x", "ansible_host": "h"}},
            [],
            id="one host with two names",
        ),
    ],
)
def test_an_address_of_the_private_network_is_one_and_its_own(hostvars: dict[str, t.Any], words: list[str]) -> None:
    problems = " ".join(address_problems(list(hostvars), hostvars))
    assert bool(problems) == bool(words)
    assert [word for word in words if word not in problems] == []


@pytest.mark.parametrize(
    ("hostvars", "expected"),
    [
        pytest.param({"a": {}, "b": {}}, {}, id="inventory names"),
        pytest.param({"a": {"w": "x"}, "b": {"w": "y"}, "c": {}}, {}, id="each its own"),
        pytest.param({"a": {"w": "x"}, "b": {}, "c": {"w": "X"}}, {"x": ["a", "c"]}, id="given twice"),
        pytest.param({"a": {"w": "B"}, "b": {}}, {"b": ["a", "b"]}, id="another's inventory name"),
        pytest.param({"a": {"w": "x"}, "b": {"ansible_host": "x"}}, {"x": ["a", "b"]}, id="another's default"),
        pytest.param({"a": {"ansible_host": "x"}, "b": {"ansible_host": "x"}}, {"x": ["a", "b"]}, id="one host twice"),
        pytest.param({"a": {"w": "x:1"}, "b": {"w": "x:2"}}, {}, id="one name, two ports"),
    ],
)
def test_addresses_of_more_than_one_member(hostvars: dict[str, t.Any], expected: dict[str, list[str]]) -> None:
    assert shared_addresses(list(hostvars), hostvars, "w") == expected


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param({"a": "1", "b": "1"}, {"1": ["a", "b"]}, id="one"),
        pytest.param({"a": "1", "b": "2", "c": "1"}, {"1": ["a", "c"], "2": ["b"]}, id="two"),
        pytest.param({"a": "1", "b": None}, {"1": ["a"]}, id="not installed"),
    ],
)
def test_members_by_version(versions: dict[str, t.Any], expected: dict[str, list[str]]) -> None:
    hostvars: dict[str, t.Any] = {name: {"r": {"cluster": {"version": version}}} for name, version in versions.items()}
    assert member_versions([*hostvars, "gone"], {**hostvars, "gone": {}}, "r") == expected


HERE = {"key_files": {"x": 1}}
LOOKED = {"report": '{"keys": {"x": 1}}'}
UNREACHABLE = {"state": "unreachable"}


@pytest.mark.parametrize(
    ("hostvars", "expected"),
    [
        pytest.param({"a": {"r": HERE}}, {"state": "reachable", "key_files": {"x": 1}}, id="in the run"),
        pytest.param({"a": {}}, UNREACHABLE, id="not asked"),
        pytest.param({"a": {"r": {"unreachable": True}}}, UNREACHABLE, id="in the run, unreachable"),
        pytest.param({"a": {"r": {**HERE, "failed": True}}}, UNREACHABLE, id="in the run, failed"),
        pytest.param(
            {"a": {}, "b": {"r_absent": {"results": [{"item": "a", **HERE}]}}},
            {"state": "reachable", "key_files": {"x": 1}},
            id="asked by another host",
        ),
        pytest.param(
            {"a": {}, "b": {"r_absent": {"results": [{"item": "a", "unreachable": True}]}}},
            UNREACHABLE,
            id="asked by another host, unreachable",
        ),
        pytest.param({"a": {"r": LOOKED}}, {"state": "reachable", "key_files": {"x": 1}}, id="by a look of the role"),
        pytest.param(
            {"a": {}, "b": {"r_absent": {"results": [{"item": "a", **LOOKED}]}}},
            {"state": "reachable", "key_files": {"x": 1}},
            id="by a look of the role, asked by another host",
        ),
        pytest.param({"a": {"r": {"report": '{"errors": {}}'}}}, UNREACHABLE, id="by a look that cannot tell this"),
        pytest.param({"a": {}, "b": {"r_absent": {"results": []}}}, UNREACHABLE, id="nobody absent to ask"),
        pytest.param({"a": {}, "b": {"r_absent": {"skipped": True}}}, UNREACHABLE, id="loop skipped"),
    ],
)
def test_report_of_a_member(hostvars: dict[str, dict[str, t.Any]], expected: dict[str, t.Any]) -> None:
    assert member_reports(["a"], hostvars, "r", "key_files") == {"a": expected}
