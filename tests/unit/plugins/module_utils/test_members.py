# SPDX-FileCopyrightText: The workbench.cluster founders
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of the run, members asked by delegation, and members nobody could ask."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._members import member_addresses, member_reports


def test_addresses_fall_back_to_the_inventory_name() -> None:
    hostvars: dict[str, dict[str, t.Any]] = {"a": {"ansible_host": "192.0.2.1"}, "b": {}}
    assert member_addresses(["a", "b"], hostvars) == ["192.0.2.1", "b"]


HERE = {"keys": {"x": 1}}
UNREACHABLE = {"state": "unreachable"}


@pytest.mark.parametrize(
    ("hostvars", "expected"),
    [
        pytest.param({"a": {"r": HERE}}, {"state": "reachable", "keys": {"x": 1}}, id="in the run"),
        pytest.param({"a": {}}, UNREACHABLE, id="not asked"),
        pytest.param({"a": {"r": {"unreachable": True}}}, UNREACHABLE, id="in the run, unreachable"),
        pytest.param({"a": {"r": {**HERE, "failed": True}}}, UNREACHABLE, id="in the run, failed"),
        pytest.param(
            {"a": {}, "b": {"r_absent": {"results": [{"item": "a", **HERE}]}}},
            {"state": "reachable", "keys": {"x": 1}},
            id="asked by another host",
        ),
        pytest.param(
            {"a": {}, "b": {"r_absent": {"results": [{"item": "a", "unreachable": True}]}}},
            UNREACHABLE,
            id="asked by another host, unreachable",
        ),
        pytest.param({"a": {}, "b": {"r_absent": {"results": []}}}, UNREACHABLE, id="nobody absent to ask"),
        pytest.param({"a": {}, "b": {"r_absent": {"skipped": True}}}, UNREACHABLE, id="loop skipped"),
    ],
)
def test_report_of_a_member(hostvars: dict[str, dict[str, t.Any]], expected: dict[str, t.Any]) -> None:
    assert member_reports(["a"], hostvars, "r", "keys") == {"a": expected}
