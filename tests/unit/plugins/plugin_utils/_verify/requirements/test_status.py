# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes say of the cluster."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    both,
    fails_alone,
    findings,
    gives,
    judged,
    list_nodes_fails,
    told,
    verdicts,
)

HOME, SHARED = samples.HOME, samples.SHARED


def killed(measured: Measured) -> None:
    """n3 is gone; its row still says Online, and the others cannot connect to it."""
    samples.without(measured, "n3")
    for host in ("n1", "n2"):
        measured["node"][host]["peers"]["n3"]["ports"] = {"8787": "timeout", "5559": "timeout"}
        del measured["node"][host]["seen"][HOME]["n3"], measured["node"][host]["seen"][SHARED]["n3"]
        measured["cluster"][host]["status"][2]["flag"] = "unreachable"
    measured["fronts"]["front1"]["report"]["places"]["10.0.0.13:8787"]["answer"] = "timeout"


def stranger(measured: Measured) -> None:
    for cluster in measured["cluster"].values():
        row = {
            "id": 9,
            "host": "old",
            "ipv4": "10.0.0.99",
            "port": 8787,
            "status": "Missed check-in",
            "last_seen": "2025",
        }
        cluster["nodes"].append(row)


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(killed, ["n3"], "n3 is not healthy", id="node_killed_hard"),
        pytest.param(stranger, ["old"], "old is listed, but is no member", id="stranger_in_the_database"),
        pytest.param(
            list_nodes_fails("n1", "n2"), ["n1", "n2"], "does not show the cluster", id="list_nodes_fails_on_two"
        ),
        pytest.param(
            told("n1", "units", "rstudio-launcher", "enabled", "masked"), ["n1"], "is masked", id="masked_unit"
        ),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "status", hosts, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            assign("cluster", "n2", "services", {"rstudio-server": None, "rstudio-launcher": None}), id="units_not_read"
        ),
        pytest.param(
            both(list_nodes_fails("n2"), assign("cluster", "n2", "installed", False)), id="explained_elsewhere"
        ),
    ],
)
def test_what_could_not_be_read_is_unknown(change: Change) -> None:
    answer = judged(change)
    assert verdicts(answer)["status"] == "unknown"
    assert findings(answer, "status", "unknown")[0]["hosts"] == ["n2"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            told("n2", "units", "rstudio-server", "enabled", "disabled"),
            "does not start with its host",
            id="unit_that_is_not_enabled",
        ),
        pytest.param(
            assign("cluster", "n2", "licence", {"status": "Activated", "days_left": 29, "error": None}),
            "The licence ends in 29 days",
            id="licence_that_ends",
        ),
    ],
)
def test_a_note_decides_nothing_and_names_the_node(change: Change, words: str) -> None:
    answer = judged(change)
    (note,) = findings(answer, "status", "note")
    assert (answer["verdict"], note["hosts"]) == ("pass", ["n2"])
    assert words in note["what"]
    assert note["remedy"]


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("cluster", "n2", "licence", {"status": "Expired", "days_left": 0, "error": None}),
            "fail",
            "The licence has ended",
            id="licence_ended",
        ),
        pytest.param(
            assign("cluster", "n2", "licence", {"status": "Activated", "days_left": 300, "error": None}),
            "pass",
            "The licence is Activated, 300 days left",
            id="licence",
        ),
        pytest.param(
            assign("cluster", "n2", "services", "rstudio-server", "failed"), "fail", "n2 is not healthy", id="stopped"
        ),
        pytest.param(
            lambda measured: [
                cluster["nodes"][1].update(status="Missed check-in") for cluster in measured["cluster"].values()
            ],
            "fail",
            "n2 is not healthy",
            id="missed_check_in",
        ),
        pytest.param(
            lambda measured: [cluster["nodes"].pop(1) for cluster in measured["cluster"].values()],
            "fail",
            "n2 is not healthy",
            id="not_listed",
        ),
        pytest.param(
            lambda measured: [cluster["status"][1].update(flag="offline") for cluster in measured["cluster"].values()],
            "fail",
            "n2 is not healthy",
            id="offline",
        ),
        pytest.param(
            lambda measured: measured["cluster"]["n3"].update(nodes=measured["cluster"]["n3"]["nodes"][2:]),
            "fail",
            "not in one cluster",
            id="two_databases",
        ),
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "load-balancing-enabled", ["0"]),
            "fail",
            "Load balancing is off",
            id="off",
        ),
        pytest.param(
            lambda measured: [
                cluster.update(nodes=[], status=[], errors=["no"]) for cluster in measured["cluster"].values()
            ],
            "unknown",
            "No node lists the cluster",
            id="no_list",
        ),
        pytest.param(
            assign("cluster", "n2", "services", {"rstudio-server": None, "rstudio-launcher": None}),
            "unknown",
            "Whether the services run could not be read",
            id="units_not_read",
        ),
        pytest.param(
            assign("cluster", "n2", "status", []),
            "unknown",
            "/load-balancer/status did not answer",
            id="endpoint_does_not_answer",
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "status", verdict, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(assign("cluster", "*", "services", {}), id="services_unknown"),
    ],
)
def test_what_is_allowed_does_not_fail(change: Change) -> None:
    assert verdicts(judged(change))["status"] == "pass"


