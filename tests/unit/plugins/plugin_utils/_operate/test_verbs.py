# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verb plans for three nodes, by what they tell; a change to that is a line of a table."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Cluster, ListedNode, StatusNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import State, state_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.verbs import (
    VERBS,
    Decision,
    Options,
    Told,
    decide,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import plan_lines, unconfirmed
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

ADDRESSES = {"n1": "10.0.0.1", "n2": "10.0.0.2", "n3": "10.0.0.3"}
NODES = [*ADDRESSES]
OPTIONS: Options = {
    "sessions": "suspend",
    "grace": 0,
    "suspend_wait": 60,
    "wait": 120,
    "last": False,
    "without": [],
    "restart": "rolling",
}


def row(number: int, host: str, status: str = "Online", port: int = 8787) -> ListedNode:
    ipv4 = f"10.0.0.{number}"
    return {
        "id": number,
        "host": host,
        "ipv4": ipv4,
        "port": port,
        "status": status,
        "last_seen": "2026-Nov-21 10:00:00",
    }


def shown(number: int, host: str, *users: str, flag: str | None = None) -> StatusNode:
    sessions = [{"pid": 100 + place, "user": user, "process": "rsession"} for place, user in enumerate(users)]
    entry = {"host": host, "port": 8787, "ipv4": f"10.0.0.{number}", "flag": flag, "load": [0.0, 0.0, 0.0]}
    return t.cast("StatusNode", {**entry, "sessions": sessions})


class Cluster3:
    """n1 with two sessions, n2 with one, n3 with none; what is done to it is what all of them tell."""

    def __init__(self) -> None:
        self.rows = [row(number, host) for number, host in enumerate(NODES, 1)]
        self.page = [shown(1, "n1", "ada", "bob"), shown(2, "n2", "ada"), shown(3, "n3")]
        self.silent: set[str] = set()
        self.down: set[str] = set()
        self.bare: set[str] = set()

    def flag(self, host: str, flag: str) -> Cluster3:
        for entry in self.page:
            entry["flag"] = flag if entry["host"] == host else entry["flag"]
        return self

    def gone(self, host: str) -> Cluster3:
        """Dead, so that its row stays."""
        self.silent.add(host)
        return self.flag(host, "unreachable")

    def stopped(self, host: str) -> Cluster3:
        self.down.add(host)
        self.page = [entry for entry in self.page if entry["host"] != host]
        for one in self.rows:
            one["status"] = "Offline" if one["host"] == host else one["status"]
        return self

    def stranger(self, status: str, *, flag: str | None = None, on_page: bool = True) -> Cluster3:
        self.rows.append(row(4, "n9", status))
        self.page += [shown(4, "n9", flag=flag)] if on_page else []
        return self

    def told(self, host: str) -> Cluster:
        closed = any(entry["host"] == host and entry["flag"] == "offline" for entry in self.page)
        active = host not in self.down
        return {
            "installed": host not in self.bare,
            "hostname": host,
            "www_host_name": host,
            "addresses": [ADDRESSES[host]],
            "version": "2026.04.0+526.pro2",
            "runtimes": {"r": {}, "python": []},
            "services": {"rstudio-server": "active" if active else "inactive", "rstudio-launcher": "active"},
            "protocol": "Http",
            "nodes": copy.deepcopy(self.rows),
            "status": copy.deepcopy(self.page) if active and not closed else [],
            "node_status": None,
            "errors": [],
        }

    def state(self) -> State:
        answers: dict[str, Answer] = {
            host: {"state": "unreachable"}
            if host in self.silent
            else {"state": "reachable", "cluster": self.told(host)}
            for host in NODES
        }
        return state_of(NODES, ADDRESSES, answers)


def asked(verb: str, cluster: Cluster3, *chosen: str, named: bool = True, **options: t.Any) -> Decision:
    told = Told(chosen or NODES, named, t.cast("Options", {**OPTIONS, **options}))
    return decide(verb, cluster.state(), told)


def steps(decision: Decision) -> list[tuple[str, str, str, str]]:
    assert decision.problems == []
    return [(c["host"], c["what"], c["why"], c["interrupts"]) for c in decision.changes]


def test_a_drained_node_goes_offline_and_its_sessions_suspend() -> None:
    decision = asked("drain_node", Cluster3(), "n1", grace=300)
    assert steps(decision) == [("n1", "goes offline", "Online", "2 sessions (ada, bob): suspended after 300 s")]
    assert decision.seconds == 120 + 300 + 60
    assert steps(asked("drain_node", Cluster3(), "n3")) == [("n3", "goes offline", "Online", "no session")]


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
    decision = asked("drain_node", Cluster3(), "n2", sessions=how, grace=10)
    assert steps(decision)[0][3] == f"1 session (ada): {words}"
    assert decision.seconds == seconds


def test_a_drain_that_was_cut_off_is_completed_and_one_that_was_not_is_done() -> None:
    assert steps(asked("drain_node", Cluster3().flag("n1", "offline"), "n1")) == [
        ("n1", "its sessions end", "offline already", "2 sessions (ada, bob): suspended")
    ]
    done = asked("drain_node", Cluster3().flag("n3", "offline"), "n3")
    assert (steps(done), done.notes) == ([], {"n3": ["is offline, and has no sessions"]})


