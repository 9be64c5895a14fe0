# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run, as people read it and as it is kept."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import PROTOCOL, Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import (
    Compared,
    PlannedChange,
    hosts_by_role,
    narrowed,
    plan_lines,
    plan_text,
    planned_change,
    unlike,
)

OPTION = Change(
    "rserver.conf",
    "auth-timeout-minutes 30 → 45",
    "restarts rstudio-server, 2 sessions are suspended",
    ("rstudio-server",),
)
USERS = Change("ada (20001), analysts (30001)", "new")
RULE = Change("pg_hba: 10.203.0.13", "new", "reload")
MEMBERS = {"nodes": ["node1", "node2", "node3"], "storage": ["store1"], "database": ["db1"]}


def compared(*changes: PlannedChange, notes: t.Sequence[str] = ()) -> dict[str, Compared]:
    hosts = [host for names in MEMBERS.values() for host in names]
    return {
        host: {
            "changes": [change for change in changes if change["host"] == host],
            "problems": [],
            "notes": list(notes) if host == "node1" else [],
        }
        for host in hosts
    }


THREE = [
    planned_change("node2", "server", OPTION),
    planned_change("node3", "accounts", USERS),
    planned_change("db1", "database", RULE),
]


def test_the_plan_says_where_what_why_and_what_it_interrupts_in_columns() -> None:
    assert plan_lines("workbench", MEMBERS, compared(*THREE), "rolling") == [
        "PLAN workbench: 3 nodes, 1 file server, 1 database",
        "  node3  accounts  ada (20001), analysts (30001)  new",
        "  db1    database  pg_hba: 10.203.0.13            new                           reload",
        "  node2  server    rserver.conf                   auth-timeout-minutes 30 → 45  "
        "restarts rstudio-server, 2 sessions are suspended",
        "  3 changes on 3 of 5 hosts, 2 hosts as they should be. Restarts, one after the other: node2.",
    ]


def test_what_is_the_same_on_several_hosts_is_one_line() -> None:
    nodes = [planned_change(node, "accounts", USERS) for node in MEMBERS["nodes"]]
    lines = plan_lines("workbench", MEMBERS, compared(*nodes, THREE[2]), "rolling")
    assert [line.split("  ")[1] for line in lines[1:3]] == ["node1, node2, node3", "db1"]
    assert lines[-1] == "  4 changes on 4 of 5 hosts, 1 host as it should be."


def test_nodes_that_change_their_protocol_stop_together_whatever_the_inventory_says_of_restarts() -> None:
    change = Change(PROTOCOL, "http → https", "stops all nodes together", ("rstudio-server",))
    lines = plan_lines("workbench", MEMBERS, compared(planned_change("node1", "server", change)), "rolling")
    assert lines[-1].endswith("Restarts, all together: node1.")


@pytest.mark.parametrize(
    ("changed", "storage", "first", "last"),
    [
        pytest.param(50, [], "all 50 nodes  ", "all 50 hosts", id="all there are"),
        pytest.param(50, ["s1"], "all 50 nodes  ", "51 hosts", id="all nodes"),
        pytest.param(49, [], "49 hosts: n1, n2, n3 …  ", "49 hosts: n1, n2, n3 …", id="most"),
    ],
)
def test_many_hosts_are_how_many_they_are(changed: int, storage: list[str], first: str, last: str) -> None:
    members = {"nodes": [f"n{number}" for number in range(1, 51)], "storage": storage}
    changes = [planned_change(node, "server", OPTION) for node in members["nodes"][:changed]]
    answered = [host for hosts in members.values() for host in hosts]
    answers: dict[str, Compared] = {
        host: {"changes": [c for c in changes if c["host"] == host], "problems": [], "notes": []} for host in answered
    }
    lines = plan_lines("workbench", members, answers, "rolling")
    assert lines[1].startswith(f"  {first}server  rserver.conf  ")
    assert last in lines[-1]


def test_a_long_reason_pushes_no_other_line_aside() -> None:
    long = planned_change("node1", "clock", Change("chrony", "cannot be told: " + "because " * 20, "restarts chrony"))
    lines = plan_lines("workbench", MEMBERS, compared(long, THREE[2]), "rolling")
    assert lines[2] == "  db1    database  pg_hba: 10.203.0.13  new  reload"


