# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports between the nodes."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    assign,
    blocked,
    both,
    fails_alone,
    findings,
    gives,
    judged,
)


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(blocked, ["n3"], "Port 5559 of n3 does not answer to n1, n2", id="blocked_launcher_port"),
        pytest.param(blocked, ["n3"], "n1, n2: most likely a firewall drops it", id="dropped_by_a_firewall"),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "ports", hosts, words)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign(
                "node",
                "n1",
                "peers",
                {
                    peer: {"address": [samples.HOSTS[peer]], "ports": {"8787": "open", "5559": "timeout"}}
                    for peer in ("n2", "n3")
                },
            ),
            "fail",
            "n1 reaches none of n2, n3 on port 5559",
            id="cut_off_node",
        ),
        pytest.param(
            assign("node", "n3", "config", "rserver.conf", "www-port", ["87x"]),
            "fail",
            "A port is no number",
            id="no_port",
        ),
        pytest.param(
            assign("node", "*", "config", "launcher.conf", "server.port", ["65536"]),
            "fail",
            "A port is no number",
            id="no_port_of_the_launcher",
        ),
        pytest.param(
            assign("node", "n3", "config", "load-balancer", "www-host-name", ["10.0.0.13:http"]),
            "fail",
            "A port is no number",
            id="no_port_behind_the_name",
        ),
        pytest.param(assign("node", "n2", "peers", {}), "unknown", "were not tried from here", id="not_asked"),
        pytest.param(
            both(blocked, assign("cluster", "n3", "services", "rstudio-launcher", "inactive")),
            "unknown",
            "could not be tried",
            id="closed_because_not_running",
        ),
        pytest.param(
            both(blocked, assign("cluster", "n3", "services", {})), "unknown", "could not be tried", id="unit_unknown"
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "ports", verdict, words)


def test_wrong_port_is_named_with_its_node_and_file() -> None:
    answer = judged(assign("node", "n3", "config", "rserver.conf", "www-port", ["87x"]))
    (found,) = findings(answer, "ports", "fail")
    assert (found["hosts"], found["measured"]) == (["n3"], "87x for www-port in rserver.conf on n3")
    assert "server_rserver_conf" in found["remedy"]
