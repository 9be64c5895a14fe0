# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters with values as ansible-core tags them. What they decide is tested with the functions behind them."""

from __future__ import annotations

import base64
import builtins
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.workbench.cluster.plugins.filter import (
    account_problems,
    decrypt_db_password,
    encrypt_db_password,
    member_addresses,
    plan_accounts,
    plan_keys,
    to_conf,
    to_sectioned_conf,
    wrong_networks,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.filter.tags import load_filters, tagged

KEY = base64.b64encode(b"d3161166-e89b-4158-af3b-5980e3056cc6\n").decode()
SUCCESS = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
RANGES = {"uid_range": [20000, 29999], "system_range": [900, 989]}
UNREACHABLE = {"n1": {"state": "unreachable"}}

FILTERS = load_filters(
    account_problems,
    decrypt_db_password,
    encrypt_db_password,
    member_addresses,
    plan_accounts,
    plan_keys,
    to_conf,
    to_sectioned_conf,
    wrong_networks,
)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("to_conf", [{"a": True, "b": [1, "x"], "c": None}], "a=1\nb=1\nb=x\n"),
        ("to_sectioned_conf", [[{"name": "s", "options": {"a": 1}}]], "[s]\na=1\n"),
        ("decrypt_db_password", [SUCCESS, KEY], "success"),
        ("encrypt_db_password", ["success", KEY, SUCCESS], SUCCESS),
        ("account_problems", [RANGES], []),
        ("wrong_networks", [["10.0.0.0/33", "10.0.0.0/24"]], ["10.0.0.0/33"]),
        ("plan_accounts", [UNREACHABLE, RANGES], {"users": [], "groups": [], "errors": []}),
    ],
)
def test_tagged_values_come_out_plain(name: str, arguments: list[t.Any], expected: t.Any) -> None:
    result = FILTERS[name](*tagged(arguments))
    assert result == expected
    assert type(result) is type(expected)


def test_plan_keys_takes_what_the_role_gives() -> None:
    answer = FILTERS["plan_keys"](tagged(UNREACHABLE), {}, policy=tagged("adopt"), adopt_from=tagged(""))
    assert len(answer["errors"]) == 2


@pytest.mark.parametrize(
    ("members", "words"),
    [("node1", r"node1 must be a list .* such as \[node1\]"), (["node1", "n9"], "n9 in .* is not in the inventory")],
)
def test_members_that_are_none(members: t.Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        FILTERS["member_addresses"](tagged(members), {"node1": {}})


def test_failure_is_a_filter_error() -> None:
    with pytest.raises(AnsibleFilterError, match="the value of password has a '#'"):
        FILTERS["to_conf"]({"password": "geheim#1"})


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find = builtins.__import__

    def without_cryptography(name: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
        if name.startswith("cryptography"):
            raise ModuleNotFoundError("No module named 'cryptography'", name="cryptography")
        return find(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_cryptography)
    with pytest.raises(AnsibleFilterError, match="Python library \\(cryptography\\)"):
        FILTERS["encrypt_db_password"]("x", KEY)
