# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ids, homes and shells accounts get, and what stands against it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts import plan_accounts
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.accounts import account_problems

Ids = t.Dict[str, int]
RANGES: dict[str, t.Any] = {"uid_range": [20000, 20009], "system_range": [900, 909]}
UNREACHABLE: dict[str, t.Any] = {"state": "unreachable"}


def node(users: dict[str, tuple[int, int]] | None = None, groups: Ids | None = None) -> dict[str, t.Any]:
    """A node's report: users as `name: (uid, gid)`, their homes under `/home`, groups as `name: gid`; all ids were asked."""
    return {
        "state": "reachable",
        "accounts": {
            "users": {
                name: {"uid": uid, "gid": gid, "home": f"/home/{name}", "shell": "/bin/sh"}
                for name, (uid, gid) in (users or {}).items()
            },
            "groups": {name: {"gid": gid, "members": []} for name, gid in (groups or {}).items()},
            "uids": {str(uid): [name] for name, (uid, _gid) in (users or {}).items()},
            "gids": {str(gid): [name] for name, gid in (groups or {}).items()},
            "reached": {"people": 20009, "system": 900},
        },
    }


def plan(states: dict[str, t.Any], **wanted: t.Any) -> dict[str, list[t.Any]]:
    return plan_accounts(states, {**RANGES, **wanted})


def ids(answer: dict[str, list[t.Any]]) -> dict[str, tuple[int, int]]:
    """`name: (uid, gid of its primary group)` of every planned user."""
    assert answer["errors"] == []
    gids = {group["name"]: group["gid"] for group in answer["groups"]}
    return {user["name"]: (user["uid"], gids[user["group"]]) for user in answer["users"]}


DEFAULTS = {"home_root": "/nfs/home", "shell": "/bin/bash"}
BARE = {"n1": node(), "n2": node()}
ADA = node({"ada": (1500, 1500)}, {"ada": 1500})


@pytest.mark.parametrize(
    ("states", "user", "expected"),
    [
        pytest.param(BARE, {"uid": 1234}, (1234, 1234), id="given"),
        pytest.param(BARE, {"uid": "1234"}, (1234, 1234), id="given_as_text"),
        pytest.param(BARE, {}, (20000, 20000), id="allocated"),
        pytest.param({"n1": ADA, "n2": node()}, {}, (1500, 1500), id="adopted_from_one"),
        pytest.param({"n1": ADA, "n2": ADA}, {}, (1500, 1500), id="adopted_from_all"),
        pytest.param({"n1": ADA, "n2": UNREACHABLE}, {}, (1500, 1500), id="adopted_with_a_member_down"),
        pytest.param(
            {"n1": node(), "n2": UNREACHABLE}, {"uid": 77, "gid": 77}, (77, 77), id="given_with_a_member_down"
        ),
        pytest.param({"n1": node({"bob": (20000, 1)}), "n2": node()}, {}, (20001, 20001), id="uid_taken_on_one_node"),
        pytest.param({"n1": node(), "n2": node({}, {"x": 20000})}, {}, (20001, 20001), id="gid_taken_on_one_node"),
        pytest.param(BARE, {"uid": 1234, "gid": 1235}, (1234, 1235), id="uid_and_gid_given"),
        pytest.param(
            {"n1": node({}, {"ada": 20005}), "n2": node()}, {}, (20005, 20005), id="uid_follows_the_group_that_is_there"
        ),
        pytest.param(
            {"n1": node({"bob": (1, 1)}, {"x": 1234}), "n2": node()},
            {"uid": 1234},
            (1234, 20000),
            id="uid_is_no_free_gid",
        ),
        pytest.param(
            {"n1": node({"ada": (1500, 100)}, {"users": 100}), "n2": node({}, {"users": 100})},
            {},
            (1500, 100),
            id="primary_group_adopted",
        ),
        pytest.param(
            {"n1": node({}, {"users": 100}), "n2": node({}, {"users": 100})},
            {"group": "users"},
            (20000, 100),
            id="primary_group_present_everywhere",
        ),
    ],
)
def test_ids_of_a_user(states: dict[str, t.Any], user: dict[str, t.Any], expected: tuple[int, int]) -> None:
    assert ids(plan(states, users=[{"name": "ada", **user}])) == {"ada": expected}


