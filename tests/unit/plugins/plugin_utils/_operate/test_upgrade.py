# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade plans for three nodes, from the start and from wherever an earlier run was cut off."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import plan_lines, unconfirmed
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import (
    NODES,
    SCHEMA,
    VERSION,
    Running,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.test_verbs import asked, steps

TARGET, MOVED = "2026.07.0+139.pro9", "20260512090000000000000"
PATCH = "2026.04.1+700.pro1"


def planned(cluster: Running, *chosen: str, version: str = TARGET, **options: t.Any) -> Decision:
    return asked("upgrade", cluster, *chosen, named=bool(chosen), version=version, **options)


def begun(cluster: Running, *hosts: str, drained: str = "", target: str = TARGET) -> Running:
    """As a run leaves it that was cut off: with what each node kept."""
    for host in hosts or NODES:
        cluster.records[host] = {
            "former": VERSION,
            "target": target,
            "began": 1.0,
            "drained": host == drained,
            "schema": SCHEMA,
        }
    return cluster


def stopped(cluster: Running, *hosts: str, version: str = VERSION) -> Running:
    for host in hosts or NODES:
        cluster.stopped(host)
        cluster.versions[host] = version
    return cluster


def test_all_nodes_go_together_and_the_first_starts_alone() -> None:
    decision = planned(Running())
    arrow = f"{VERSION} → {TARGET}"
    assert steps(decision) == [
        ("n1", f"{arrow}, starts first, alone", "Online", "2 sessions (ada, bob): suspended"),
        ("n2", arrow, "Online", "1 session (ada): suspended"),
        ("n3", arrow, "Online", "no session"),
    ]
    assert decision.together
    assert decision.upgrade == {"target": TARGET, "former": VERSION, "hosts": NODES, "drained": []}
    assert decision.plays == {"first": ["n1"]}


def test_nodes_that_have_the_release_are_left_alone() -> None:
    """Also one that is drained: nobody said that it should come back."""
    decision = planned(Running().flag("n3", "offline"), version=VERSION)
    assert (steps(decision), decision.notes["n3"]) == ([], [f"has {VERSION}"])


def test_a_drained_node_is_upgraded_stays_drained_and_is_not_the_first() -> None:
    decision = planned(Running().flag("n1", "offline"))
    assert [change["host"] for change in decision.changes] == ["n2", "n3", "n1"]
    assert decision.upgrade is not None
    assert decision.upgrade["drained"] == ["n1"]


@pytest.mark.parametrize(
    ("cluster", "changing", "former"),
    [
        pytest.param(begun(Running()), NODES, VERSION, id="all_still_as_they_were"),
        pytest.param(begun(stopped(Running())), NODES, VERSION, id="all_stopped"),
        pytest.param(
            begun(stopped(stopped(Running(), "n1", version=TARGET), "n2", "n3")),
            ["n2", "n3"],
            VERSION,
            id="one_installed",
        ),
        pytest.param(begun(stopped(Running(), version=TARGET)), [], VERSION, id="all_installed"),
    ],
)
def test_a_run_that_was_cut_off_before_the_first_start_goes_on(
    cluster: Running, changing: list[str], former: str
) -> None:
    decision = planned(cluster)
    assert {host for host, *_rest in steps(decision)} == {*NODES}
    assert decision.upgrade == {"target": TARGET, "former": former, "hosts": changing, "drained": []}


def test_a_run_that_was_cut_off_after_the_first_start_goes_on_and_nothing_leads_back() -> None:
    cluster = begun(stopped(Running(), "n2", "n3", version=TARGET))
    cluster.versions["n1"], cluster.schema = TARGET, MOVED
    decision = planned(cluster)
    assert [what for _host, what, *_rest in steps(decision)][1:] == ["its upgrade is completed"] * 2
    assert decision.upgrade == {"target": TARGET, "former": "", "hosts": [], "drained": []}


def test_who_was_drained_before_a_run_that_was_cut_off_is_told_by_its_record() -> None:
    cluster = begun(Running(), drained="n2")
    for host in NODES:
        cluster.flag(host, "offline")
    decision = planned(cluster)
    assert decision.upgrade is not None
    assert decision.upgrade["drained"] == ["n2"]


def test_sessions_that_no_page_shows_end_where_all_nodes_went_offline_for_it() -> None:
    cluster = begun(Running())
    cluster.page = []
    assert steps(planned(cluster))[0][3] == "its sessions end"
    cluster = Running()
    cluster.page = []
    assert "Which sessions n1 has is not told" in planned(cluster).problems[0]


def test_a_node_that_was_away_follows_and_does_not_go_back() -> None:
    cluster = Running()
    cluster.versions.update(n1=TARGET, n2=TARGET)
    cluster.schema = MOVED
    decision = planned(cluster)
    assert [host for host, *_rest in steps(decision)] == ["n3"]
    assert decision.upgrade == {"target": TARGET, "former": "", "hosts": ["n3"], "drained": []}
    assert steps(planned(cluster, "n3"))


def test_nodes_go_back_while_the_schema_is_that_of_before() -> None:
    cluster = begun(stopped(Running(), version=TARGET))
    decision = planned(cluster, version=VERSION)
    assert steps(decision)[0][1] == f"{TARGET} → {VERSION}, starts first, alone"
    assert decision.upgrade == {"target": VERSION, "former": "", "hosts": NODES, "drained": []}
    assert "go back" in decision.warning


@pytest.mark.parametrize("schema", [MOVED, None])
def test_nodes_do_not_go_back_on_another_schema(schema: str | None) -> None:
    cluster = begun(stopped(Running(), version=TARGET))
    cluster.schema = schema
    found = planned(cluster, version=VERSION, former_package="none").problems
    assert len(found) == len(NODES)
    assert (
        f"n1 cannot go back to {VERSION}: the database's schema was {SCHEMA}, and is {schema or 'not told'}."
        in found[0]
    )


@pytest.mark.parametrize(
    ("cluster", "options", "words"),
    [
        (Running(), {"version": ""}, "server_version, which says nothing"),
        (Running(), {"version": "2025.09.0+1"}, f"n1 has {VERSION}, and server_version=2025.09.0+1 is older"),
        (begun(Running()), {"version": "2026.10.0+1"}, f"n1 is on its way from {VERSION} to {TARGET}"),
        (Running().stranger("Online"), {}, "n9 is left out, and lives: n1, n2, n3 reaches it"),
    ],
)
def test_what_an_upgrade_refuses(cluster: Running, options: dict[str, t.Any], words: str) -> None:
    assert words in planned(cluster, **options).problems[0]


def test_no_node_stays_behind() -> None:
    (found,) = planned(Running(), "n1", "n2").problems
    assert found.startswith(f"n3 is not in this run, and would stay at {VERSION}")


def test_a_node_that_is_left_out_must_not_run() -> None:
    gone, living = Running().gone("n3"), Running()
    living.silent.add("n3")
    assert planned(gone, "n1", "n2", without=["n3"]).problems == []
    (found,) = planned(living, "n1", "n2", without=["n3"]).problems
    assert "n3 is left out, and lives: n1, n2 reaches it" in found


def test_nodes_of_two_older_releases_are_not_upgraded() -> None:
    cluster = Running()
    cluster.versions["n2"] = "2026.01.0+1"
    (found,) = planned(cluster).problems
    assert f"The nodes have different versions, 2026.01.0+1, {VERSION}" in found


def test_a_schema_that_is_not_told_is_no_way_back() -> None:
    cluster = Running()
    cluster.schema = None
    found = planned(cluster).problems
    assert "Whether n1 could go back cannot be told: The database does not tell it." in found[0]
    decision = planned(cluster, former_package="none")
    assert steps(decision)
    assert decision.upgrade is not None
    assert decision.upgrade["former"] == ""


def test_a_node_that_did_not_say_what_is_under_way_stops_the_upgrade() -> None:
    class Mute(Running):
        def upgrades(self) -> dict[str, t.Any]:
            return {host: told for host, told in super().upgrades().items() if host != "n2"}

    (found,) = planned(Mute()).problems
    assert "Whether an upgrade of n2 is under way cannot be told" in found


def test_a_package_that_was_left_unpacked_is_no_release() -> None:
    class Unpacked(Running):
        def upgrades(self) -> dict[str, t.Any]:
            found = super().upgrades()
            found["n1"]["package"]["state"] = "unpacked"
            return found

    decision = planned(begun(stopped(Unpacked(), version=TARGET)))
    assert decision.upgrade is not None
    assert decision.upgrade["hosts"] == ["n1"]


def test_rolling_is_for_releases_of_one_line() -> None:
    decision = planned(Running(), version=PATCH, upgrade="rolling")
    assert [what for _host, what, *_rest in steps(decision)] == [f"{VERSION} → {PATCH}"] * 3
    assert not decision.together
    (found,) = planned(Running(), upgrade="rolling").problems
    assert f"{VERSION} and {TARGET} are of different lines" in found


def test_a_rolling_upgrade_needs_a_node_that_stays() -> None:
    cluster = Running().flag("n2", "offline").flag("n3", "offline")
    (found,) = planned(cluster, version=PATCH, upgrade="rolling").problems
    assert "No node would be left that people reach: n1 goes" in found
    assert planned(cluster, version=PATCH).problems == []


@pytest.mark.parametrize("version", [VERSION, PATCH])
def test_a_rolling_upgrade_that_was_cut_off_begins_with_the_node_that_it_left_down(version: str) -> None:
    """The last one that people reach goes when that one is back."""
    cluster = stopped(Running().flag("n1", "offline"), "n2", version=version)
    begun(cluster, "n1", drained="n1", target=PATCH)
    begun(cluster, "n2", target=PATCH)
    decision = planned(cluster, version=PATCH, upgrade="rolling")
    assert decision.problems == []
    assert [host for host, *_rest in steps(decision)] == ["n2", "n3", "n1"]


def test_the_plan_of_an_upgrade_in_words_and_who_confirms_it() -> None:
    cluster = Running()
    decision = planned(cluster)
    assert plan_lines("workbench", "upgrade", cluster.state(), decision)[4:] == [
        f"  If it fails before the database's schema has moved, the nodes go back to {VERSION}. Back up the "
        "database before (playbook backup): a schema moves one way. Nobody can work until the first node is Online. The seconds "
        "are without those in which packages are installed.",
        "  3 steps on 3 nodes, all together, at most 300 s each.",
    ]
    assert "-e operate_confirmed=upgrade" in unconfirmed("upgrade", decision, "")
    assert unconfirmed("upgrade", decision, "upgrade") == ""
    assert unconfirmed("upgrade", planned(cluster, version=VERSION), "") == ""
