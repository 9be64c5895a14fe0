# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided about keys. `one`, `two` stand for fingerprints of keys."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import KeyFiles
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import KeysPlan, plan_keys
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

ONE, TWO = "1" * 64, "2" * 64
DOWN: Answer = {"state": "unreachable"}


def file(sha256: str | None, size: int = 37, state: str | None = None) -> dict[str, t.Any]:
    found = state or ("present" if sha256 else "absent")
    return {"state": found, "sha256": sha256, "size": size if sha256 else None, "crc32": sha256 and sha256[:8]}


def node(
    cookie: str | None = None,
    launcher: str | None = None,
    *,
    size: int = 37,
    managed: bool = False,
    pair: str | None = None,
    state: str | None = None,
    password: tuple[str, str | None] = ("absent", None),
    running: t.Sequence[str] | None = (),
    path: str = "/etc/rstudio/secure-cookie-key",
    encrypted: t.Sequence[str] = (),
    replaced: t.Mapping[str, list[str]] | None = None,
) -> Answer:
    """A node's report."""
    keys = {
        "cookie_key": {**file(cookie, size, state), "managed": managed, "path": path},
        "launcher_private": file(launcher),
        "launcher_public": file(launcher),
        "launcher_pair": pair or ("matches" if launcher else "absent"),
        "stray": [],
        "database_password": {"state": password[0], "key_crc32": password[1]},
        "encrypted": list(encrypted),
        "running": running if running is None else list(running),
        "replaced": replaced,
    }
    key_files: KeyFiles = t.cast("KeyFiles", keys)
    return {"state": "reachable", "key_files": key_files}


BARE = node()


def cookie(states: dict[str, Answer], **options: t.Any) -> tuple[t.Any, ...]:
    """`(action, source, sha256, write_to)` of the cookie key; without launcher keys about which to complain."""
    answer = plan_keys(states, **options)
    assert answer["errors"] == []
    decision = answer["cookie_key"]
    return decision["action"], decision["source"], decision["sha256"], decision["write_to"]


def both(sha256: str | None) -> Answer:
    return node(sha256, sha256)


@pytest.mark.parametrize(
    ("states", "options", "expected"),
    [
        pytest.param({"n1": BARE, "n2": BARE}, {}, ("generate", None, None, ["n1", "n2"]), id="none"),
        pytest.param({"n1": both(ONE), "n2": both(ONE)}, {}, ("keep", "n1", ONE, []), id="existing_on_all"),
        pytest.param({"n1": BARE, "n2": both(ONE)}, {}, ("adopt", "n2", ONE, ["n1"]), id="existing_on_one"),
        pytest.param(
            {"n1": both(ONE), "n2": both(TWO)},
            {"adopt_from": "n2"},
            ("adopt", "n2", TWO, ["n1"]),
            id="two_different_settled_by_adopt_from",
        ),
        pytest.param(
            {"n1": both(ONE), "n2": BARE},
            {"supplied": {"cookie_key": ONE, "launcher": ONE}},
            ("supplied", None, ONE, ["n2"]),
            id="supplied_matches",
        ),
        pytest.param(
            {"n1": BARE, "n2": DOWN},
            {"supplied": {"cookie_key": ONE, "launcher": ONE}},
            ("supplied", None, ONE, ["n1"]),
            id="supplied_with_a_member_down",
        ),
        pytest.param(
            {"n1": both(ONE), "n2": both(ONE), "new": BARE}, {}, ("adopt", "n1", ONE, ["new"]), id="limit_new_node"
        ),
        pytest.param({"n1": both(ONE), "n2": DOWN}, {}, ("keep", "n1", ONE, []), id="existing_with_a_member_down"),
        pytest.param(
            {"n1": both(ONE), "n2": BARE, "n3": BARE},
            {},
            ("adopt", "n1", ONE, ["n2", "n3"]),
            id="interrupted_after_generate",
        ),
        pytest.param(
            {"n1": both(ONE), "n2": both(ONE)},
            {"policy": "rotate"},
            ("generate", None, None, ["n1", "n2"]),
            id="rotate",
        ),
        pytest.param(
            {"n1": both(ONE), "n2": both(TWO)},
            {"policy": "rotate", "supplied": {"cookie_key": TWO, "launcher": TWO}},
            ("supplied", None, TWO, ["n1"]),
            id="rotate_to_a_supplied_key",
        ),
        pytest.param(
            {"n1": node(ONE, ONE, size=31)},
            {"policy": "rotate"},
            ("generate", None, None, ["n1"]),
            id="rotate_a_short_key",
        ),
        pytest.param({"n1": both(ONE), "n2": BARE}, {"policy": "fail"}, ("adopt", "n1", ONE, ["n2"]), id="fail_adopts"),
        pytest.param(
            {"n1": both(ONE), "n2": both(TWO)},
            {"policy": "rotate", "supplied": {"cookie_key": TWO, "launcher": TWO}, "present": ["n1"]},
            ("supplied", None, TWO, ["n1"]),
            id="rotate_where_all_that_differ_are_in_the_run",
        ),
        pytest.param(
            {"n1": both(ONE), "new": BARE}, {"present": ["new"]}, ("adopt", "n1", ONE, ["new"]), id="limit_adopts"
        ),
        pytest.param({"n1": both(ONE)}, {"policy": "never"}, ("keep", "n1", ONE, []), id="never_keeps"),
        pytest.param(
            {"n1": node(ONE, ONE, managed=True), "n2": BARE},
            {},
            ("adopt", "n1", ONE, ["n1", "n2"]),
            id="adopted_from_var_lib",
        ),
    ],
)
def test_decision(states: dict[str, t.Any], options: dict[str, t.Any], expected: tuple[t.Any, ...]) -> None:
    assert cookie(states, **options) == expected


