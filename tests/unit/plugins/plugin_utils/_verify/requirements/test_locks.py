# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File locks."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Outcome
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    fails_alone,
    findings,
    judged,
    verdicts,
)

HOME, SHARED = samples.HOME, samples.SHARED


def advisory_without_server(measured: Measured) -> None:
    for entry in measured["node"].values():
        entry["config"]["file-locks"]["lock-type"] = ["advisory"]
        for mount in entry["mounts"].values():
            mount["options"] = ["rw", "nolock", "vers=3"]
    for event in measured["locks"]:
        if event["type"] == "advisory" and event["step"] == "try":
            event["outcome"] = "acquired"


def without_hard_links(measured: Measured) -> None:
    measured["locks"] = [event for event in measured["locks"] if event["type"] != "linkbased"]
    measured["locks"] += [
        samples.lock("hold", "n1", "unsupported", "linkbased", path, error="hard links are not supported")
        for path in (HOME, SHARED)
    ]


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(advisory_without_server, ["n2", "n3"], "all nodes acquire it", id="nolock_with_advisory_locks"),
        pytest.param(without_hard_links, ["n1"], "no node can acquire it", id="no_hard_links"),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "locks", hosts, words)


@pytest.mark.parametrize(
    ("events", "verdict", "words"),
    [
        pytest.param("hold n1 refused", "fail", "no node can acquire it", id="none_acquires"),
        pytest.param(
            "hold n1 held, try n2 acquired, try n3 acquired", "fail", "all nodes acquire it", id="all_acquire"
        ),
        pytest.param("hold n1 held, try n2 refused, try n3 acquired", "fail", "n3 acquired it", id="one_acquires"),
        pytest.param("hold n1 held, try n2 unsupported", "fail", "cannot acquire it at all", id="unsupported_there"),
        pytest.param("hold n1 held, try n2 gone", "unknown", "trying it failed", id="holder_died"),
        pytest.param("hold n1 held", "unknown", "no other node tried it", id="nobody_tried"),
        pytest.param("try n2 acquired", "unknown", "no node held it", id="nobody_held"),
        pytest.param(
            "hold n1 held, try n2 refused, release n1 live", "fail", "n1 does not release it", id="no_release"
        ),
        pytest.param(
            "hold n1 held, try n2 refused, takeover n2 refused", "fail", "n2 cannot take it over", id="no_takeover"
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 live 2, stale n2 live 31",
            "fail",
            "never take over",
            id="never_stale",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 live 2",
            "unknown",
            "could not be asked again",
            id="asked_once",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, stale n1 stale 3", "fail", "would steal it 3 s after", id="too_early"
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 live 2, stale n2 stale 31",
            "pass",
            "n1 held it, 1 other node refused",
            id="works",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, crash n1 gone, stale n2 stale 31",
            "unknown",
            "not held a second time",
            id="never_held_again",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 error, crash n1 error, stale n2 gone",
            "unknown",
            "n1 cannot acquire it again: error",
            id="again_in_error",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 refused, crash n1 error, stale n2 gone",
            "fail",
            "n1 cannot acquire it again: refused",
            id="not_acquired_again",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, stale n2 stale 31",
            "unknown",
            "its holder could not be killed: not tried",
            id="never_killed",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 error, stale n2 gone",
            "unknown",
            "its holder could not be killed: error",
            id="kill_in_error",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone",
            "unknown",
            "nobody saw what becomes of the lock",
            id="nobody_asked_after_the_death",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 error",
            "unknown",
            "nobody saw what becomes of the lock",
            id="asked_in_error",
        ),
    ],
)
def test_lock(events: str, verdict: str, words: str) -> None:
    def change(measured: Measured) -> None:
        measured["locks"] = []
        for event in events.split(", "):
            step, host, outcome, *seconds = event.split()
            met = t.cast("Outcome", outcome)
            measured["locks"].append(samples.lock(step, host, met, seconds=float(seconds[0]) if seconds else None))

    row = judged(change)["tables"]["locks"][0]
    assert (row["verdict"], row["configured"]) == (verdict, True)
    assert words in row["says"]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"lock-type": ["advisory"]}, "advisory"),
        ({"lock-type": ["linkbased"], "use-symlinks": ["1"]}, "symlink"),
        ({"lock-type": ["linkbased"], "use-symlinks": ["true"]}, "linkbased"),
        ({"lock-type": ["linkbased"], "use-symlinks": ["+1"]}, "symlink"),
        ({"lock-type": ["flock"], "use-symlinks": ["01"]}, "symlink"),
        ({}, "linkbased"),
    ],
)
def test_verdict_is_for_the_configured_lock(options: dict[str, list[str]], kind: str) -> None:
    def change(measured: Measured) -> None:
        for entry in measured["node"].values():
            entry["config"]["file-locks"] = options
        for event in measured["locks"]:
            if event["type"] == kind and event["step"] == "try":
                event["outcome"] = "acquired"

    answer = judged(change)
    assert verdicts(answer)["locks"] == "fail"
    assert {row["type"] for row in answer["tables"]["locks"] if row["configured"]} == {kind}