def row(host: str, address: str, number: int = 9) -> dict[str, t.Any]:
    listed = {"id": number, "status": "Online", "last_seen": "2026-Nov-21 10:00:00"}
    return {"host": host, "ipv4": address, "port": 8787, "flag": None, "load": [0, 0, 0], "sessions": [], **listed}


def unseen(member: str, *askers: str) -> Change:
    """`/load-balancer/status` of `askers` does not show a member."""

    def change(measured: Measured) -> None:
        for asker in askers:
            shown = measured["cluster"][asker]["status"]
            measured["cluster"][asker]["status"] = [row for row in shown if row["host"] != samples.HOSTS[member]]

    return change


def added(kind: str, *askers: str) -> Change:
    return lambda measured: [measured["cluster"][asker][kind].append(row("old", "10.0.0.99")) for asker in askers]


HOSTS = tuple(samples.HOSTS)


@pytest.mark.parametrize(
    ("change", "hosts", "what", "measured", "remedy"),
    [
        pytest.param(
            unseen("n3", "n1", "n2"),
            ["n3"],
            "n3 is not healthy",
            "/load-balancer/status of n1, n2 does not show it",
            "Right for seconds after n3 has started",
            id="peers_do_not_see_it",
        ),
        pytest.param(
            unseen("n3", *HOSTS),
            ["n3"],
            "n3 is not healthy",
            "/load-balancer/status of n1, n2, n3 does not show it",
            "restart rstudio-server on n1, n2, n3",
            id="nobody_sees_it",
        ),
        pytest.param(
            both(unseen("n2", "n1"), unseen("n3", "n1")),
            ["n1"],
            "n1 does not know the others",
            "does not show n2, n3",
            "systemctl restart rstudio-server",
            id="it_sees_nobody",
        ),
        pytest.param(
            added("status", "n1", "n2"),
            ["old"],
            "old is in /load-balancer/status, but is no member",
            "n1, n2 show it, list-nodes does not",
            "restart rstudio-server on n1, n2",
            id="ghost_in_the_endpoint_only",
        ),
        pytest.param(
            both(added("nodes", *HOSTS), added("status", *HOSTS)),
            ["old"],
            "old is listed, but is no member",
            "ID 9, Online",
            "It runs: add it to the inventory. Or stop rstudio-server there, and then",
            id="living_stranger",
        ),
    ],
)
def test_list_endpoint_and_inventory_are_held_against_each_other(
    change: Change, hosts: list[str], what: str, measured: str, remedy: str
) -> None:
    (found,) = findings(judged(change), "status", "fail")
    assert (found["hosts"], found["what"]) == (hosts, what)
    assert measured in found["measured"]
    assert remedy in found["remedy"]


def test_member_that_has_left_need_not_be_in_the_endpoint() -> None:
    def change(measured: Measured) -> None:
        unseen("n3", *HOSTS)(measured)
        for cluster in measured["cluster"].values():
            cluster["nodes"][2]["status"] = "Offline"

    (found,) = findings(judged(change), "status", "fail")
    assert found["measured"] == "list-nodes shows Offline"


def test_a_stranger_in_the_list_of_an_old_release_goes_by_the_list() -> None:
    """Before 2021.09 there is no command that deletes a node."""

    def old(measured: Measured) -> None:
        stranger(measured)
        for cluster in measured["cluster"].values():
            cluster["version"] = "1.4.1717-3"

    found = findings(judged(old), "status", "fail")
    assert [(item["what"][:31], "delete-node" in item["remedy"]) for item in found] == [
        ("old is among the [nodes] of loa", False)
    ]