@pytest.mark.parametrize(
    ("states", "user", "words"),
    [
        pytest.param(
            {"n1": ADA, "n2": node({"ada": (1501, 1500)}, {"ada": 1500})},
            {},
            ["user ada", "1500 on n1", "1501 on n2"],
            id="two_nodes_disagree",
        ),
        pytest.param({"n1": node(), "n2": ADA}, {"uid": 7}, ["user ada", "uid 7", "1500 on n2"], id="given_differs"),
        pytest.param(
            {"n1": ADA, "n2": node({"bob": (1500, 1)})},
            {},
            ["uid 1500", "user ada", "bob on n2"],
            id="adopted_id_taken",
        ),
        pytest.param(
            {"n1": node({"bob": (7, 1)})}, {"uid": 7}, ["uid 7", "user ada", "bob on n1"], id="given_id_taken"
        ),
        pytest.param(
            {"n1": node({}, {"ada": 5}), "n2": node({}, {"ada": 6})},
            {},
            ["group ada", "5 on n1", "6 on n2"],
            id="own_group_disagrees",
        ),
        pytest.param(
            {"n1": node({"ada": (1500, 5)}, {"ada": 6, "x": 5})},
            {"group": "ada"},
            ["user ada", "primary group ada (6)", "x (5) on n1"],
            id="primary_group_differs",
        ),
        pytest.param(
            {"n1": node({"ada": (1500, 5)}, {"x": 5}), "n2": node({"ada": (1500, 6)}, {"y": 6})},
            {},
            ["user ada", "x on n1", "y on n2"],
            id="primary_groups_disagree",
        ),
        pytest.param(
            {"n1": node({}, {"users": 100}), "n2": node()},
            {"group": "users"},
            ["user ada", "group users", "n2"],
            id="unknown_primary_group",
        ),
        pytest.param(BARE, {"groups": ["wheel"]}, ["user ada", "group wheel", "n1, n2"], id="unknown_group"),
        pytest.param({"n1": node(), "n2": UNREACHABLE}, {}, ["user ada", "no uid", "n2"], id="member_down"),
        pytest.param(
            {"n1": node({f"u{i}": (i, 1) for i in range(20000, 20010)})},
            {},
            ["accounts_id_range [20000, 20009]"],
            id="range_is_full",
        ),
    ],
)
def test_conflict_names_node_user_and_ids(states: dict[str, t.Any], user: dict[str, t.Any], words: list[str]) -> None:
    answer = plan(states, users=[{"name": "ada", **user}])
    assert len(answer["errors"]) == 1
    assert [word for word in words if word not in answer["errors"][0]] == []
    assert answer["users"] == answer["groups"] == []


def test_each_id_is_allocated_once() -> None:
    answer = plan(
        BARE, users=[{"name": "ada"}, {"name": "bob", "uid": 20000}, {"name": "eve"}], groups=[{"name": "team"}]
    )
    assert ids(answer) == {"ada": (20001, 20001), "bob": (20000, 20000), "eve": (20002, 20002)}
    assert {"name": "team", "gid": 20003} in answer["groups"]


def test_second_plan_keeps_what_the_first_decided() -> None:
    wanted = {"users": [{"name": "ada"}, {"name": "bob"}], "groups": [{"name": "team"}], **DEFAULTS}
    first = plan(BARE, **wanted)
    made = node(ids(first), {g["name"]: g["gid"] for g in first["groups"]})
    for user in first["users"]:
        made["accounts"]["users"][user["name"]].update(home=user["home"], shell=user["shell"])
    assert plan({"n1": made, "n2": made}, **wanted) == first
    assert plan({"n1": made, "n2": node()}, **wanted) == first


@pytest.mark.parametrize(
    ("states", "service", "expected"),
    [
        pytest.param(BARE, {}, (909, 909), id="highest_free"),
        pytest.param(
            {"n1": node({"x": (909, 1)}), "n2": node({}, {"y": 908})}, {}, (907, 907), id="free_on_all_members"
        ),
        pytest.param(BARE, {"uid": 450, "gid": None}, (450, 450), id="given"),
        pytest.param(
            {"n1": node(), "n2": node({"rstudio-server": (998, 997)}, {"rstudio-server": 997})},
            {},
            (998, 997),
            id="adopted_from_a_package",
        ),
    ],
)
def test_ids_of_the_service_account(
    states: dict[str, t.Any], service: dict[str, t.Any], expected: tuple[int, int]
) -> None:
    answer = plan(states, service={"name": "rstudio-server", "group": "rstudio-server", **service})
    assert ids(answer) == {"rstudio-server": expected}
    assert answer["users"][0]["system"] is True
    assert answer["users"][0].get("home") is None


def with_ada(home: str, shell: str) -> dict[str, t.Any]:
    made = node({"ada": (1500, 1500)}, {"ada": 1500})
    made["accounts"]["users"]["ada"].update(home=home, shell=shell)
    return made