@pytest.mark.parametrize("verb", ["drain_node", "undrain_node"])
def test_nodes_are_named(verb: str) -> None:
    assert (
        f"{verb} takes the nodes that it is told: name them, as in --limit n1."
        in asked(verb, Cluster3(), named=False).problems
    )


@pytest.mark.parametrize(
    ("cluster", "chosen", "refused"),
    [
        (Cluster3(), ["n1", "n2"], False),
        (Cluster3(), NODES, True),
        (Cluster3().flag("n2", "offline"), ["n1"], False),
        (Cluster3().flag("n2", "offline").flag("n3", "offline"), ["n1"], True),
        (Cluster3().stopped("n2").flag("n3", "offline"), ["n1"], True),
        (Cluster3().stopped("n2").stopped("n3"), ["n1"], True),
        (Cluster3().stopped("n2").stopped("n3"), ["n2"], False),
    ],
)
def test_the_last_node_that_people_reach_stays(cluster: Cluster3, chosen: list[str], refused: bool) -> None:
    found = asked("drain_node", cluster, *chosen).problems
    assert bool(found) is refused
    assert all("No node would be left that people reach: n1" in problem for problem in found)
    assert asked("drain_node", cluster, *chosen, last=True).problems == []


@pytest.mark.parametrize("verb", VERBS)
def test_what_cannot_be_read_stops_every_verb_unless_it_is_named(verb: str) -> None:
    cluster = Cluster3().gone("n3")
    (found,) = asked(verb, cluster, "n1").problems
    assert found.startswith("The state of n3 cannot be read: it did not answer.")
    assert '{"operate_without": ["n3"]}' in found
    assert asked(verb, cluster, "n1", without=["n3"]).problems == []


def test_a_node_that_is_left_out_is_not_chosen() -> None:
    (found,) = asked("restart", Cluster3().gone("n3"), without=["n3"]).problems
    assert "n3 is to be left out (operate_without), and was chosen" in found


def test_a_node_that_lists_nothing_is_not_read() -> None:
    cluster = Cluster3()
    answers: dict[str, Answer] = {host: {"state": "reachable", "cluster": cluster.told(host)} for host in NODES}
    blind = answers["n2"]["cluster"]
    blind["nodes"], blind["status"], blind["errors"] = [], [], ["no connection to the database"]
    (found,) = decide("restart", state_of(NODES, ADDRESSES, answers), Told(NODES, True, OPTIONS)).problems
    assert found.startswith("The state of n2 cannot be read: no connection to the database.")


def test_two_clusters_are_none() -> None:
    answers: dict[str, Answer] = {host: {"state": "reachable", "cluster": Cluster3().told(host)} for host in NODES}
    answers["n2"]["cluster"]["nodes"].pop()
    assert decide("restart", state_of(NODES, ADDRESSES, answers), Told(NODES, True, OPTIONS)).problems == [
        "Nodes list different clusters: see what status and verify say."
    ]


def test_nobody_who_lists_the_cluster() -> None:
    cluster = Cluster3()
    for host in NODES:
        cluster.stopped(host)
    cluster.rows = []
    found = asked("restart", cluster).problems
    assert "No node lists the cluster: see what rstudio-server list-nodes says, and the database." in found


def test_sessions_that_no_page_shows_are_not_none() -> None:
    cluster = Cluster3()
    cluster.page = cluster.page[1:]
    (found,) = asked("drain_node", cluster, "n1").problems
    assert "Which sessions n1 has is not told" in found


def test_undrained_nodes_come_online_and_others_are_left() -> None:
    decision = asked("undrain_node", Cluster3().flag("n3", "offline"), "n2", "n3")
    assert steps(decision) == [("n3", "comes online", "offline", "")]
    assert decision.notes == {"n2": ["is online"]}
    assert steps(asked("undrain_node", Cluster3().stopped("n3"), "n3")) == [
        ("n3", "comes online", "rstudio-server does not run", "")
    ]
    assert steps(asked("undrain_node", Cluster3().flag("n1", "offline"), "n1"))[0][3] == (
        "2 sessions (ada, bob): suspended by the product"
    )


def test_a_restart_goes_from_node_to_node() -> None:
    decision = asked("restart", Cluster3(), named=False)
    assert [(host, what) for host, what, _why, _whom in steps(decision)] == [
        (host, "restarts rstudio-server, rstudio-launcher") for host in NODES
    ]
    assert not decision.together
    assert asked("restart", Cluster3(), restart="at_once").together


@pytest.mark.parametrize(("how", "refused"), [("rolling", True), ("at_once", False)])
def test_a_rolling_restart_needs_a_node_that_stays(how: str, refused: bool) -> None:
    cluster = Cluster3().stopped("n2").flag("n3", "offline")
    assert bool(asked("restart", cluster, restart=how).problems) is refused


