# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the accounts that were found verify judges, and by which names."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts import view as accounts_view
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, NodeAccounts


def user(uid: int, gid: int, name: str) -> dict[str, t.Any]:
    return {"uid": uid, "gid": gid, "comment": "", "home": f"/home/{name}", "shell": "/bin/sh"}


ACCOUNTS = t.cast(
    Accounts,
    {
        "users": {
            "ada": user(20001, 30001, "ada"),
            "grace": user(20002, 30002, "grace"),
            "alias": user(20001, 30001, "alias"),
            "other": user(20009, 20009, "other"),
            "member": user(20010, 20010, "member"),
        },
        "groups": {
            "research": {"gid": 30001, "members": ["member"]},
            "staff": {"gid": 30002, "members": []},
            "twin": {"gid": 30001, "members": []},
        },
    },
)


def view(users: list[str], groups: list[str], names: dict[int, str]) -> NodeAccounts:
    return accounts_view.account_view(ACCOUNTS, users, groups, (names.get, names.get))


def test_accounts_by_name_and_by_number() -> None:
    found = view(["grace"], [], {20002: "grace", 30002: "staff"})
    assert found == {
        "users": {"grace": {"uid": 20002, "gid": 30002, "home": "/home/grace"}},
        "groups": {},
        "uids": {"20002": ["grace"]},
        "gids": {"30002": ["staff"]},
    }


def test_number_with_two_names_has_nss_s_own_first() -> None:
    found = view(["ada"], ["research"], {20001: "alias", 30001: "twin"})
    assert (found["uids"]["20001"], found["gids"]["30001"]) == (["alias", "ada"], ["twin", "research"])


def test_members_of_a_group_are_reported() -> None:
    found = view([], ["research"], {})
    assert set(found["users"]) == {"ada", "alias", "member"}
    assert found["groups"] == {"research": {"gid": 30001}}


def test_number_that_has_no_name() -> None:
    assert view(["other"], [], {})["uids"] == {"20009": ["other"]}
    assert view(["other"], [], {})["gids"] == {"20009": []}


def test_who_does_not_exist_is_absent() -> None:
    assert view(["nobody-of-ours"], ["none"], {}) == {"users": {}, "groups": {}, "uids": {}, "gids": {}}