def test_other_lock_type_is_a_note() -> None:
    def change(measured: Measured) -> None:
        for event in measured["locks"]:
            if event["type"] == "advisory" and event["step"] == "try":
                event["outcome"] = "acquired"

    assert verdicts(judged(change))["locks"] == "pass"


def locktester(tried: Outcome, hold: Outcome = "held") -> Change:
    def change(measured: Measured) -> None:
        measured["locks"] += [
            samples.lock("hold", "n1", hold, "locktester"),
            samples.lock("try", "n2", "refused", "locktester"),
            samples.lock("try", "n3", tried, "locktester"),
            samples.lock("release", "n1", "released", "locktester"),
        ]

    return change


def all_acquire(measured: Measured) -> None:
    locktester("refused")(measured)
    for event in measured["locks"]:
        if event["type"] == "linkbased" and event["step"] == "try":
            event["outcome"] = "acquired"


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(locktester("refused"), "note", "agrees: n1 held it, 2 other nodes refused", id="agrees"),
        pytest.param(locktester("acquired"), "fail", "disagrees: n3 acquired it while n1 holds it", id="sees a fault"),
        pytest.param(locktester("refused", "unsupported"), None, "", id="not installed"),
        pytest.param(
            locktester("unsupported"), "note", "agrees: n1 held it, 1 other node refused", id="not everywhere"
        ),
        pytest.param(locktester("error"), "note", "cannot be compared: trying it failed", id="does not tell"),
        pytest.param(locktester("refused", "refused"), "fail", "disagrees: no node can acquire it", id="none acquires"),
        pytest.param(all_acquire, "note", "disagrees: n1 held it", id="misses a fault"),
    ],
)
def test_the_product_s_own_locktester(change: Change, verdict: str | None, words: str) -> None:
    answer = judged(change)
    said = [finding for finding in findings(answer, "locks") if "own locktester" in finding["what"]]
    assert [finding["verdict"] for finding in said] == ([verdict] if verdict else [])
    assert all(words in finding["what"] for finding in said)
    assert verdicts(answer)["locks"] == ("fail" if verdict == "fail" or change is all_acquire else "pass")


def mounted_with(*options: str) -> Change:
    def change(measured: Measured) -> None:
        measured["node"]["n2"]["mounts"][samples.HOME]["options"] = ["rw", *options]

    return change


def advisory_with(*options: str) -> Change:
    def change(measured: Measured) -> None:
        mounted_with(*options)(measured)
        for entry in measured["node"].values():
            entry["config"]["file-locks"]["lock-type"] = ["advisory"]

    return change


@pytest.mark.parametrize(
    ("change", "measured"),
    [
        pytest.param(mounted_with("acregmin=1800", "acregmax=1800"), "attributes cached for 1800 s on n2", id="cached"),
        pytest.param(mounted_with("acregmin=2", "acregmax=2"), None, id="cached for a moment"),
        pytest.param(mounted_with("actimeo=1800", "noac"), None, id="noac"),
        pytest.param(mounted_with("nolock"), None, id="link-based locks need no lock service"),
        pytest.param(advisory_with("nolock"), "nolock on n2", id="nolock"),
        pytest.param(advisory_with("actimeo=1800"), None, id="advisory locks have no time"),
    ],
)
def test_mount_options_agree_with_the_lock(change: Change, measured: str | None) -> None:
    found = findings(judged(change), "locks", "fail")
    assert [(item["hosts"], item["measured"]) for item in found] == ([(["n2"], measured)] if measured else [])