@pytest.mark.parametrize(
    ("states", "user", "expected"),
    [
        pytest.param(BARE, {}, ("/nfs/home/ada", "/bin/bash"), id="of_a_new_user"),
        pytest.param({"n1": with_ada("/home/ada", "/bin/zsh")}, {}, ("/home/ada", "/bin/zsh"), id="kept"),
        pytest.param(
            {"n1": node(), "n2": with_ada("/home/ada", "/bin/zsh")},
            {},
            ("/home/ada", "/bin/zsh"),
            id="adopted_for_the_other_node",
        ),
        pytest.param(
            {"n1": with_ada("/home/ada", "/bin/zsh")}, {"shell": "/bin/sh"}, ("/home/ada", "/bin/sh"), id="one_given"
        ),
        pytest.param(
            {"n1": with_ada("/home/ada", "/bin/zsh"), "n2": with_ada("/srv/ada", "/bin/sh")},
            {"home": "/nfs/home/ada", "shell": "/bin/bash"},
            ("/nfs/home/ada", "/bin/bash"),
            id="given_where_nodes_disagree",
        ),
        pytest.param(
            {"n1": with_ada("", ""), "n2": with_ada("/home/ada", "/bin/zsh")},
            {},
            ("/home/ada", "/bin/zsh"),
            id="an_empty_field_counts_as_none",
        ),
        pytest.param({"n1": with_ada("", "")}, {}, ("/nfs/home/ada", "/bin/bash"), id="empty_everywhere"),
    ],
)
def test_home_and_shell_of_a_user(states: dict[str, t.Any], user: dict[str, t.Any], expected: tuple[str, str]) -> None:
    answer = plan(states, users=[{"name": "ada", **user}], **DEFAULTS)
    assert answer["errors"] == []
    assert [(u["home"], u["shell"]) for u in answer["users"]] == [expected]


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (
            {"n1": with_ada("/home/ada", "/bin/sh"), "n2": with_ada("/srv/ada", "/bin/sh")},
            ["user ada", "homes", "/home/ada on n1", "/srv/ada on n2", "home in accounts_users"],
        ),
        (
            {"n1": with_ada("/home/ada", "/bin/sh"), "n2": with_ada("/home/ada", "/bin/zsh"), "n3": node()},
            ["user ada", "shells", "/bin/sh on n1", "/bin/zsh on n2", "shell in accounts_users"],
        ),
    ],
)
def test_homes_and_shells_that_disagree(states: dict[str, t.Any], words: list[str]) -> None:
    answer = plan(states, users=[{"name": "ada"}], **DEFAULTS)
    assert len(answer["errors"]) == 1
    assert [word for word in words if word not in answer["errors"][0]] == []
    assert answer["users"] == []


def test_groups_have_a_name_and_a_gid() -> None:
    """What the module takes: no more than that."""
    answer = plan(BARE, groups=[{"name": "team"}], service={"name": "rstudio-server", "group": "rstudio-server"})
    assert answer["groups"] == [{"name": "team", "gid": 20000}, {"name": "rstudio-server", "gid": 909}]


def test_home_and_shell_are_filled_in() -> None:
    users = [{"name": "ada"}, {"name": "bob", "home": "/srv/bob", "shell": "/bin/zsh"}]
    answer = plan(BARE, users=users, home_root="/nfs/home/", shell="/bin/bash")
    assert [(u["home"], u["shell"]) for u in answer["users"]] == [
        ("/nfs/home/ada", "/bin/bash"),
        ("/srv/bob", "/bin/zsh"),
    ]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"users": [{"name": "1ada"}]}, "user name '1ada'"),
        ({"users": [{"name": "ada:x"}]}, "user name 'ada:x'"),
        ({"users": [{"name": "a" * 33}]}, "at most 32"),
        ({"users": [{"name": "ada\n"}]}, "user name 'ada"),
        ({"groups": [{"name": "a b"}]}, "group name 'a b'"),
        ({"users": [{"name": "ada"}, {"name": "ada"}]}, "user ada is listed more than once"),
        ({"users": [{"name": "ada", "uid": 5}, {"name": "bob", "uid": 5}]}, "ada and bob"),
        ({"groups": [{"name": "a", "gid": 5}, {"name": "b", "gid": "5"}]}, "a and b"),
        ({"users": [{"name": "ada", "uid": 0}]}, "uid 0"),
        ({"users": [{"name": "ada", "uid": 65534}]}, "uid 65534"),
        ({"users": [{"name": "ada", "uid": -1}]}, "uid -1"),
        ({"users": [{"name": "ada", "uid": 2**32}]}, "uid 4294967296"),
        ({"groups": [{"name": "team", "gid": "many"}]}, "gid many"),
        ({"uid_range": [20, 10]}, "accounts_id_range is [20, 10]"),
        ({"uid_range": [5]}, "accounts_id_range is [5]"),
        ({"uid_range": "20000,29999"}, "accounts_id_range is 20000,29999"),
        ({"system_range": []}, "accounts_system_id_range is []"),
        ({"users": [{"name": "ada", "groups": "analysts"}]}, "accounts_users: user ada: groups is analysts"),
        ({"users": "name=ada"}, "accounts_users must be a list"),
        ({"users": ["ada"]}, "accounts_users must be a list"),
        ({"groups": "analysts"}, "accounts_groups must be a list"),
        (
            {"users": [{"name": "ada", "password": "geheim"}]},
            "accounts_users: user ada: password is not a crypt(3) hash",
        ),
        ({"users": [{"name": "ada", "password": 12345}]}, "accounts_users: user ada: password"),
        ({"users": [{"name": "ada", "home": "/home:ada"}]}, "accounts_users: user ada: home"),
        ({"users": [{"name": "ada", "comment": "Ada:1"}]}, "accounts_users: user ada: comment"),
        ({"users": [{"name": "ada", "shell": "/bin/sh\n"}]}, "accounts_users: user ada: shell"),
        ({"service": {"name": "rstudio-server", "uid": 0}}, "accounts_service_uid: "),
        ({"users": [{"name": "rstudio-server"}], "service": {"name": "rstudio-server"}}, "more than once"),
    ],
)
def test_what_is_wrong_whatever_the_nodes_have(wanted: dict[str, t.Any], words: str) -> None:
    problems = account_problems({**RANGES, **wanted})
    assert len(problems) == 1
    assert words in problems[0]
    assert "geheim" not in problems[0]
    assert plan(BARE, **wanted)["errors"] == problems