@pytest.mark.parametrize(
    ("states", "options", "words"),
    [
        pytest.param(
            {"n1": node(ONE), "n2": node(TWO), "n3": node(ONE)},
            {},
            ["111111111111 on n1, n3", "222222222222 on n2", "keys_adopt_from", "keys_policy=rotate"],
            id="two_different",
        ),
        pytest.param(
            {"n1": node(ONE)},
            {"supplied": {"cookie_key": TWO}},
            ["222222222222", "111111111111 on n1", "keys_cookie_key", "keys_policy=rotate"],
            id="supplied_differs",
        ),
        pytest.param({"n1": BARE, "n2": DOWN}, {}, ["n2", "keys_members", "keys_cookie_key"], id="unreachable_member"),
        pytest.param(
            {"n1": node(state="unreadable")}, {}, ["n1", "cannot be read", "keys_policy=rotate"], id="unreadable"
        ),
        pytest.param({"n1": node(ONE, size=31)}, {}, ["n1", "32 bytes", "keys_policy=rotate"], id="short"),
        pytest.param({"n1": node(ONE)}, {"adopt_from": "n9"}, ["n9", "no member", "n1"], id="adopt_from_a_stranger"),
        pytest.param(
            {"n1": node(ONE), "n2": DOWN}, {"adopt_from": "n2"}, ["n2", "reached"], id="adopt_from_a_member_down"
        ),
        pytest.param(
            {"n1": node(ONE), "n2": BARE}, {"adopt_from": "n2"}, ["n2", "has none", "n1"], id="adopt_from_nothing"
        ),
        pytest.param(
            {"n1": node(ONE), "n2": node(ONE, running=["rstudio-server", "rstudio-launcher"])},
            {"policy": "rotate"},
            ["n2: rstudio-server, rstudio-launcher", "systemctl stop rstudio-server rstudio-launcher"],
            id="rotate_under_a_running_server",
        ),
        pytest.param(
            {"n1": node(ONE), "n2": node(TWO, running=["rstudio-launcher"])},
            {"policy": "rotate", "supplied": {"cookie_key": TWO}, "present": ["n1"]},
            ["n2: rstudio-launcher"],
            id="rotate_under_a_server_outside_the_run",
        ),
        pytest.param(
            {"n1": node(ONE, running=None)}, {"policy": "rotate"}, ["n1: systemd does not say"], id="rotate_in_the_dark"
        ),
        pytest.param(
            {"n1": node(ONE), "n2": DOWN}, {"policy": "rotate"}, ["n2", "keys_members"], id="rotate_without_all"
        ),
        pytest.param({"n1": BARE}, {"policy": "fail"}, ["keys_policy=fail", "keys_policy=adopt"], id="fail_makes_none"),
        pytest.param(
            {"n1": node(ONE), "n2": node(ONE), "n3": node(ONE)},
            {"policy": "rotate", "present": ["n1"]},
            ["n2, n3", "outside this run", "--limit"],
            id="rotate_some",
        ),
        pytest.param(
            {"n1": node(TWO), "n2": node(ONE)},
            {"policy": "rotate", "supplied": {"cookie_key": TWO}, "present": ["n1"]},
            ["n2", "--limit"],
            id="rotate_some_to_a_supplied_key",
        ),
        pytest.param(
            {"n1": BARE}, {"policy": "never"}, ["keys_policy=never", "keys_cookie_key"], id="never_makes_none"
        ),
        pytest.param(
            {"n1": node(ONE), "n2": BARE},
            {"policy": "never"},
            ["111111111111", "n2", "keys_policy=adopt"],
            id="never_writes",
        ),
    ],
)
def test_error_says_who_has_what_and_what_resolves_it(
    states: dict[str, t.Any], options: dict[str, t.Any], words: list[str]
) -> None:
    answer = plan_keys(states, **options)
    errors = [error for error in answer["errors"] if "secure-cookie-key" in error]
    assert len(errors) == 1
    assert [word for word in words if word not in errors[0]] == []
    assert answer["cookie_key"] == {"action": None, "source": None, "sha256": None, "write_to": []}
    assert ONE not in errors[0]
    assert errors[0].endswith(".")


