# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict about a cluster, over all requirements."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import REQUIREMENTS, verify_verdict
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    blocked,
    both,
    certificate,
    findings,
    judged,
    missing_newline,
    verdicts,
)


def test_healthy_cluster_passes_everything() -> None:
    answer = judged()
    assert {key: verdict for key, verdict in verdicts(answer).items() if verdict != "pass"} == {}
    assert answer["verdict"] == "pass"
    assert list(verdicts(answer)) == [file.REQUIREMENT.id for file in REQUIREMENTS]


def test_a_node_that_did_not_look_at_the_others_leaves_names_and_ports_unknown() -> None:
    answer = judged(lambda measured: measured["node"]["n2"].pop("peers"))
    for requirement in ("names", "ports"):
        assert verdicts(answer)[requirement] == "unknown", requirement
        assert findings(answer, requirement, "unknown")[0]["hosts"] == ["n2"]


@pytest.mark.parametrize("on", ["", "1", "on", "YES"])
def test_every_switch_that_the_product_takes_for_on_is_on(on: str) -> None:
    """`ssl-enabled=` alone switches TLS on, in rserver.conf and for the launcher alike."""

    def change(measured: Measured) -> None:
        for host, node in measured["node"].items():
            node["config"]["rserver.conf"].update(
                {"ssl-enabled": [on], "launcher-use-ssl": [on], "launcher-sessions-enabled": [on]}
            )
            node["config"]["rserver.conf"]["load-balancing-enabled"] = [on]
            node["config"]["load-balancer"]["verify-ssl-certs"] = [on]
            node["config"]["launcher.conf"]["server.enable-ssl"] = ["true"]
            node["tls"] = [certificate(names=[samples.HOSTS[host]])]
            measured["cluster"][host]["protocol"] = "Https"

    answer = judged(change)
    assert {key: verdict for key, verdict in verdicts(answer).items() if verdict != "pass"} == {}


def test_member_that_does_not_answer_is_never_a_pass() -> None:
    answer = judged(lambda measured: samples.without(measured, "n2"))
    named = {requirement["id"]: requirement for requirement in answer["requirements"]}
    assert answer["verdict"] == "unknown"
    for name in (
        "version",
        "configuration",
        "accounts",
        "clocks",
        "homes",
        "keys",
        "ports",
        "locks",
        "visibility",
        "status",
    ):
        assert named[name]["verdict"] == "unknown", name
        assert any(item["hosts"] == ["n2"] for item in named[name]["findings"]), name


def test_member_outside_the_run_is_said_to_be() -> None:
    answer = judged(both(lambda measured: samples.without(measured, "n2"), assign("outside", ["n2"])))
    assert findings(answer, "version", "unknown")[0]["measured"] == "n2 is not in this run (--limit)"


def test_fail_beats_unknown() -> None:
    answer = judged(both(lambda measured: samples.without(measured, "n2"), missing_newline))
    assert verdicts(answer)["keys"] == "fail"


def test_nothing_measured_is_unknown_everywhere() -> None:
    answer = verify_verdict(samples.nothing("n1"))
    assert set(verdicts(answer).values()) == {"unknown"}


def test_one_node_has_nobody_to_differ_from() -> None:
    def change(measured: Measured) -> None:
        for host in ("n2", "n3"):
            samples.without(measured, host)
            measured["members"].remove(host)
            measured["fronts"]["front1"]["report"]["places"].pop(f"{samples.HOSTS[host]}:8787")
        measured["node"]["n1"]["peers"] = {}
        measured["cluster"]["n1"].update({key: measured["cluster"]["n1"][key][:1] for key in ("nodes", "status")})

    assert judged(change)["verdict"] == "pass"


def test_what_is_unknown_says_so_and_what_to_do() -> None:
    answer = judged(assign("policy", "paths", []))
    unknown = [entry["id"] for entry in answer["requirements"] if entry["verdict"] == "unknown"]
    assert "visibility" in unknown
    for requirement in unknown:
        assert [item["what"] for item in findings(answer, requirement, "unknown") if item["remedy"]], requirement


def test_no_members_is_unknown() -> None:
    assert verify_verdict(samples.nothing())["verdict"] == "unknown"


def without_launcher(value: list[str] | None) -> Change:
    """The answers of a cluster on which launcher sessions are off."""

    def change(measured: Measured) -> None:
        for host in samples.HOSTS:
            rserver = measured["node"][host]["config"]["rserver.conf"]
            del rserver["launcher-sessions-enabled"]
            if value:
                rserver["launcher-sessions-enabled"] = value
            for seen in measured["node"][host]["peers"].values():
                del seen["ports"]["5559"]
            del measured["cluster"][host]["services"]["rstudio-launcher"]

    return change


@pytest.mark.parametrize("value", [["0"], None])
def test_cluster_without_launcher_sessions_passes(value: list[str] | None) -> None:
    assert {
        key: verdict for key, verdict in verdicts(judged(without_launcher(value))).items() if verdict != "pass"
    } == {}


def test_node_table_says_where_to_look() -> None:
    rows = {row["host"]: row for row in judged(blocked)["tables"]["nodes"]}
    assert rows["n3"]["fails"] == ["ports"]
    assert rows["n1"]["fails"] == []
    assert rows["n1"]["sessions"] == 1
    assert rows["n1"]["cookie_key"] == "c" * 12
