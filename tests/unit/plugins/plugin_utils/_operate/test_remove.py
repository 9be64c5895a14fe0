# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How nodes leave a cluster of three, by what they tell."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import (
    plan_lines,
    unconfirmed,
    what_is_left,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import NODES, Running
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.test_verbs import asked, steps

ROW1 = {"id": 1, "host": "n1", "port": 8787}
DELETED = ("n2", "row 1, n1:8787, is deleted", "of n1", "")


def removed(cluster: Running, *nodes: str, named: bool = False, **options: t.Any) -> Decision:
    return asked("remove_node", cluster, named=named, nodes=[*nodes], **options)


def test_a_node_leaves_when_its_sessions_ended_and_another_deletes_its_row() -> None:
    decision = removed(Running(), "n1", grace=60)
    assert steps(decision) == [
        ("n1", "goes offline, and stops", "Online", "2 sessions (ada, bob): suspended after 60 s"),
        DELETED,
    ]
    assert decision.plays == {"drained": ["n1"], "forgotten": ["n2"], "told": ["n1"], "left": ["n2"]}
    assert ([*decision.rows], decision.leaving, decision.outside) == ([ROW1], ["n1"], ["n1"])
    assert decision.adds is False


def test_one_that_was_stopped_leaves_as_well() -> None:
    assert steps(removed(Running().stopped("n1"), "n1")) == [
        ("n1", "is kept from starting", "rstudio-server does not run", ""),
        DELETED,
    ]


def test_a_removal_that_was_cut_off_is_completed() -> None:
    """Its row is deleted last of what is done to the node; what others are without it the plan of site says."""
    cluster = Running().stopped("n1")
    cluster.rows.pop(0)
    decision = removed(cluster, "n1")
    assert (steps(decision), decision.leaving) == ([], ["n1"])
    assert decision.plays == {"drained": [], "forgotten": [], "told": ["n1"], "left": ["n2"]}
    assert unconfirmed("remove_node", decision, "") == ""


def test_a_dead_node_leaves_when_it_is_named_as_one() -> None:
    cluster = Running().gone("n1")
    assert "The state of n1 cannot be read" in removed(cluster, "n1", sessions="product").problems[0]
    decision = removed(cluster, "n1", without=["n1"], sessions="product")
    assert steps(decision) == [DELETED]
    assert decision.notes == {"n1": ["is not touched, for it did not answer; see that it does not start again"]}
    assert decision.outside == ["n1"]
    assert decision.plays == {"drained": [], "forgotten": ["n2"], "told": [], "left": ["n2"]}


def test_sessions_of_a_dead_node_are_given_up_by_whoever_says_so() -> None:
    cluster = Running().gone("n1")
    (found,) = removed(cluster, "n1", without=["n1"]).problems
    assert "had sessions of ada, bob" in found
    assert "-e operate_sessions=product" in found
    cluster.page[0]["sessions"] = []
    assert removed(cluster, "n1", without=["n1"]).problems == []


def test_a_node_that_only_ansible_does_not_reach_is_not_dead() -> None:
    cluster = Running()
    cluster.silent.add("n1")
    found = removed(cluster, "n1", without=["n1"], sessions="product").problems
    assert found == [
        "n1 cannot be read, and lives: n2, n3 reaches it. Stop rstudio-server there, or have it answer Ansible."
    ]


def test_a_node_leaves_while_another_is_down() -> None:
    decision = removed(Running().gone("n3"), "n1", without=["n3"])
    assert [host for host, *_rest in steps(decision)] == ["n1", "n2"]
    assert decision.outside == ["n1", "n3"]


def test_sessions_that_no_page_shows_keep_their_node() -> None:
    cluster = Running()
    cluster.page = cluster.page[1:]
    assert "Which sessions n1 has is not told" in removed(cluster, "n1").problems[0]


@pytest.mark.parametrize(
    ("cluster", "nodes", "how", "words"),
    [
        pytest.param(
            Running(version="1.4.1717-3"),
            ["n1"],
            {},
            "know each other by their files only: take the node out of the inventory",
            id="a release whose nodes have lists",
        ),
        pytest.param(Running(), [], {}, "remove_node takes the nodes that it is told", id="nobody"),
        pytest.param(Running(), ["n1"], {"named": True}, "leave --limit out", id="a limit"),
        pytest.param(Running(), NODES, {"last": True}, "the last one is not removed", id="all"),
        pytest.param(Running(), NODES, {}, "No node would be left that people reach", id="everybody"),
        pytest.param(
            Running().flag("n2", "offline").flag("n3", "offline"),
            ["n1"],
            {},
            "No node would be left that people reach: n1 goes",
            id="the last that people reach",
        ),
        pytest.param(
            Running().stopped("n2").stopped("n3"),
            ["n1"],
            {"last": True},
            "rstudio-server runs on none of n2, n3",
            id="nobody deletes the row",
        ),
    ],
)
def test_who_cannot_leave(cluster: Running, nodes: list[str], how: dict[str, t.Any], words: str) -> None:
    assert words in " ".join(removed(cluster, *nodes, **how).problems)


def test_the_last_node_that_people_reach_leaves_when_that_is_said() -> None:
    cluster = Running().flag("n2", "offline").flag("n3", "offline")
    assert steps(removed(cluster, "n1", last=True))[1][0] == "n2"


def test_a_removal_is_confirmed_by_name() -> None:
    decision = removed(Running(), "n1")
    assert "-e operate_confirmed=remove_node" in unconfirmed("remove_node", decision, "")
    assert unconfirmed("remove_node", decision, "remove_node") == ""


def test_the_plan_of_a_removal_in_words() -> None:
    cluster = Running()
    decision = removed(cluster, "n3")
    assert plan_lines("workbench", "remove_node", cluster.state(), decision) == [
        "PLAN workbench, remove_node: 3 nodes",
        "  n3  remove_node  goes offline, and stops     Online  no session",
        "  n1  remove_node  row 3, n3:8787, is deleted  of n3",
        "  2 steps on 2 nodes, one after the other, at most 180 s each. People have n1, n2 meanwhile.",
    ]


def test_what_only_people_can_do_is_said() -> None:
    (said,) = what_is_left("research", removed(Running(), "n1"))
    assert said.startswith("Take n1 out of research_nodes in the inventory")
    dead = what_is_left("research", removed(Running().gone("n1"), "n1", without=["n1"], sessions="product"))
    assert "n1 was not touched" in dead[1]
    assert what_is_left("research", asked("restart", Running())) == []