@pytest.mark.parametrize(
    ("pair", "write_to"),
    [("matches", []), ("differs", ["n2"]), ("absent", ["n2"]), ("unknown", [])],
)
def test_public_half_follows_the_private_key(pair: str, write_to: list[str]) -> None:
    launcher = plan_keys({"n1": both(ONE), "n2": node(ONE, ONE, pair=pair)})["launcher"]
    assert (launcher["sha256"], launcher["source"], launcher["write_to"]) == (ONE, "n1", write_to)


def test_launcher_key_comes_from_a_whole_pair() -> None:
    launcher = plan_keys({"n1": node(ONE, ONE, pair="absent"), "n2": both(ONE)})["launcher"]
    assert (launcher["source"], launcher["pair"], launcher["write_to"]) == ("n2", "matches", ["n1"])


def test_launcher_conflict_names_its_own_variable() -> None:
    error = plan_keys({"n1": both(ONE)}, {"launcher": TWO})["errors"]
    assert len(error) == 1
    assert "keys_launcher_private_key" in error[0]


@pytest.mark.parametrize(
    ("password", "source"),
    [
        (("absent", None), None),
        (("none", None), None),
        (("plain", None), "n2"),
        (("encrypted", ONE[:8]), "n2"),
        (("encrypted", TWO[:8]), None),
    ],
)
def test_database_password_is_read_where_it_can_be(password: tuple[str, str | None], source: str | None) -> None:
    answer = plan_keys({"n1": both(ONE), "n2": node(ONE, ONE, password=password), "n3": DOWN})
    assert answer["database_conf"] == {"source": source, "key_source": source, "write_to": []}
    assert answer["errors"] == []
    assert answer["sources"] == (["n1", "n2"] if source else ["n1"])


@pytest.mark.parametrize(
    ("states", "source", "key_source"),
    [
        pytest.param({"n1": node(password=("plain", None))}, "n1", None, id="plain, no key"),
        pytest.param(
            {"n1": node(password=("encrypted", ONE[:8])), "n2": both(ONE)}, "n1", "n2", id="the key is on another"
        ),
        pytest.param(
            {"n1": node(password=("encrypted", ONE[:8])), "n2": node(ONE, ONE, password=("encrypted", ONE[:8]))},
            "n2",
            "n2",
            id="password and key on one",
        ),
    ],
)
def test_database_password_and_its_key(states: dict[str, t.Any], source: str, key_source: str | None) -> None:
    answer = plan_keys(states, password="find")
    assert answer["database_conf"] == {**answer["database_conf"], "source": source, "key_source": key_source}
    assert not [error for error in answer["errors"] if "database" in error]
    assert {source, key_source} - {None} <= set(answer["sources"])


