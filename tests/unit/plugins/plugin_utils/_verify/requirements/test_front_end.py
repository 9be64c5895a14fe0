# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in front of the nodes."""

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
    verdicts,
)

REPORT = ("fronts", "front1", "report")
SERVED = (*REPORT, "served", "127.0.0.1")
CERTIFICATE = (*SERVED, "certificate")
NODE = (*REPORT, "places", "10.0.0.12:8787")
SAML = assign("node", "*", "config", "rserver.conf", "auth-saml", ["1"])


def shown(status: str) -> Change:
    """What list-nodes says of n2, on all nodes."""

    def change(measured: Measured) -> None:
        for report in measured["cluster"].values():
            report["nodes"][1]["status"] = status

    return change


def fronts(**holds: bool) -> Change:
    """Front ends with a virtual address, and who of them has it."""
    told = {
        host: {"address": host, "why": "", "report": samples.front_end(virtual="10.0.0.7", holds=has)}
        for host, has in holds.items()
    }
    return assign("fronts", told)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(assign(*SERVED, "answers", ["refused"] * 6), "front1 does not answer at 127.0.0.1", id="down"),
        pytest.param(assign(*SERVED, "answers", ["200", "503", "200"]), "People get errors of front1", id="errors"),
        pytest.param(assign(*SERVED, "answers", ["200", "timeout"]), "People get errors of front1", id="hangs"),
        pytest.param(assign(*NODE, "answer", "timeout"), "does not reach n2, which is Online", id="cut_off"),
        pytest.param(assign(*NODE, "answer", "404"), "does not reach n2, which is Online", id="wrong_page"),
        pytest.param(
            assign(*REPORT, "places", "10.0.0.9:8787", {"standby": False, "answer": "200"}),
            "Requests go to 10.0.0.9:8787, which is no member",
            id="stranger",
        ),
        pytest.param(assign(*CERTIFICATE, "not_after", "2026-11-20T00:00:00"), "has expired", id="expired"),
        pytest.param(assign(*CERTIFICATE, "not_before", "2026-11-22T00:00:00"), "is not valid yet", id="early"),
        pytest.param(
            assign(*CERTIFICATE, "names", ["wb.example.org"]), "does not name workbench.example.com", id="other_name"
        ),
        pytest.param(both(SAML, assign(*SERVED, "kept", False)), "does not come back to its node", id="moved"),
        pytest.param(both(SAML, assign(*SERVED, "kept", None)), "does not come back to its node", id="no_cookie"),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_front_end(change: Change, words: str) -> None:
    fails_alone(change, "front-end", ["front1"], words)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(SAML, "pass", "sends people to n1, n2, n3", id="sticky"),
        pytest.param(assign(*SERVED, "kept", None), "pass", "sends people to", id="sticky_is_not_needed"),
        pytest.param(assign(*SERVED, "certificate", None), "pass", "sends people to", id="plain_http"),
        pytest.param(
            both(assign(*REPORT, "names", []), assign(*CERTIFICATE, "names", ["10.0.0.8"])),
            "pass",
            "sends people to",
            id="for_its_number",
        ),
        pytest.param(assign(*REPORT, "names", []), "pass", "sends people to", id="number_beside_a_name"),
        pytest.param(
            both(assign(*REPORT, "names", []), assign(*CERTIFICATE, "names", ["wb.example.org"])),
            "unknown",
            "for what people type cannot be told",
            id="nobody_says_what_people_type",
        ),
        pytest.param(assign(*CERTIFICATE, "error", "broken"), "unknown", "could not be read", id="unreadable"),
        pytest.param(assign(*REPORT, "places", {}), "unknown", "Which nodes get requests", id="no_file"),
        pytest.param(assign("fronts", "front1", "report", None), "unknown", "front1 was not asked", id="silent"),
        pytest.param(fronts(front1=True, front2=False), "pass", "front2 answers", id="one_has_the_address"),
    ],
)
def test_what_else_is_said(change: Change, verdict: str, words: str) -> None:
    gives(change, "front-end", verdict, words)


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(fronts(front1=False, front2=False), ["front1", "front2"], "No front end has", id="nobody"),
        pytest.param(fronts(front1=True, front2=True), ["front1", "front2"], "Several front ends have", id="several"),
    ],
)
def test_one_front_end_has_the_virtual_address(change: Change, hosts: list[str], words: str) -> None:
    fails_alone(change, "front-end", hosts, words)


