# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verb plans for three nodes, by what they tell; a change to that is a line of a table."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision, Options, Told
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.made import HostMade
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import state_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.verbs import NAMING, VERBS, decide
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import plan_lines, unconfirmed
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import (
    ADDRESSES,
    NODES,
    OPTIONS,
    Running,
    keys_plan,
    mounts_plans,
)


def asked(verb: str, cluster: Running, *chosen: str, named: bool = True, **options: t.Any) -> Decision:
    given = t.cast("Options", {**OPTIONS, **options})
    made = dict.fromkeys(NODES, HostMade())
    told = Told(chosen or NODES, named, given, keys_plan(), mounts_plans(), cluster.upgrades(), made)
    return decide(verb, cluster.state(), told)


def steps(decision: Decision) -> list[tuple[str, str, str, str]]:
    assert decision.problems == []
    return [(c["host"], c["what"], c["why"], c["interrupts"]) for c in decision.changes]


def test_a_drained_node_goes_offline_and_its_sessions_suspend() -> None:
    decision = asked("drain_node", Running(), "n1", grace=300)
    assert steps(decision) == [("n1", "goes offline", "Online", "2 sessions (ada, bob): suspended after 300 s")]
    assert decision.seconds == 120 + 300 + 60
    assert steps(asked("drain_node", Running(), "n3")) == [("n3", "goes offline", "Online", "no session")]


@pytest.mark.parametrize(
    ("how", "words", "seconds"),
    [
        ("product", "suspended by the product", 130),
        ("wait", "10 s to end", 130),
        ("suspend", "suspended after 10 s", 190),
        ("interrupt", "suspended after 10 s, computations stopped", 250),
    ],
)
def test_the_plan_says_how_sessions_end_and_how_long_at_most(how: str, words: str, seconds: int) -> None:
    decision = asked("drain_node", Running(), "n2", sessions=how, grace=10)
    assert steps(decision)[0][3] == f"1 session (ada): {words}"
    assert decision.seconds == seconds


def test_a_drain_that_was_cut_off_is_completed_and_one_that_was_not_is_done() -> None:
    assert steps(asked("drain_node", Running().flag("n1", "offline"), "n1")) == [
        ("n1", "its sessions end", "offline already", "2 sessions (ada, bob): suspended")
    ]
    done = asked("drain_node", Running().flag("n3", "offline"), "n3")
    assert (steps(done), done.notes) == ([], {"n3": ["is offline, and has no sessions"]})


@pytest.mark.parametrize("verb", ["drain_node", "undrain_node"])
def test_nodes_are_named(verb: str) -> None:
    assert (
        f"{verb} takes the nodes that it is told: name them, as in --limit n1."
        in asked(verb, Running(), named=False).problems
    )


@pytest.mark.parametrize(
    ("cluster", "chosen", "refused"),
    [
        (Running(), ["n1", "n2"], False),
        (Running(), NODES, True),
        (Running().flag("n2", "offline"), ["n1"], False),
        (Running().flag("n2", "offline").flag("n3", "offline"), ["n1"], True),
        (Running().stopped("n2").flag("n3", "offline"), ["n1"], True),
        (Running().stopped("n2").stopped("n3"), ["n1"], True),
        (Running().stopped("n2").stopped("n3"), ["n2"], False),
    ],
)
def test_the_last_node_that_people_reach_stays(cluster: Running, chosen: list[str], refused: bool) -> None:
    found = asked("drain_node", cluster, *chosen).problems
    assert bool(found) is refused
    assert all("No node would be left that people reach: n1" in problem for problem in found)
    assert asked("drain_node", cluster, *chosen, last=True).problems == []


@pytest.mark.parametrize("verb", VERBS)
def test_what_cannot_be_read_stops_every_verb_unless_it_is_named(verb: str) -> None:
    cluster = Running().gone("n3")
    named: t.Any = {"nodes": ["n1"], "named": False} if verb in NAMING else {}
    (found,) = asked(verb, cluster, "n1", **named).problems
    assert found.startswith("The state of n3 cannot be read: it did not answer.")
    assert '{"operate_without": ["n3"]}' in found
    assert asked(verb, cluster, "n1", without=["n3"], **named).problems == []


