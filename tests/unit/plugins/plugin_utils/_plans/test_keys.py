# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided about keys. `one`, `two` stand for fingerprints of keys."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import KeyFiles
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import plan_keys
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
) -> Answer:
    """A node's report."""
    keys = {
        "cookie_key": {**file(cookie, size, state), "managed": managed},
        "launcher_private": file(launcher),
        "launcher_public": file(launcher),
        "launcher_pair": pair or ("matches" if launcher else "absent"),
        "stray": [],
        "database_password": {"state": password[0], "key_crc32": password[1]},
        "running": running if running is None else list(running),
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