def test_holder_that_ended_too_early_proves_nothing() -> None:
    def change(measured: Measured) -> None:
        for event in measured["locks"]:
            if event["step"] == "try" and event["host"] == "n3":
                event["outcome"] = "acquired"
            if event["step"] == "release":
                event["outcome"] = "gone"

    answer = judged(change)
    assert verdicts(answer)["locks"] == "unknown"
    assert "did not hold it until all others had tried" in findings(answer, "locks", "unknown")[0]["what"]


@pytest.mark.parametrize("kinds", [("linkbased",), ("linkbased", "symlink", "advisory")])
def test_a_lock_that_could_not_be_told_is_tried_again_and_not_replaced(kinds: tuple[str, ...]) -> None:
    def change(measured: Measured) -> None:
        for event in measured["locks"]:
            if event["step"] == "try" and event["type"] in kinds:
                event.update(outcome="error", error="no answer")

    said = findings(judged(change), "locks", "unknown")
    assert {item["remedy"] for item in said} == {
        "See that all nodes and the file server answer all the time, and run verify again."
    }


def test_advisory_word_of_the_product_s_own_test_is_a_note() -> None:
    def change(measured: Measured) -> None:
        locktester("acquired")(measured)
        advisory_with()(measured)

    answer = judged(change)
    assert verdicts(answer)["locks"] == "pass"
    assert any("disagrees: n3 acquired it" in item["what"] for item in findings(answer, "locks", "note"))


def test_why_locks_were_not_tried() -> None:
    def change(measured: Measured) -> None:
        measured["locks"] = [event for event in measured["locks"] if event["host"] != "n3"]
        measured["failures"] = {"n3": "no space left"}

    (found,) = findings(judged(change), "locks", "unknown")
    assert (found["hosts"], found["measured"]) == (["n3"], "no space left on n3")


def test_locks_that_are_stale_before_they_are_refreshed() -> None:
    def change(measured: Measured) -> None:
        measured["node"]["n2"]["config"]["file-locks"].update({"refresh-rate": ["60"]})

    (found,) = findings(judged(change), "locks", "fail")
    assert (found["hosts"], found["measured"]) == (["n2"], "refresh-rate 60 s, timeout-interval 30 s on n2")


@pytest.mark.parametrize(
    ("change", "advice"),
    [(without_hard_links, "use-symlinks=1"), (advisory_without_server, "without nolock on n1, n2, n3")],
)
def test_lock_remedy_is_a_setting_that_works_here(change: Change, advice: str) -> None:
    assert advice in findings(judged(change), "locks", "fail")[0]["remedy"]


def test_times_are_read_as_the_product_reads_them() -> None:
    """As text both look fine; the product takes 30 for what is no number, and cuts."""

    def change(measured: Measured) -> None:
        measured["node"]["n2"]["config"]["file-locks"].update({"refresh-rate": ["3e1"], "timeout-interval": ["x9"]})

    (found,) = findings(judged(change), "locks", "fail")
    assert (found["hosts"], found["measured"]) == (["n2"], "refresh-rate 30 s, timeout-interval 30 s on n2")


def test_values_of_file_locks_that_are_not_taken_are_a_note() -> None:
    def change(measured: Measured) -> None:
        for entry in measured["node"].values():
            entry["config"]["file-locks"].update({"refresh-rate": ["-1"]})

    answer = judged(change)
    (found,) = [item for item in findings(answer, "locks", "note") if "does not take all" in item["what"]]
    assert (verdicts(answer)["locks"], "refresh-rate=-1 is not taken" in found["measured"]) == ("pass", True)


def test_a_home_that_could_not_be_cleaned_is_no_stranger_s() -> None:
    def change(measured: Measured) -> None:
        measured["locks"].append(samples.lock("clean", "n2", "error", error="/home/x could not be cleaned: no answer"))

    answer = judged(change)
    assert [item for item in findings(answer, "locks", "note") if "Test files lie" in item["what"]] == []


def test_what_a_stranger_planted_is_a_note() -> None:
    def change(measured: Measured) -> None:
        words = "could not be removed: /nfs/home/.workbench-verify-x (of user 1001)"
        measured["locks"].append(samples.lock("clean", "n2", "error", error=words))
        measured["locks"].append(samples.lock("clean", "n2", "gone", path=samples.SHARED))

    answer = judged(change)
    (found,) = [item for item in findings(answer, "locks", "note") if "Test files lie" in item["what"]]
    assert (verdicts(answer)["locks"], found["hosts"], "of user 1001" in found["measured"]) == ("pass", ["n2"], True)
    assert all("clean" not in row["outcomes"] for row in answer["tables"]["locks"])
