# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rotate_keys plans for three nodes, by what they and their keys tell; also where an earlier run was cut off."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision, Options, Told
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.verbs import decide
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import plan_lines, unconfirmed
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import (
    NODES,
    OPTIONS,
    Running,
    keys_plan,
)


def asked(cluster: Running, *chosen: str, without: t.Sequence[str] = (), **keys: t.Any) -> Decision:
    options = t.cast("Options", {**OPTIONS, "without": [*without]})
    return decide("rotate_keys", cluster.state(), Told(chosen or NODES, False, options, keys_plan(**keys)))


def steps(decision: Decision) -> list[tuple[str, str, str, str]]:
    assert decision.problems == []
    return [(c["host"], c["what"], c["why"], c["interrupts"]) for c in decision.changes]


def all_down() -> Running:
    return Running().stopped("n1").stopped("n2").stopped("n3")


def test_all_stop_get_new_keys_and_start() -> None:
    decision = asked(Running())
    assert steps(decision) == [
        ("n1", "stops, gets new keys, starts", "Online", "2 sessions (ada, bob): suspended"),
        ("n2", "stops, gets new keys, starts", "Online", "1 session (ada): suspended"),
        ("n3", "stops, gets new keys, starts", "Online", "no session"),
    ]
    assert decision.plays == {"reset": ["n1"], "stop": NODES, "write": NODES, "start": NODES, "done": NODES}


def test_the_plan_says_that_everybody_signs_in_again_and_is_confirmed_by_name() -> None:
    decision, state = asked(Running()), Running().state()
    assert plan_lines("workbench", "rotate_keys", state, decision)[-2:] == [
        "  secure-cookie-key 111111111111 and launcher key 111111111111 go. Nobody can work until the first node is back, "
        "and everybody signs in again.",
        "  3 steps on 3 nodes, all together, at most 300 s each.",
    ]
    assert "-e operate_confirmed=rotate_keys" in unconfirmed("rotate_keys", decision, "")
    assert unconfirmed("rotate_keys", decision, "rotate_keys") == ""


def test_what_is_wrong_with_the_keys_stops_it() -> None:
    assert asked(Running(), errors=["The secure-cookie-key cannot be rotated while …"]).problems == [
        "The secure-cookie-key cannot be rotated while …"
    ]
    (found,) = decide("rotate_keys", Running().state(), Told(NODES, False, OPTIONS)).problems
    assert "keys of the nodes were not read" in found


def test_of_a_node_that_does_not_answer_only_that_is_said() -> None:
    (found,) = asked(Running().gone("n3"), errors=["… n3 cannot be reached …"]).problems
    assert found.startswith("The state of n3 cannot be read")


def test_a_dead_node_that_is_left_out_keeps_its_row_and_the_cluster_is_reset() -> None:
    decision = asked(Running().gone("n3"), "n1", "n2", without=["n3"])
    assert [host for host, *_rest in steps(decision)] == ["n1", "n2"]
    assert decision.plays["reset"] == ["n1"]


def test_the_cluster_is_reset_by_a_node_that_runs() -> None:
    decision = asked(Running().stopped("n1"))
    assert decision.plays["reset"] == ["n2"]
    assert steps(decision)[0][:3] == ("n1", "gets new keys, starts", "rstudio-server does not run")


def test_rows_with_no_machine_behind_them_go_before() -> None:
    decision = asked(Running().stranger("Offline", on_page=False))
    assert [row["id"] for row in decision.rows] == [4]
    assert steps(decision)[-1][:2] == ("n1", "row 4, n9:8787, is deleted")
    lines = plan_lines("workbench", "rotate_keys", Running().state(), decision)
    assert "People have" not in lines[-1]
    assert {change["role"] for change in decision.changes} == {"rotate_keys"}


@pytest.mark.parametrize("cluster", [Running().stranger("Online"), Running().stranger("Online", on_page=False)])
def test_a_stranger_that_may_live_would_keep_the_old_keys(cluster: Running) -> None:
    (found,) = asked(cluster).problems
    assert found.startswith("n9 is row 4")
    assert "would keep the old keys" in found


def test_nodes_that_are_all_down_need_no_reset_unless_one_was_killed() -> None:
    assert asked(all_down()).plays["reset"] == []
    killed = all_down()
    killed.rows[1]["status"] = "Online"
    (found,) = asked(killed).problems
    assert found.startswith("n2 is not Offline in rstudio-server list-nodes, though no node runs")
    assert asked(killed, begun=True).problems == [], "the run before has reset it before it stopped the first"


def test_a_node_that_is_not_built_is_completed_before() -> None:
    cluster = Running().stopped("n3")
    cluster.bare.add("n3")
    (found,) = asked(cluster).problems
    assert "n3 is not built yet" in found


def test_sessions_that_no_page_shows_are_not_none() -> None:
    cluster = Running()
    cluster.page = cluster.page[1:]
    (found,) = asked(cluster).problems
    assert "Which sessions n1 has is not told" in found


@pytest.mark.parametrize("cluster", [Running(), Running().stopped("n2"), all_down()])
def test_cut_off_before_all_have_the_new_keys_all_stop_again(cluster: Running) -> None:
    decision = asked(cluster, begun=True, write_to=["n2", "n3"])
    assert [host for host, *_rest in steps(decision)] == NODES
    assert decision.plays["write"] == NODES
    assert decision.warning.startswith("An earlier run was cut off, and is finished.")


@pytest.mark.parametrize(
    ("cluster", "starting"), [(all_down(), NODES), (Running().stopped("n3"), ["n3"]), (Running(), [])]
)
def test_cut_off_after_that_the_rest_starts_and_nobody_signs_in_again(cluster: Running, starting: list[str]) -> None:
    decision = asked(cluster, begun=True, write_to=[])
    assert decision.problems == []
    assert decision.plays == {"start": starting, "done": NODES}
    assert [c["what"] for c in decision.changes] == ["starts" if n in starting else "has its new keys" for n in NODES]
    assert "Who signed in since stays so" in decision.warning


def test_cut_off_a_password_under_the_old_key_is_no_end() -> None:
    assert "write" in asked(all_down(), begun=True, write_to=[], losing=["n1"]).plays