def test_a_node_that_was_never_built_is_left_alone() -> None:
    cluster = Cluster3().stopped("n3")
    cluster.bare.add("n3")
    cluster.rows.pop()
    assert asked("restart", cluster).notes == {"n3": ["is not installed yet"]}
    assert "n3 is no node of the cluster yet" in asked("drain_node", cluster, "n3").problems[0]


ROW9 = {"id": 4, "host": "n9", "port": 8787}


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        (
            Cluster3().stranger("Offline", on_page=False),
            "Offline, last seen 2026-Nov-21 10:00:00; no host of the inventory",
        ),
        (
            Cluster3().stranger("Online", flag="unreachable"),
            "Online, last seen 2026-Nov-21 10:00:00; no host of the inventory",
        ),
        (
            Cluster3().stranger("Missed check-in", flag="unreachable"),
            "Missed check-in, last seen 2026-Nov-21 10:00:00; no host of the inventory",
        ),
    ],
)
def test_rows_with_no_machine_behind_them_are_forgotten(cluster: Cluster3, why: str) -> None:
    decision = asked("forget_stale_nodes", cluster, named=False)
    assert steps(decision) == [("n1", "row 4, n9:8787, is deleted", why, "")]
    assert [*decision.rows] == [ROW9]


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        (Cluster3().stranger("Online"), "n1, n2, n3 reaches it: it lives"),
        (Cluster3().stranger("Online", flag="offline"), "it lives"),
        (Cluster3().stranger("Online", on_page=False), "no node says if it lives"),
        (Cluster3().stranger("Starting", on_page=False), "no node says if it lives"),
    ],
)
def test_rows_of_what_may_live_stay(cluster: Cluster3, words: str) -> None:
    decision = asked("forget_stale_nodes", cluster)
    assert (steps(decision), decision.rows) == ([], [])
    assert words in decision.notes["n9"][0]


def test_rows_of_members_stay_whatever_they_are() -> None:
    assert steps(asked("forget_stale_nodes", Cluster3().stopped("n3"))) == []
    assert steps(asked("forget_stale_nodes", Cluster3().gone("n3"), "n1", without=["n3"])) == []


def test_a_row_that_may_be_a_silent_members_stays() -> None:
    """Only a node itself knows all its names."""
    cluster = Cluster3().gone("n3").stranger("Offline", on_page=False)
    cluster.rows.pop(2)
    cluster.page.pop(2)
    decision = asked("forget_stale_nodes", cluster, "n1", without=["n3"])
    assert (steps(decision), decision.notes["n9"]) == ([], ["is row 4, which may be that of n3, not read"])


def test_rows_are_deleted_by_a_node_of_the_run() -> None:
    stale = Cluster3().stranger("Offline", on_page=False)
    assert steps(asked("forget_stale_nodes", stale, "n2"))[0][0] == "n2"
    (found,) = asked("forget_stale_nodes", stale.stopped("n2"), "n2").problems
    assert "No node of this run could delete a row" in found


@pytest.mark.parametrize(("confirmed", "missing"), [("", True), ("forget_stale_nodes", False), ("teardown", True)])
def test_what_cannot_be_undone_is_confirmed_by_name(confirmed: str, missing: bool) -> None:
    decision = asked("forget_stale_nodes", Cluster3().stranger("Offline", on_page=False))
    said = unconfirmed("forget_stale_nodes", decision, confirmed)
    assert ("-e operate_confirmed=forget_stale_nodes" in said) is missing
    assert unconfirmed("forget_stale_nodes", asked("forget_stale_nodes", Cluster3()), "") == ""
    assert unconfirmed("drain_node", asked("drain_node", Cluster3(), "n1"), "") == ""


def test_the_plan_of_a_drain_in_words() -> None:
    state = Cluster3().flag("n3", "offline").state()
    decision = decide("drain_node", state, Told(["n1", "n3"], True, OPTIONS))
    assert plan_lines("workbench", "drain_node", state, decision) == [
        "PLAN workbench, drain_node: 3 nodes",
        "  n1  drain_node  goes offline  Online  2 sessions (ada, bob): suspended",
        "  Left as it is:",
        "  n3: is offline, and has no sessions",
        "  1 step on 1 node, at most 180 s. People have n2 meanwhile.",
    ]


def test_the_plan_of_a_restart_in_words() -> None:
    state = Cluster3().state()
    decision = decide("restart", state, Told(NODES, False, {**OPTIONS, "restart": "at_once"}))
    assert plan_lines("workbench", "restart", state, decision)[-1] == (
        "  3 steps on 3 nodes, all together, at most 180 s each."
    )
    assert plan_lines("workbench", "restart", state, asked("restart", Cluster3()))[-1] == (
        "  3 steps on 3 nodes, one after the other, at most 180 s each."
    )


def test_nothing_to_do_in_words() -> None:
    state = Cluster3().state()
    assert plan_lines("workbench", "forget_stale_nodes", state, asked("forget_stale_nodes", Cluster3())) == [
        "PLAN workbench, forget_stale_nodes: 3 nodes",
        "  Nothing to do.",
    ]