def test_of_front_ends_that_are_silent_one_may_have_the_virtual_address() -> None:
    answer = judged(both(fronts(front1=False, front2=True), assign("fronts", "front2", "report", None)))
    assert verdicts(answer)["front-end"] == "unknown"
    assert [item["hosts"] for item in findings(answer, "front-end", "fail", "unknown")] == [["front2"]]


@pytest.mark.parametrize(
    ("change", "measured"),
    [
        pytest.param(shown("Offline"), "list-nodes shows Offline, and /health-check answers 200", id="offline"),
        pytest.param(
            lambda measured: [
                report["status"][1].update(flag="unreachable") for report in measured["cluster"].values()
            ],
            "others see it as unreachable, and /health-check answers 200",
            id="unreachable",
        ),
    ],
)
def test_a_node_that_is_not_online_gets_no_requests(change: Change, measured: str) -> None:
    answer = judged(change)
    (failed,) = findings(answer, "front-end", "fail")
    assert failed["what"] == "Requests go to n2, which is not Online"
    assert failed["measured"] == measured


def test_a_front_end_that_does_without_a_node_that_is_not_online_passes() -> None:
    answer = judged(both(shown("Offline"), assign(*NODE, "answer", "503")))
    assert verdicts(answer)["front-end"] == "pass"
    assert verdicts(answer)["status"] == "fail"


def test_of_a_node_that_nobody_lists_it_is_not_known_whether_requests_may_go_there() -> None:
    def change(measured: Measured) -> None:
        for report in measured["cluster"].values():
            report["nodes"], report["status"] = [], []

    gives(change, "front-end", "unknown", "Whether n2, which gets requests, is Online cannot be told")


def test_a_node_that_is_drained_is_worth_a_note() -> None:
    answer = judged(lambda measured: measured["fronts"]["front1"]["report"]["places"].pop("10.0.0.12:8787"))
    assert verdicts(answer)["front-end"] == "pass"
    assert [item["what"] for item in findings(answer, "front-end", "note")] == ["n2 gets no requests of this front end"]


def test_a_certificate_that_ends_soon_is_worth_a_note() -> None:
    answer = judged(assign(*CERTIFICATE, "not_after", "2026-12-01T00:00:00"))
    assert verdicts(answer)["front-end"] == "pass"
    assert "expires soon" in findings(answer, "front-end", "note")[0]["what"]


@pytest.mark.parametrize(("version", "verdict"), [("2023.06.1+524.pro1", "fail"), ("2023.09.0+463.pro12", "pass")])
def test_openid_needs_sticky_sessions_in_versions_before_2023_09(version: str, verdict: str) -> None:
    def change(measured: Measured) -> None:
        for host, report in measured["cluster"].items():
            report["version"] = version
            measured["node"][host]["config"]["rserver.conf"]["auth-openid"] = ["1"]

    answer = judged(both(change, assign(*SERVED, "kept", None)))
    assert verdicts(answer)["front-end"] == verdict


def test_one_node_at_a_time_needs_no_cookie() -> None:
    def standby(measured: Measured) -> None:
        places = measured["fronts"]["front1"]["report"]["places"]
        for place in list(places)[1:]:
            places[place]["standby"] = True

    assert verdicts(judged(both(SAML, standby, assign(*SERVED, "kept", None))))["front-end"] == "pass"


@pytest.mark.parametrize("fronts_of", [None, {}])
def test_a_cluster_without_front_ends_is_not_judged_by_it(fronts_of: t.Any) -> None:
    assert "front-end" not in verdicts(judged(assign("fronts", fronts_of)))
