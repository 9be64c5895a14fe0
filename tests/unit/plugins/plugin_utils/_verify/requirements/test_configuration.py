# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What /etc/rstudio says, and what runs with it."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    both,
    certificate,
    fails_alone,
    findings,
    gives,
    judged,
    told,
    verdicts,
)


def option_given_twice(measured: Measured) -> None:
    """On every node: each still runs, refuses to start, and lists nothing."""
    for host, node in measured["node"].items():
        node["config"]["rserver.conf"]["auth-timeout-minutes"] = ["30", "60"]
        node["start"]["check"] = {
            "passed": False,
            "said": "option 'auth-timeout-minutes' cannot be specified more than once",
        }
        node["start"]["units"] = {"rstudio-server": samples.unit_state(), "rstudio-launcher": samples.unit_state()}
        measured["cluster"][host].update(
            nodes=[], errors=["rstudio-server list-nodes failed: cannot be specified twice"]
        )


def tls_without_restart(measured: Measured) -> None:
    """Everywhere TLS was switched on in rserver.conf; what runs answers without it, on the port of before."""
    why = "/etc/rstudio/rserver.conf was written after rstudio-server started"
    for host, node in measured["node"].items():
        node["config"]["rserver.conf"]["ssl-enabled"] = ["1"]
        node["start"]["units"]["rstudio-server"] = samples.unit_state(configuration=why)
        node["tls"] = [certificate(names=[samples.HOSTS[host]])]
        measured["cluster"][host].update(
            status=[], errors=["https://localhost:443/load-balancer/status cannot be read"]
        )
        for peer in node["peers"].values():
            peer["ports"] = {"443": "refused", "5559": "open"}


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(
            assign("node", "n3", "config", "rserver.conf", "auth-timeout-minutes", ["60"]),
            ["n3"],
            "auth-timeout-minutes in rserver.conf differs",
            id="one_option_changed",
        ),
        pytest.param(
            option_given_twice, ["n1", "n2", "n3"], "refuses its configuration", id="one_option_twice_on_all_nodes"
        ),
        pytest.param(
            tls_without_restart,
            ["n1", "n2", "n3"],
            "older configuration than that on disk",
            id="tls_switched_on_without_restart",
        ),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "configuration", hosts, words)


def test_what_the_product_says_is_passed_on() -> None:
    answer = judged(option_given_twice)
    (said,) = findings(answer, "configuration", "fail")
    assert "option 'auth-timeout-minutes' cannot be specified more than once on n1, n2, n3" in said["measured"]
    assert "test-config" in said["remedy"]


def test_restart_or_take_the_change_back_is_the_only_advice() -> None:
    answer = judged(tls_without_restart)
    (said,) = findings(answer, "configuration", "fail")
    assert "take the change back" in said["remedy"]
    advice = " ".join(item["remedy"] for entry in answer["requirements"] for item in entry["findings"])
    assert "firewall" not in advice
    assert {name for name, verdict in verdicts(answer).items() if verdict == "unknown"} == {
        "database",
        "ports",
        "status",
    }


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(told("n2", "check", {"passed": None, "said": "no answer"}), id="no_own_judgement"),
    ],
)
def test_what_could_not_be_read_is_unknown(change: Change) -> None:
    answer = judged(change)
    assert verdicts(answer)["configuration"] == "unknown"
    assert findings(answer, "configuration", "unknown")[0]["hosts"] == ["n2"]


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            both(assign("node", "n2", "config", {}), assign("node", "n2", "unparsed", {})),
            "fail",
            "There is no configuration",
            id="one_node_without_configuration",
        ),
        pytest.param(
            both(assign("node", "*", "config", {}), assign("node", "*", "unparsed", {})),
            "unknown",
            "There is no configuration",
            id="no_configuration_at_all",
        ),
        pytest.param(
            assign("node", "n2", "unparsed", {}), "fail", "rsession-profile differs", id="file_missing_on_one_node"
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "configuration", verdict, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            assign(
                "node",
                "n2",
                "config",
                "load-balancer",
                {"www-host-name": ["n2"], "balancer": ["sessions"]},
            ),
            id="own_name_and_balancer",
        ),
        pytest.param(assign("node", "n2", "config", "rserver.conf", "www-port", ["8788"]), id="www_port"),
        pytest.param(assign("node", "n2", "config", "rserver.conf", "www-address", ["10.0.0.12"]), id="www_address"),
        pytest.param(assign("node", "n2", "unparsed", "secure-cookie-key", "sha256:1"), id="key_file"),
    ],
)
def test_what_is_allowed_does_not_fail(change: Change) -> None:
    assert verdicts(judged(change))["configuration"] == "pass"


