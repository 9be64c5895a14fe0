# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks of the nodes and of the file server."""

from __future__ import annotations

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
    verdicts,
)


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(
            assign("clock", "n3", "offset", 3.0), ["n3"], "3.002 s ahead of n1, n2, file server", id="clock_3_s_off"
        ),
        pytest.param(
            both(
                assign("clock", "n1", "offset", -0.3),
                assign("clock", "n2", "offset", -0.3),
                assign("clock", "n3", "offset", 0.8),
            ),
            ["n3"],
            "1.100 s ahead of n1, n2",
            id="out_of_step_with_two_of_three",
        ),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "clocks", hosts, words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            both(
                assign(
                    "clock", "n2", "daemon", {"name": None, "synchronized": False, "error": "None of chrony … runs"}
                ),
                assign("clock", "n2", "kernel", {"synchronized": True, "max_error": 0.02}),
            ),
            "No time daemon keeps the clock in step",
            id="stopped_daemon_whose_clock_is_right",
        ),
    ],
)
def test_a_note_decides_nothing_and_names_the_node(change: Change, words: str) -> None:
    answer = judged(change)
    (note,) = findings(answer, "clocks", "note")
    assert (answer["verdict"], note["hosts"]) == ("pass", ["n2"])
    assert words in note["what"]
    assert note["remedy"]


def test_clock_off_by_less_than_the_limit_passes_with_its_figure() -> None:
    answer = judged(assign("clock", "n3", "offset", 0.3))
    assert answer["verdict"] == "pass"
    assert findings(answer, "clocks", "pass")[0]["measured"] == "0.302 s ± 0.008 s"


def only_one_measured(measured: Measured) -> None:
    measured["clock"]["n1"].update(reference="controller")
    for host in ("n2", "n3"):
        measured["clock"][host] = samples.clock(None, None)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(assign("clock", "n3", "bound", 2.0), "unknown", "too wide to tell", id="wide_bound"),
        pytest.param(
            both(assign("clock", "n3", "offset", 1.2), assign("clock", "n3", "bound", 0.5)),
            "unknown",
            "too wide to tell",
            id="beyond_the_limit_by_less_than_the_bound",
        ),
        pytest.param(
            assign("clock", "n3", samples.clock(None, None)), "unknown", "could not be measured", id="no_offset"
        ),
        pytest.param(
            both(*(assign("clock", host, "offset", -5.0) for host in samples.HOSTS)),
            "fail",
            "The clock of the file server is 5.000 s ahead of n1, n2, n3",
            id="the_file_server_is_off",
        ),
        pytest.param(only_one_measured, "unknown", "There is one clock only", id="one_clock_of_three"),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "clocks", verdict, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(assign("clock", "n2", "daemon", {"name": None, "synchronized": False}), id="no_daemon_but_kernel"),
    ],
)
def test_what_is_allowed_does_not_fail(change: Change) -> None:
    assert verdicts(judged(change))["clocks"] == "pass"


def test_two_nodes_off_from_each_other_are_both_named_without_a_third_clock() -> None:
    def change(measured: Measured) -> None:
        samples.without(measured, "n3")
        measured["members"].remove("n3")
        for host, offset in (("n1", 0.0), ("n2", 4.0)):
            measured["clock"][host].update(offset=offset, reference="controller")

    named = [item["hosts"] for item in findings(judged(change), "clocks", "fail")]
    assert named == [["n1"], ["n2"]]


def measured_against(**references: str) -> Change:
    def change(measured: Measured) -> None:
        for host, reference in references.items():
            measured["clock"][host].update(reference=reference, offset=5.0 if reference == "storage" else 0.0)

    return change


@pytest.mark.parametrize(
    ("references", "verdict", "hosts", "compared"),
    [
        pytest.param(
            {"n1": "controller", "n2": "controller", "n3": "controller"},
            "pass",
            [],
            [["n1", "n2"], ["n1", "n3"], ["n2", "n3"]],
            id="all against the controller",
        ),
        pytest.param(
            {"n2": "controller", "n3": "controller"},
            "unknown",
            ["n1"],
            [["n1", "file server"], ["n2", "n3"]],
            id="one against storage",
        ),
        pytest.param(
            {"n3": "controller"},
            "unknown",
            ["n3"],
            [["n1", "n2"], ["n1", "file server"], ["n2", "file server"]],
            id="one against the controller",
        ),
    ],
)
def test_clocks_with_different_references_are_not_compared(
    references: dict[str, str], verdict: str, hosts: list[str], compared: list[list[str]]
) -> None:
    answer = judged(measured_against(**references))
    assert verdicts(answer)["clocks"] == verdict
    assert [item["hosts"] for item in findings(answer, "clocks", "unknown")] == ([hosts] if hosts else [])
    assert [row["hosts"] for row in answer["tables"]["pairs"]] == compared
    assert {row["host"] for row in answer["tables"]["clocks"]} == {host for pair in compared[:3] for host in pair} - (
        {"n2", "n3"} if len(references) == 2 else set()
    )


def test_clock_that_is_off_among_those_of_one_reference() -> None:
    def change(measured: Measured) -> None:
        measured_against(n1="controller", n2="controller", n3="controller")(measured)
        measured["clock"]["n2"].update(offset=3.0, bound=0.1)

    (found,) = findings(judged(change), "clocks", "fail")
    assert (found["hosts"], found["what"], found["measured"]) == (
        ["n2"],
        "The clock of n2 is 3.000 s ahead of n1, n3",
        "± 0.104 s",
    )


def test_clock_between_two_others_is_ahead_of_one_and_behind_the_other() -> None:
    def change(measured: Measured) -> None:
        for host, offset in (("n1", 0.0), ("n2", 5.0), ("n3", -4.0)):
            measured["clock"][host].update(offset=offset, reference="controller")

    said = [item["what"] for item in findings(judged(change), "clocks", "fail") if item["hosts"] == ["n1"]]
    assert said == ["The clock of n1 is 4.000 s ahead of n3", "The clock of n1 is 5.000 s behind n2"]


def test_one_clock_passes_where_there_is_one_node() -> None:
    def change(measured: Measured) -> None:
        for host in ("n2", "n3"):
            samples.without(measured, host)
            measured["members"].remove(host)
        measured["clock"]["n1"].update(reference="controller")

    (found,) = findings(judged(change), "clocks")
    assert (found["verdict"], found["what"]) == ("pass", "There is one clock only")
