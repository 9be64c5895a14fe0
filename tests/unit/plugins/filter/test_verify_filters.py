# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of verify, chained as the role chains them, with values as ansible-core tags them."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.filter import (
    verify_measured,
    verify_peers,
    verify_preflight,
    verify_report,
    verify_report_html,
    verify_report_junit,
    verify_status,
    verify_summary,
    verify_verdict,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.filter.tags import load_filters, tagged
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

FILTERS = load_filters(
    verify_measured,
    verify_peers,
    verify_preflight,
    verify_report,
    verify_report_html,
    verify_report_junit,
    verify_status,
    verify_summary,
    verify_verdict,
)


def test_chain_of_the_role() -> None:
    hosts = {
        host: {"__verify_node": {"node": samples.node(host)}, "__verify_cluster": {"cluster": samples.cluster(host)}}
        for host in samples.HOSTS
    }
    policy = samples.healthy()["policy"]
    measured = FILTERS["verify_measured"](tagged(list(samples.HOSTS)), tagged(hosts), tagged(policy))
    answer = FILTERS["verify_verdict"](measured)
    assert answer["verdict"] == "unknown"
    report = FILTERS["verify_report"](answer, measured, tagged("research"), "")
    assert not isinstance(report["cluster"], type(tagged("x")))
    assert FILTERS["verify_summary"](report)[-1].startswith("research: unknown")
    assert FILTERS["verify_report_html"](report).startswith("<!DOCTYPE html>")
    assert FILTERS["verify_report_junit"](report).startswith("<?xml")
    assert FILTERS["verify_status"](measured)["verdict"] == "pass"
    assert (
        FILTERS["verify_preflight"]({**measured, "policy": {**policy, "min_memory": 1, "min_disk": 1}})["verdict"]
        == "unknown"
    )
    assert [peer["name"] for peer in FILTERS["verify_peers"](measured)] == list(samples.HOSTS)