def test_a_node_that_is_left_out_is_not_chosen() -> None:
    (found,) = asked("restart", Running().gone("n3"), without=["n3"]).problems
    assert "n3 is to be left out (operate_without), and was chosen" in found


def test_a_node_that_lists_nothing_is_not_read() -> None:
    answers = Running().answers()
    blind = answers["n2"]["cluster"]
    blind["nodes"], blind["status"], blind["errors"] = [], [], ["no connection to the database"]
    (found,) = decide("restart", state_of(NODES, ADDRESSES, answers), Told(NODES, True, OPTIONS)).problems
    assert found.startswith("The state of n2 cannot be read: no connection to the database.")


def test_two_clusters_are_none() -> None:
    answers = Running().answers()
    answers["n2"]["cluster"]["nodes"].pop()
    assert decide("restart", state_of(NODES, ADDRESSES, answers), Told(NODES, True, OPTIONS)).problems == [
        "Nodes list different clusters: see what status and verify say."
    ]


def test_nobody_who_lists_the_cluster() -> None:
    cluster = Running()
    for host in NODES:
        cluster.stopped(host)
    cluster.rows = []
    found = asked("restart", cluster).problems
    assert "No node lists the cluster: see what rstudio-server list-nodes says, and the database." in found


def test_sessions_that_no_page_shows_are_not_none() -> None:
    cluster = Running()
    cluster.page = cluster.page[1:]
    (found,) = asked("drain_node", cluster, "n1").problems
    assert "Which sessions n1 has is not told" in found


def test_the_home_page_of_a_user_is_no_session() -> None:
    cluster = Running()
    cluster.page[0]["sessions"][0]["process"] = "rworkspaces"
    assert steps(asked("drain_node", cluster, "n1"))[0][3] == "1 session (bob): suspended"


def test_undrained_nodes_come_online_and_others_are_left() -> None:
    decision = asked("undrain_node", Running().flag("n3", "offline"), "n2", "n3")
    assert steps(decision) == [("n3", "comes online", "offline", "")]
    assert decision.notes == {"n2": ["is online"]}
    assert steps(asked("undrain_node", Running().stopped("n3"), "n3")) == [
        ("n3", "comes online", "rstudio-server does not run", "")
    ]
    assert steps(asked("undrain_node", Running().flag("n1", "offline"), "n1"))[0][3] == (
        "2 sessions (ada, bob): suspended by the product"
    )


def test_a_restart_goes_from_node_to_node() -> None:
    decision = asked("restart", Running(), named=False)
    assert [(host, what) for host, what, _why, _whom in steps(decision)] == [
        (host, "restarts rstudio-server, rstudio-launcher") for host in NODES
    ]
    assert not decision.together
    assert asked("restart", Running(), restart="at_once").together


@pytest.mark.parametrize(("how", "refused"), [("rolling", True), ("at_once", False)])
def test_a_rolling_restart_needs_a_node_that_stays(how: str, refused: bool) -> None:
    cluster = Running().flag("n2", "offline").flag("n3", "offline")
    assert bool(asked("restart", cluster, restart=how).problems) is refused


def test_nodes_that_do_not_run_start_before_the_others_restart() -> None:
    """As a restart leaves them that stopped at one: running it again completes it."""
    decision = asked("restart", Running().stopped("n2").stopped("n3"))
    assert [(host, what.partition(" ")[0]) for host, what, _why, _whom in steps(decision)] == [
        ("n2", "starts"),
        ("n3", "starts"),
        ("n1", "restarts"),
    ]
    (found,) = asked("restart", Running().stopped("n2").stopped("n3"), "n1").problems
    assert "No node would be left that people reach: n1 goes, n2, n3 lets nobody in" in found


def test_a_node_that_was_never_built_is_left_alone() -> None:
    cluster = Running().stopped("n3")
    cluster.bare.add("n3")
    cluster.rows.pop()
    assert asked("restart", cluster).notes == {"n3": ["is not installed yet"]}
    assert "n3 is no node of the cluster yet" in asked("drain_node", cluster, "n3").problems[0]


