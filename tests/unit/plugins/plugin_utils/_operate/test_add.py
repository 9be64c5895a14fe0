# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who joins a cluster of three nodes, by what they tell; what that takes the plan of `site` says."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import plan_lines
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import Running
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.test_verbs import asked, steps


def new(cluster: Running, host: str = "n3", *, bare: bool = True) -> Running:
    """A host that is not in the cluster: with `bare` not even installed."""
    cluster.stopped(host)
    cluster.bare |= {host} if bare else set()
    cluster.rows = [row for row in cluster.rows if row["host"] != host]
    return cluster


def added(cluster: Running, *nodes: str, chosen: tuple[str, ...] = (), **options: t.Any) -> Decision:
    return asked("add_node", cluster, *chosen, named=bool(chosen), nodes=[*nodes], **options)


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({}, id="nobody is named"),
        pytest.param({"nodes": ["n3"]}, id="by name"),
        pytest.param({"chosen": ("n3",)}, id="by --limit"),
    ],
)
def test_a_host_that_the_cluster_does_not_have_joins_it(how: dict[str, t.Any]) -> None:
    decision = added(new(Running()), *how.get("nodes", ()), chosen=how.get("chosen", ()))
    assert steps(decision) == [("n3", "joins the cluster", "is not installed yet", "")]
    assert (decision.adds, decision.building, decision.outside) == (True, ["n3"], [])


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        pytest.param(new(Running(), bare=False), "rstudio-server list-nodes does not show it", id="installed"),
        pytest.param(Running().stopped("n3"), "rstudio-server does not run", id="listed, and not started"),
    ],
)
def test_one_that_a_run_left_half_built_is_completed(cluster: Running, why: str) -> None:
    decision = added(cluster, "n3")
    assert steps(decision) == [("n3", "joins the cluster", why, "")]
    assert decision.building == ["n3"]


def test_the_list_of_a_server_that_is_not_set_up_yet_is_not_the_clusters() -> None:
    """It has a database of its own until it is configured."""
    cluster = new(Running(), bare=False)
    answers = cluster.answers()
    answers["n3"]["cluster"]["nodes"] = [{**answers["n1"]["cluster"]["nodes"][0], "host": "n3", "ipv4": "127.0.0.1"}]
    cluster.answers = lambda: answers  # type: ignore[method-assign]
    assert added(cluster, "n3").building == ["n3"]
    assert steps(added(cluster))[0][0] == "n3"


def test_a_node_that_is_online_is_verified_again_where_it_is_named() -> None:
    """A run may have ended before people were sent there."""
    decision = added(Running(), "n3")
    assert (steps(decision), decision.building) == ([], ["n3"])
    assert decision.notes == {"n3": ["is Online; completed where it lacks something, and verified"]}
    nobody = added(Running())
    assert (steps(nobody), nobody.building, nobody.notes) == ([], [], {})


def test_a_node_joins_while_another_is_down() -> None:
    cluster = new(Running()).gone("n2")
    assert "The state of n2 cannot be read" in added(cluster, "n3").problems[0]
    decision = added(cluster, "n3", without=["n2"])
    assert steps(decision)[0][0] == "n3"
    assert decision.outside == ["n2"]
    assert decision.notes == {"n2": ["is left out, for it did not answer; run site when it is back"]}
    assert added(cluster, without=["n2"]).building == ["n3"]


@pytest.mark.parametrize(
    ("cluster", "how", "words"),
    [
        pytest.param(new(Running()).gone("n3"), {"without": ["n3"]}, "it cannot be both", id="left out"),
        pytest.param(new(Running()).gone("n3"), {}, "The state of n3 cannot be read", id="silent"),
        pytest.param(
            new(Running(version="1.4.1717-3")),
            {},
            "know each other by their files only: run site",
            id="a release whose nodes have lists",
        ),
        pytest.param(
            new(Running().stopped("n1").stopped("n2")), {}, "No node of the cluster runs, of n1, n2", id="all stopped"
        ),
    ],
)
def test_who_cannot_join(cluster: Running, how: dict[str, t.Any], words: str) -> None:
    assert words in " ".join(added(cluster, "n3", **how).problems)


def test_a_first_node_is_no_addition() -> None:
    cluster = Running()
    for host in ("n1", "n2", "n3"):
        new(cluster, host)
    assert "No node lists the cluster" in " ".join(added(cluster, "n1").problems)


def test_the_plan_of_an_addition_in_words() -> None:
    cluster = new(Running())
    assert plan_lines("workbench", "add_node", cluster.state(), added(cluster)) == [
        "PLAN workbench, add_node: 3 nodes",
        "  n3  add_node  joins the cluster  is not installed yet",
        "  1 step on 1 node, and what the plan of site says. People have n1, n2 meanwhile.",
    ]
