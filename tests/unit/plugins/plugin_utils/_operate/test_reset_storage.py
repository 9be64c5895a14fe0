# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reset_storage plans for three nodes, by what they and their mounts tell."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision, Options, Told
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.verbs import decide
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import plan_lines, unconfirmed
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_reset import ResetPlan
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import (
    NODES,
    OPTIONS,
    Running,
    mounts_plans,
)


def asked(
    cluster: Running, *chosen: str, without: t.Sequence[str] = (), mounts: t.Mapping[str, ResetPlan] | None = None
) -> Decision:
    options = t.cast("Options", {**OPTIONS, "without": [*without]})
    known = mounts_plans() if mounts is None else mounts
    return decide("reset_storage", cluster.state(), Told(chosen or NODES, False, options, None, known))


def whats(decision: Decision) -> dict[str, str]:
    assert decision.problems == []
    return {c["host"]: c["what"] for c in decision.changes}


def test_all_stop_unmount_mount_and_start_in_this_order() -> None:
    decision, state = asked(Running()), Running().state()
    assert whats(decision) == dict.fromkeys(NODES, "stops, unmounts /home, mounts /home, starts")
    assert decision.plays == {"stop": NODES, "mount": NODES, "start": NODES}
    assert plan_lines("workbench", "reset_storage", state, decision)[-2:] == [
        "  Nobody can work until the first node is back.",
        "  3 steps on 3 nodes, all together, at most 300 s each.",
    ]
    assert "-e operate_confirmed=reset_storage" in unconfirmed("reset_storage", decision, "")


def test_a_reset_that_was_cut_off_begins_again() -> None:
    """Whatever is stopped, unmounted or mounted by then."""
    cluster = Running().stopped("n1").stopped("n2").stopped("n3")
    decision = asked(cluster, mounts=mounts_plans(unmount=[]))
    assert whats(decision) == dict.fromkeys(NODES, "mounts /home, starts")
    assert decision.plays == {"stop": [], "mount": NODES, "start": NODES}


def test_another_export_is_said_and_that_nothing_is_copied() -> None:
    decision = asked(Running(), mounts=mounts_plans(replaced=["/home: old:/home → files:/home"]))
    assert whats(decision)["n1"] == "stops, unmounts /home, mounts /home: old:/home → files:/home, starts"
    assert "What lies on the one that goes is not copied." in decision.warning


def test_who_else_uses_a_mount_is_named_before() -> None:
    mounts = {**mounts_plans(), "n2": mounts_plans(busy=["/home: bob: bash (pid 813, works in it)"])["n2"]}
    warning = asked(Running(), mounts=mounts).warning
    assert "In use besides on n2, and to be ended before: /home: bob: bash (pid 813, works in it)." in warning
    assert "on n1" not in warning


def test_what_is_wrong_on_one_node_stops_it_on_all() -> None:
    mounts = {**mounts_plans(), "n2": mounts_plans(errors=["/home: is mounted by an automounter"])["n2"]}
    assert asked(Running(), mounts=mounts).problems == ["n2: /home: is mounted by an automounter"]


def test_a_node_outside_the_run_or_that_leaves_its_storage_to_others_stops_it() -> None:
    mounts = {host: plan for host, plan in mounts_plans().items() if host != "n3"}
    (found,) = asked(Running(), "n1", "n2", mounts=mounts).problems
    assert found.startswith("What n3 has mounted is not told")
    assert asked(Running().gone("n3"), "n1", "n2", without=["n3"], mounts=mounts).problems == []


def test_a_node_that_is_not_built_yet_is_not_started() -> None:
    cluster = Running().stopped("n3")
    cluster.bare.add("n3")
    decision = asked(cluster)
    assert whats(decision)["n3"] == "unmounts /home, mounts /home"
    assert (decision.plays["mount"], decision.plays["start"]) == (NODES, ["n1", "n2"])


def test_sessions_that_no_page_shows_are_not_none() -> None:
    cluster = Running()
    cluster.page = cluster.page[1:]
    (found,) = asked(cluster).problems
    assert "Which sessions n1 has is not told" in found