ROW9 = {"id": 4, "host": "n9", "port": 8787}


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        (
            Running().stranger("Offline", on_page=False),
            "Offline, last seen 2026-Nov-21 10:00:00; no host of the inventory",
        ),
        (
            Running().stranger("Online", flag="unreachable"),
            "Online, last seen 2026-Nov-21 10:00:00; no host of the inventory",
        ),
        (
            Running().stranger("Missed check-in", flag="unreachable"),
            "Missed check-in, last seen 2026-Nov-21 10:00:00; no host of the inventory",
        ),
    ],
)
def test_rows_with_no_machine_behind_them_are_forgotten(cluster: Running, why: str) -> None:
    decision = asked("forget_stale_nodes", cluster, named=False)
    assert steps(decision) == [("n1", "row 4, n9:8787, is deleted", why, "")]
    assert [*decision.rows] == [ROW9]


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        (Running().stranger("Online"), "n1, n2, n3 reaches it: it lives"),
        (Running().stranger("Online", flag="offline"), "it lives"),
        (Running().stranger("Online", on_page=False), "no node says if it lives"),
        (Running().stranger("Starting", on_page=False), "no node says if it lives"),
    ],
)
def test_rows_of_what_may_live_stay(cluster: Running, words: str) -> None:
    decision = asked("forget_stale_nodes", cluster)
    assert (steps(decision), decision.rows) == ([], [])
    assert words in decision.notes["n9"][0]


def test_rows_of_members_stay_whatever_they_are() -> None:
    assert steps(asked("forget_stale_nodes", Running().stopped("n3"))) == []
    assert steps(asked("forget_stale_nodes", Running().gone("n3"), "n1", without=["n3"])) == []


def test_a_row_that_may_be_a_silent_members_stays() -> None:
    """Only a node itself knows all its names."""
    cluster = Running().gone("n3").stranger("Offline", on_page=False)
    cluster.rows.pop(2)
    cluster.page.pop(2)
    decision = asked("forget_stale_nodes", cluster, "n1", without=["n3"])
    assert (steps(decision), decision.notes["n9"]) == ([], ["is row 4, which may be that of n3, not read"])


def test_rows_are_deleted_by_a_node_of_the_run() -> None:
    stale = Running().stranger("Offline", on_page=False)
    assert steps(asked("forget_stale_nodes", stale, "n2"))[0][0] == "n2"
    (found,) = asked("forget_stale_nodes", stale.stopped("n2"), "n2").problems
    assert "No node of this run could delete a row" in found


@pytest.mark.parametrize(("confirmed", "missing"), [("", True), ("forget_stale_nodes", False), ("teardown", True)])
def test_what_cannot_be_undone_is_confirmed_by_name(confirmed: str, missing: bool) -> None:
    decision = asked("forget_stale_nodes", Running().stranger("Offline", on_page=False))
    said = unconfirmed("forget_stale_nodes", decision, confirmed)
    assert ("-e operate_confirmed=forget_stale_nodes" in said) is missing
    assert unconfirmed("forget_stale_nodes", asked("forget_stale_nodes", Running()), "") == ""
    assert unconfirmed("drain_node", asked("drain_node", Running(), "n1"), "") == ""


def test_the_plan_of_a_drain_in_words() -> None:
    state = Running().flag("n3", "offline").state()
    decision = decide("drain_node", state, Told(["n1", "n3"], True, OPTIONS))
    assert plan_lines("workbench", "drain_node", state, decision) == [
        "PLAN workbench, drain_node: 3 nodes",
        "  n1  drain_node  goes offline  Online  2 sessions (ada, bob): suspended",
        "  Left as it is:",
        "  n3: is offline, and has no sessions",
        "  1 step on 1 node, at most 180 s. People have n2 meanwhile.",
    ]


def test_the_plan_of_a_restart_in_words() -> None:
    state = Running().state()
    decision = decide("restart", state, Told(NODES, False, {**OPTIONS, "restart": "at_once"}))
    assert plan_lines("workbench", "restart", state, decision)[-1] == (
        "  3 steps on 3 nodes, all together, at most 180 s each."
    )
    assert plan_lines("workbench", "restart", state, asked("restart", Running()))[-1] == (
        "  3 steps on 3 nodes, one after the other, at most 180 s each."
    )


def test_nothing_to_do_in_words() -> None:
    state = Running().state()
    assert plan_lines("workbench", "forget_stale_nodes", state, asked("forget_stale_nodes", Running())) == [
        "PLAN workbench, forget_stale_nodes: 3 nodes",
        "  Nothing to do.",
    ]