@pytest.mark.parametrize(
    ("changes", "restart", "last"),
    [
        pytest.param([], "rolling", "  Nothing to change: 5 hosts as the inventory says.", id="nothing"),
        pytest.param(THREE[1:2], "rolling", "  1 change on 1 of 5 hosts, 4 hosts as they should be.", id="no restart"),
        pytest.param(
            THREE[:1],
            "at_once",
            "  1 change on 1 of 5 hosts, 4 hosts as they should be. Restarts, all together: node2.",
            id="all together",
        ),
        pytest.param(
            THREE[:1], "never", "  1 change on 1 of 5 hosts, 4 hosts as they should be.", id="nobody is to restart"
        ),
    ],
)
def test_the_last_line_sums_up(changes: list[PlannedChange], restart: str, last: str) -> None:
    assert plan_lines("workbench", MEMBERS, compared(*changes), restart)[-1] == last


def test_what_is_left_as_it_is_is_said_too() -> None:
    lines = plan_lines("workbench", MEMBERS, compared(notes=["/home has other options"]), "rolling")
    assert lines[1:3] == ["  Left as it is:", "  node1: /home has other options"]


def test_a_role_runs_on_the_hosts_that_the_plan_names_and_on_no_others() -> None:
    found = hosts_by_role([*THREE, planned_change("node2", "server", USERS)])
    assert {role: hosts for role, hosts in found.items() if hosts} == {
        "accounts": ["node3"],
        "database": ["db1"],
        "server": ["node2"],
    }
    assert set(found) == {
        "clock",
        "nfs_server",
        "storage",
        "accounts",
        "keys",
        "tls",
        "database",
        "server",
        "proxy",
        "firewall",
        "firewall_first",
    }


def test_a_plan_that_was_kept_is_the_same_while_nothing_but_sessions_came_or_went() -> None:
    now = [{**THREE[0], "interrupts": "restarts rstudio-server, 3 sessions are suspended"}, *THREE[1:]]
    assert unlike(plan_text("workbench", "2026-11-21T22:00:00+00:00", THREE), "workbench", now) == []  # type: ignore[arg-type]


def test_a_plan_that_was_kept_is_another_when_more_or_less_would_be_done() -> None:
    kept = plan_text("workbench", "2026-11-21T22:00:00+00:00", THREE[:2])
    assert unlike(kept, "workbench", THREE[1:]) == [
        "node2 server rserver.conf auth-timeout-minutes 30 → 45: planned, and not to be done any more",
        "db1 database pg_hba: 10.203.0.13 new: not planned",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "no plan", id="empty"),
        pytest.param("[]", "no plan", id="other JSON"),
        pytest.param('{"changes": [{}]}', "no plan", id="half a plan"),
        pytest.param(plan_text("other", "", []), "cluster other", id="another cluster's"),
        pytest.param('{"changes": [], "format": 2, "cluster": "workbench"}', "format 2", id="another release's"),
    ],
)
def test_what_is_no_plan_of_this_cluster_is_refused(text: str, words: str) -> None:
    with pytest.raises(Failure, match=words):
        unlike(text, "workbench", [])


OPENING = Change("2049/tcp (ufw)", "opens to 10.203.0.13", opens=True)
CLOSING = Change("22/tcp (ufw)", "opens to 10.0.0.1, closes to all others")


@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        pytest.param([OPENING], ["store1"], [], id="opens only"),
        pytest.param([CLOSING], [], ["store1"], id="closes as well"),
        pytest.param([OPENING, CLOSING], [], ["store1"], id="one of them closes"),
    ],
)
def test_a_firewall_that_only_opens_does_so_before_anybody_needs_it(
    changes: list[Change], first: list[str], last: list[str]
) -> None:
    """A new node mounts its share, and logs in to the database, long before the last play."""
    found = hosts_by_role([planned_change("store1", "firewall", change) for change in changes])
    assert (found["firewall_first"], found["firewall"]) == (first, last)


def test_a_verb_builds_its_nodes_and_has_others_let_them_in_and_no_more() -> None:
    """What site would change besides is said, and left to it."""
    port = planned_change("node1", "firewall", OPENING)
    given = [*THREE, port, planned_change("node2", "clock", Change("the clock", "away", waits=True))]
    answers = narrowed(compared(*given), ["node3"])
    assert {host: [one["role"] for one in answer["changes"]] for host, answer in answers.items()} == {
        "node1": ["firewall"],
        "node2": [],
        "node3": ["accounts"],
        "store1": [],
        "db1": ["database"],
    }
    assert {host: answer["notes"] for host, answer in answers.items() if answer["notes"]} == {
        "node2": ["site would change more: server"]
    }
    assert not any(answer["problems"] for answer in answers.values())


def test_nodes_that_would_change_their_protocol_do_so_before_another_joins() -> None:
    change = planned_change("node1", "server", Change(PROTOCOL, "http → https"))
    (problem,) = narrowed(compared(change), ["node3"])["node1"]["problems"]
    assert "run site first" in problem
    assert narrowed(compared(change), ["node1"])["node1"]["problems"] == []
