# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which words a plan tells of accounts. That it tells what the module does: tests/unit/plugins/modules/test_accounts.py."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.present import shadow
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import AccountsLook
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.accounts import differences, shortened
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY, Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts import as_options

HASH, OTHER = "$6$salt$" + "x" * 40, "$6$salt$" + "y" * 40


def user(name: str, uid: int, **other: t.Any) -> dict[str, t.Any]:
    return as_options({"name": name, "uid": uid, "group": "team", **other})


def there(*names: str, fields: t.Mapping[str, str] | None = None, **other: t.Any) -> AccountsLook:
    """A look at a node with users from 20001 on in the group `team`; `fields` of shadow by name."""
    ids = {name: 20001 + number for number, name in enumerate(names)}
    people = {
        name: {"uid": uid, "gid": 30001, "comment": "", "home": f"/home/{name}", "shell": "/bin/sh"}
        for name, uid in ids.items()
    }
    look = {
        "users": people,
        "groups": {"team": {"gid": 30001, "members": []}},
        "uids": {str(uid): [name] for name, uid in ids.items()},
        "gids": {"30001": ["team"], "30002": ["staff"]},
        "reached": {},
        "passwords": {
            name: shadow(field, lambda text: digest(RUN_KEY, text.encode())) for name, field in (fields or {}).items()
        },
        "memberships": {},
        "foreign_users": [],
        "foreign_groups": [],
        "hidden_users": {},
        "homes": None,
    }
    return t.cast(AccountsLook, {**look, **other})


def told(look: AccountsLook, *users: dict[str, t.Any], homes: bool = False, groups: t.Any = ()) -> list[Change]:
    groups = [{"name": "team", "gid": 30001}, *groups]
    wanted = {"accounts": json.dumps({"users": users, "groups": groups}), "homes": homes, "sssd": {}}
    found = differences(wanted, {"accounts": look})
    assert found.problems == []
    return found.changes


THOUSAND = [f"u{number}" for number in range(1000)]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["ada", "bob"], "ada, bob"),
        (THOUSAND[:6], "u0, u1, u2, u3, u4, u5"),
        (THOUSAND[:7], "7 users: u0, u1, u2 … and 4 more"),
        (THOUSAND, "1,000 users: u0, u1, u2 … and 997 more"),
    ],
)
def test_of_many_the_first_few_are_named(names: list[str], words: str) -> None:
    assert shortened(names, "users") == words


@pytest.mark.parametrize(
    ("look", "users", "expected"),
    [
        pytest.param(there(), [user("ada", 20001)], [Change("ada (20001)", "new")], id="new"),
        pytest.param(
            there("ada"),
            [user("ada", 20001, comment="Ada", shell="/bin/bash")],
            [Change("ada", "comment none → Ada, shell /bin/sh → /bin/bash")],
            id="fields",
        ),
        pytest.param(
            there("ada", fields={"ada": HASH}),
            [user("ada", 20001, password=OTHER)],
            [Change("ada", "another password")],
            id="another password",
        ),
        pytest.param(
            there("ada", fields={"ada": "!"}),
            [user("ada", 20001, password=OTHER)],
            [Change("ada", "gets a password")],
            id="a first password",
        ),
        pytest.param(
            there("ada", fields={"ada": HASH}),
            [user("ada", 20001, password=HASH, locked=True)],
            [Change("ada", "is locked")],
            id="a lock",
        ),
        pytest.param(
            there("ada", fields={"ada": f"!{HASH}"}),
            [user("ada", 20001, locked=False)],
            [Change("ada", "is unlocked")],
            id="no lock",
        ),
        pytest.param(there("ada", fields={"ada": f"!{HASH}"}), [user("ada", 20001, password=HASH)], [], id="it stays"),
        pytest.param(
            there(*THOUSAND[:9]),
            [user(name, 20001 + number, shell="/bin/bash") for number, name in enumerate(THOUSAND[:9])],
            [Change("9 users: u0, u1, u2 … and 6 more", "another shell")],
            id="a field of many",
        ),
        pytest.param(
            there(),
            [user(name, 20001 + number) for number, name in enumerate(THOUSAND)],
            [Change("1,000 users: u0 (20001), u1 (20002), u2 (20003) … and 997 more", "new")],
            id="many",
        ),
        pytest.param(
            there("ada"),
            [user("ada", 20001, groups=["team"])],
            [Change("ada", "in group team")],
            id="a group",
        ),
    ],
)
def test_a_change_is_told_in_few_words(
    look: AccountsLook, users: list[dict[str, t.Any]], expected: list[Change]
) -> None:
    assert told(look, *users) == expected


def test_a_group_that_nobody_asked_for_is_there_if_it_is_enumerated() -> None:
    """Another node's user may have it, so that it is wanted here as well."""
    assert told(there(), groups=[{"name": "staff", "gid": 30002}]) == []


HOME = "/home/ada"


@pytest.mark.parametrize(
    ("homes", "expected"),
    [
        ({HOME: {"owner": 20001, "parent": True}}, []),
        ({HOME: {"owner": None, "parent": True}}, [Change(f"home {HOME}", "new")]),
        ({HOME: {"owner": None, "parent": False}}, [Change(f"home {HOME}", "new")]),
        ({"/srv/ada": {"owner": None, "parent": True}}, [Change("homes", "cannot be told")]),
        (None, [Change("homes", "cannot be told")]),
    ],
    ids=["there", "missing", "its share is not mounted yet", "elsewhere", "the server does not answer"],
)
def test_homes_are_told_by_who_makes_them(homes: t.Any, expected: list[Change]) -> None:
    assert told(there("ada", homes=homes), user("ada", 20001, home=HOME), homes=True) == expected
    assert told(there("ada", homes=homes), user("ada", 20001, home=HOME)) == []


def test_a_home_of_another_is_a_problem() -> None:
    look = there("ada", homes={HOME: {"owner": 5, "parent": True}})
    wanted = {"accounts": json.dumps({"users": [user("ada", 20001)], "groups": []}), "homes": True, "sssd": {}}
    found = differences(wanted, {"accounts": look})
    assert found.problems == [f"home {HOME} of user ada (20001) belongs to uid 5."]
    assert found.changes == []


@pytest.mark.parametrize("errors", [{}, {"accounts": "getent failed"}])
def test_a_look_that_cannot_tell_is_a_change(errors: dict[str, str]) -> None:
    wanted = {"accounts": json.dumps({"users": [], "groups": []}), "homes": False, "sssd": {}}
    why = "cannot be told: getent failed" if errors else "cannot be told"
    assert differences(wanted, {"errors": errors}).changes == [Change("accounts", why)]


def test_no_password_is_in_the_plan() -> None:
    look = there("ada", fields={"ada": HASH})
    wanted = {
        "accounts": json.dumps({"users": [user("ada", 20001, password=OTHER)], "groups": []}),
        "homes": False,
        "sssd": {},
    }
    found = differences(wanted, {"accounts": look})
    assert found.changes != []
    assert [text for text in (HASH, OTHER) if text in f"{found} {json.dumps(look)}"] == []