@pytest.mark.parametrize("option", ["host", "port", "database", "connection-uri"])
def test_nodes_that_name_different_databases_differ_in_configuration(option: str) -> None:
    answer = judged(assign("node", "n3", "config", "database.conf", option, ["1234"]))
    (found,) = findings(answer, "configuration", "fail")
    assert (found["hosts"], found["what"]) == (["n3"], f"{option} in database.conf differs")


def test_drift_shows_who_has_which_value() -> None:
    rows = judged(assign("node", "n3", "config", "rserver.conf", "auth-timeout-minutes", ["60"]))["tables"]["drift"]
    assert rows == [
        {"file": "rserver.conf", "option": "auth-timeout-minutes", "values": {"30": ["n1", "n2"], "60": ["n3"]}}
    ]


def test_plain_passwords_are_compared() -> None:
    plain = assign("node", "*", "key_files", "database_password", {"state": "plain", "key_crc32": None})
    assert [row["option"] for row in judged(plain)["tables"]["drift"]] == ["password"]


@pytest.mark.parametrize(
    ("file", "one", "other", "drifts"),
    [
        ("rserver.conf", ["a", "b"], ["b", "a"], False),
        ("rserver.conf", ["a", "b"], ["a", "c"], True),
        ("load-balancer", ["n1", "n2"], ["n2", "n1"], False),
        ("launcher.conf", ["Local", "Slurm"], ["Slurm", "Local"], True),
        ("env-vars", ["1", "2"], ["2", "1"], True),
    ],
)
def test_order_of_values_counts_where_it_means_something(
    file: str, one: list[str], other: list[str], drifts: bool
) -> None:
    def change(measured: Measured) -> None:
        for host, entry in measured["node"].items():
            entry["config"].setdefault(file, {})["repeated"] = other if host == "n2" else one

    assert [row["option"] for row in judged(change)["tables"]["drift"]] == (["repeated"] if drifts else [])


@pytest.mark.parametrize(("third", "drifts"), [("https://10.0.0.13:443", False), ("https://10.0.0.11:443", True)])
def test_sessions_that_call_back_at_the_nodes_own_address_are_no_drift(third: str, drifts: bool) -> None:
    def change(measured: Measured) -> None:
        for number, entry in enumerate(measured["node"].values(), 11):
            entry["config"]["rserver.conf"].update(
                {
                    "www-address": [f"10.0.0.{number}"],
                    "launcher-sessions-callback-address": [third if number == 13 else f"https://10.0.0.{number}:443"],
                }
            )

    assert [row["option"] for row in judged(change)["tables"]["drift"]] == (
        ["launcher-sessions-callback-address"] if drifts else []
    )


def test_drift_shows_values_in_their_order() -> None:
    def change(measured: Measured) -> None:
        for host, values in (("n1", ["b", "a"]), ("n2", ["a", "b"]), ("n3", ["c"])):
            measured["node"][host]["config"]["rserver.conf"]["www-allow-origin"] = values

    answer = judged(change)
    assert [row["values"] for row in answer["tables"]["drift"]] == [{"b, a": ["n1", "n2"], "c": ["n3"]}]
    assert findings(answer, "configuration", "fail")[0]["hosts"] == ["n3"]
