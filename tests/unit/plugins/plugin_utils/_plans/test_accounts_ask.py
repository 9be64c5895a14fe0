# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is asked about the accounts that are wanted."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import AccountsAsked
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts import as_options, maker
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts_ask import accounts_ask

TEMPLATES = {
    "{{ people }}": [{"name": "ada", "uid": 20001}],
    "{{ ada }}": {"name": "ada", "uid": 20001},
    "{{ name }}": "ada",
    "{{ number }}": "20001",
}


def template(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [template(item) for item in value]
    if isinstance(value, dict):
        return {key: template(item) for key, item in value.items()}
    if isinstance(value, str) and value.startswith("{{ secret"):
        raise AssertionError("a password was decrypted")
    return TEMPLATES.get(value, value) if isinstance(value, str) else value


def asked(users: t.Any, groups: t.Any = (), makes_homes: bool = False) -> AccountsAsked:
    variables = {
        "accounts_users": users,
        "accounts_groups": list(groups),
        "accounts_service_uid": None,
        "accounts_service_gid": "",
        "accounts_id_range": [20000, 29999],
        "accounts_system_id_range": [900, 989],
        "accounts_home_root": "/home/",
    }
    return accounts_ask(variables, template, makes_homes)


@pytest.mark.parametrize(
    "users",
    [
        [{"name": "ada", "uid": 20001}],
        "{{ people }}",
        ["{{ ada }}"],
        [{"name": "{{ name }}", "uid": "{{ number }}"}],
        [{"name": "ada", "uid": "20001", "comment": "{{ secret }}"}],
    ],
    ids=["plain", "a list elsewhere", "a user elsewhere", "fields", "a field that does not count"],
)
def test_a_user_is_asked_for_however_it_is_written(users: t.Any) -> None:
    question = asked(users)
    assert (question["users"], question["numbers"]) == (["rstudio-server", "ada"], [20001])


def test_a_password_is_asked_for_and_not_read() -> None:
    users = [{"name": "ada", "password": "{{ secret }}"}, {"name": "bob", "locked": False}, {"name": "cyd"}]
    assert asked(users)["passwords"] == ["ada", "bob"]


def test_all_groups_of_users_are_asked_for() -> None:
    users = [{"name": "ada", "group": "team", "groups": ["analysts", "{{ name }}"]}, {"name": "bob", "groups": None}]
    question = asked(users, [{"name": "analysts", "gid": 30001}])
    assert question["groups"] == ["rstudio-server", "analysts", "team", "ada"]
    assert question["members"] == [("ada", "analysts"), ("ada", "ada")]
    assert question["numbers"] == [30001]


def test_ranges_are_asked_in_the_order_ids_are_given_out() -> None:
    assert asked([])["ranges"] == {"people": (20000, 29999), "system": (989, 900)}


def test_homes_are_asked_of_who_makes_them() -> None:
    users = [{"name": "ada"}, {"name": "bob", "home": "/srv/bob"}]
    question = asked(users, makes_homes=True)
    assert (question["homes"], question["fixed_homes"]) == ({"ada": "/home/ada", "bob": "/srv/bob"}, ["bob"])
    assert asked(users)["homes"] is None


@pytest.mark.parametrize(("present", "expected"), [(["n2", "n1"], "n1"), (["n3", "n2"], "n2"), (["other"], "other")])
def test_the_first_member_of_the_run_makes_what_is_shared(present: list[str], expected: str) -> None:
    assert maker(["n1", "n2", "n3"], present) == expected


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ({}, {"group": None, "groups": [], "password": None, "locked": None, "system": False}),
        ({"uid": "20001", "comment": 7, "groups": None}, {"uid": 20001, "comment": "7", "groups": []}),
        ({"locked": "no", "system": True}, {"locked": False, "system": True}),
        ({"locked": "yes"}, {"locked": True}),
    ],
)
def test_a_user_is_compared_as_the_module_reads_it(given: dict[str, t.Any], becomes: dict[str, t.Any]) -> None:
    options = as_options({"name": "ada", "uid": 20001, **given})
    assert {key: options[key] for key in becomes} == becomes