@pytest.mark.parametrize(
    ("states", "given", "write_to"),
    [
        pytest.param(
            {"n1": both(ONE), "n2": node(TWO, TWO, password=("encrypted", TWO[:8]))}, False, ["n2"], id="lost"
        ),
        pytest.param({"n1": both(ONE), "n2": node(TWO, TWO, password=("encrypted", TWO[:8]))}, True, [], id="given"),
        pytest.param({"n1": both(ONE), "n2": node(TWO, TWO, password=("plain", None))}, False, [], id="plain"),
        pytest.param({"n1": node(ONE, ONE, password=("encrypted", ONE[:8])), "n2": BARE}, False, [], id="key stays"),
        pytest.param({"n1": both(ONE), "n2": node(None, ONE, password=("encrypted", TWO[:8]))}, False, [], id="unread"),
    ],
)
def test_database_conf_is_written_anew_where_its_key_goes(
    states: dict[str, t.Any], given: bool, write_to: list[str]
) -> None:
    assert plan_keys(states, adopt_from="n1", given=given)["database_conf"]["write_to"] == write_to


LOST = node(ONE, ONE, password=("encrypted", TWO[:8]))


@pytest.mark.parametrize(
    ("states", "password", "words"),
    [
        pytest.param({"n1": BARE, "n2": BARE}, "make", [], id="first run"),
        pytest.param({"n1": node(ONE, ONE, password=("none", None))}, "make", [], id="keys made, the package's file"),
        pytest.param({"n1": both(ONE)}, "known", [], id="given"),
        pytest.param(
            {"n1": both(ONE)}, "find", ["database_manage=false", "database_password", "connection-uri"], id="none"
        ),
        pytest.param({"n1": LOST, "n2": both(ONE)}, "known", [], id="lost and given"),
        pytest.param(
            {"n1": LOST, "n2": both(ONE)},
            "make",
            ["on n1 is", TWO[:8], "database_password", "keys_adopt_from"],
            id="lost",
        ),
        pytest.param({"n1": LOST}, "find", ["n1", TWO[:8], "database_password"], id="lost, another's server"),
        pytest.param(
            {"n1": LOST, "n2": node(ONE, ONE, password=("encrypted", ONE[:8]))},
            "find",
            [],
            id="lost on one, read on another",
        ),
    ],
)
def test_no_password_is_made_where_one_is_or_must_be(states: dict[str, t.Any], password: str, words: list[str]) -> None:
    errors = plan_keys(states, password=password)["errors"]
    assert len(errors) == (1 if words else 0)
    assert [word for word in words if word not in errors[0]] == []


GOES = {"cookie_key": [ONE[:12]], "launcher": [ONE[:12]]}


def begun(sha256: str, **more: t.Any) -> Answer:
    """A node where a replacement of ONE was begun."""
    return node(sha256, sha256, replaced=GOES, **more)


def replacing(states: dict[str, Answer], **options: t.Any) -> KeysPlan:
    return plan_keys(states, **{"rotation": "stopped", **options})


def test_a_replacement_takes_away_all_keys_there_are() -> None:
    plan = replacing({"n1": both(ONE), "n2": both(TWO)})
    assert (plan["begun"], plan["replaced"]) == (
        False,
        {"cookie_key": [ONE[:12], TWO[:12]], "launcher": [ONE[:12], TWO[:12]]},
    )
    assert (plan["cookie_key"]["action"], plan["launcher"]["action"]) == ("generate", "generate")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param({"n1": begun(ONE), "n2": both(ONE)}, ("generate", None, ["n1", "n2"]), id="only marked"),
        pytest.param({"n1": begun(TWO), "n2": begun(ONE)}, ("adopt", "n1", ["n2"]), id="one has the new key"),
        pytest.param({"n1": begun(TWO), "n2": both(ONE)}, ("adopt", "n1", ["n2"]), id="the other has no mark"),
        pytest.param({"n1": begun(TWO), "n2": begun(TWO)}, ("keep", "n1", []), id="all have it"),
        pytest.param({"n1": both(TWO), "n2": begun(TWO)}, ("keep", "n1", []), id="all have it, one is done"),
    ],
)
def test_a_replacement_that_was_cut_off_goes_on_with_the_new_key(
    states: dict[str, Answer], expected: tuple[t.Any, ...]
) -> None:
    plan = replacing(states)
    assert (plan["begun"], plan["replaced"], plan["errors"]) == (True, GOES, [])
    for part in (plan["cookie_key"], plan["launcher"]):
        assert (part["action"], part["source"], part["write_to"]) == expected