def test_what_a_user_may_leave_empty() -> None:
    fields = dict.fromkeys(("uid", "group", "groups", "comment", "home", "shell", "password"))
    assert account_problems({**RANGES, "users": [{"name": "ada", **fields}], "groups": None}) == []


@pytest.mark.parametrize("name", ["ada", "Ada_L", "jane.doe", "_svc", "a-1", "a" * 32])
def test_valid_names(name: str) -> None:
    assert account_problems({**RANGES, "users": [{"name": name}]}) == []


def hidden(state: dict[str, t.Any], **accounts: t.Any) -> dict[str, t.Any]:
    """A node whose directory service told, by number, what it does not enumerate."""
    return {**state, "accounts": {**state["accounts"], **accounts}}


def test_a_number_of_somebody_hidden_is_not_given_out() -> None:
    states = {"n1": node(), "n2": hidden(node(), uids={"20000": ["eve"]}, gids={"20001": ["guests"]})}
    assert ids(plan(states, users=[{"name": "ada"}])) == {"ada": (20002, 20002)}
    (problem,) = plan(states, users=[{"name": "ada", "uid": 20000}])["errors"]
    assert "uid 20000 of user ada belongs to another user: eve on n2" in problem


def test_a_number_nobody_was_asked_for_is_not_given_out() -> None:
    asked = {"people": 20001, "system": 909}
    states = {"n1": node(), "n2": hidden(node(), reached=asked, uids={"20000": ["a"], "20001": ["b"], "909": ["c"]})}
    (problem,) = plan(states, users=[{"name": "ada"}])["errors"]
    assert "no uid of accounts_id_range [20000, 20009] is free on all members, of the 2 that were asked for" in problem
    (problem,) = plan(states, service={"name": "rstudio-server", "group": "rstudio-server"})["errors"]
    assert "no uid of accounts_system_id_range [900, 909] is free on all members, of the 1 that were" in problem
    unasked = {"n1": hidden(node(), reached={"people": None, "system": None})}
    assert len(plan(unasked, users=[{"name": "ada"}])["errors"]) == 1


def test_two_names_of_one_number_are_no_conflict_where_the_nodes_have_them() -> None:
    alias = hidden(ADA, uids={"1500": ["lovelace", "ada"]})
    assert ids(plan({"n1": alias, "n2": ADA}, users=[{"name": "ada"}])) == {"ada": (1500, 1500)}


@pytest.mark.parametrize(
    ("field", "values"), [("home", ("/home/\ufffd", "/bin/sh")), ("shell", ("/home/a", "/\ufffd"))]
)
def test_a_path_that_is_no_text_is_not_adopted(field: str, values: tuple[str, str]) -> None:
    states = {"n1": with_ada(*values), "n2": node()}
    (problem,) = plan(states, users=[{"name": "ada"}], **DEFAULTS)["errors"]
    assert f"user ada has a {field} that is no UTF-8" in problem
    assert "on n1" in problem
    assert plan(states, users=[{"name": "ada", field: "/x"}], **DEFAULTS)["errors"] == []