def test_cut_off_between_two_files_each_key_goes_on_by_itself() -> None:
    plan = replacing({"n1": node(TWO, ONE, replaced=GOES), "n2": begun(ONE)})
    assert (plan["cookie_key"]["action"], plan["cookie_key"]["source"]) == ("adopt", "n1")
    assert (plan["launcher"]["action"], plan["launcher"]["write_to"]) == ("generate", ["n1", "n2"])


@pytest.mark.parametrize("given", [False, True])
def test_the_password_follows_the_new_key_also_on_a_node_that_was_cut_off_between_the_two(given: bool) -> None:
    old = ("encrypted", ONE[:8])
    plan = replacing({"n1": begun(TWO, password=old), "n2": begun(ONE, password=old)}, given=given)
    assert plan["database_conf"]["write_to"] == ["n1", "n2"]
    done = replacing({"n1": begun(TWO, password=("encrypted", TWO[:8]))}, given=given)
    assert done["database_conf"]["write_to"] == []


def test_which_member_is_right_is_asked_only_where_there_are_two_new_keys() -> None:
    three = "3" * 64
    assert replacing({"n1": both(ONE), "n2": both(ONE)}, adopt_from="n2")["cookie_key"]["action"] == "generate"
    assert replacing({"n1": begun(TWO), "n2": begun(ONE)}, adopt_from="n2")["cookie_key"]["source"] == "n1"
    states = {"n1": begun(TWO), "n2": begun(three)}
    assert "keys_adopt_from" in replacing(states)["errors"][0]
    assert replacing(states, adopt_from="n2")["cookie_key"]["source"] == "n2"


def test_a_given_key_is_a_new_one() -> None:
    given = {"supplied": {"cookie_key": TWO, "launcher": TWO}}
    assert replacing({"n1": both(ONE)}, **given)["cookie_key"]["action"] == "supplied"
    assert replacing({"n1": begun(TWO), "n2": begun(ONE)}, **given)["cookie_key"]["write_to"] == ["n2"]
    for states in ({"n1": both(TWO)}, {"n1": node(ONE, replaced={"cookie_key": [TWO[:12]], "launcher": [TWO[:12]]})}):
        errors = replacing(states, **given)["errors"]
        assert [word for word in ("keys_cookie_key", "keys_launcher_private_key") if word not in " ".join(errors)] == []
        assert "is the one that is to go" in errors[0]


def test_a_verb_that_will_stop_the_nodes_plans_while_they_run() -> None:
    states = {"n1": node(ONE, ONE, running=["rstudio-server"])}
    assert replacing(states, rotation="planned")["errors"] == []
    assert "while Workbench runs" in replacing(states)["errors"][0]


def test_outside_the_verb_a_replacement_that_was_cut_off_is_neither_begun_anew_nor_guessed() -> None:
    for policy in ("rotate", "adopt"):
        (cookie_key, launcher) = plan_keys({"n1": begun(TWO), "n2": begun(ONE)}, policy=policy)["errors"]
        assert "finish it with the playbook rotate_keys" in cookie_key
        assert "finish it with the playbook rotate_keys" in launcher
    assert plan_keys({"n1": begun(TWO), "n2": begun(TWO)})["errors"] == []


def test_a_member_that_is_silent_is_left_out_by_the_verbs_own_variable() -> None:
    assert "operate_without" in replacing({"n1": both(ONE), "n2": DOWN})["errors"][0]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (node(ONE, ONE, path="/mnt/key"), ["n1 reads its secure-cookie-key from /mnt/key", "Run site first"]),
        (node(ONE, ONE, encrypted=["openid-client-secret"]), ["openid-client-secret on n1", "in plain text first"]),
    ],
)
def test_what_a_new_key_would_not_reach_or_make_unreadable_stops_the_verb(state: Answer, words: list[str]) -> None:
    (error,) = replacing({"n1": state})["errors"]
    assert [word for word in words if word not in error] == []
    assert plan_keys({"n1": state}, policy="rotate")["errors"] == []


def test_keys_that_are_others_are_not_replaced_and_any_other_policy_is() -> None:
    (error,) = replacing({"n1": both(ONE)}, policy="never")["errors"]
    assert "keys_policy=never leaves the keys to others" in error
    for policy in ("adopt", "fail", "rotate"):
        assert replacing({"n1": both(ONE)}, policy=policy)["cookie_key"]["action"] == "generate"
