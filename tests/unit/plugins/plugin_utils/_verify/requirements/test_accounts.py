# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, groups and the service account."""

from __future__ import annotations

import pytest
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
            both(
                assign("node", "n3", "accounts", "users", "ada", "uid", 20009),
                assign("node", "n3", "accounts", "uids", {"20009": ["ada"], "989": ["rstudio-server"]}),
            ),
            ["n3"],
            "ada has different uids",
            id="another_uid",
        ),
        pytest.param(
            assign("node", "n3", "id_rules", {"domain/LDAP ldap_id_mapping": "true"}),
            ["n3"],
            "SSSD numbers users by different rules: domain/LDAP ldap_id_mapping",
            id="other_rules_of_numbers",
        ),
        pytest.param(
            assign("node", "n2", "id_rules", {}), ["n2"], "numbers users by different rules", id="rules_on_some_nodes"
        ),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "accounts", hosts, words)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("node", "n2", "accounts", "uids", {"20001": ["ada", "bob"], "989": ["rstudio-server"]}),
            "fail",
            "uid 20001 of ada belongs to others too",
            id="number_has_two_names",
        ),
        pytest.param(
            assign("node", "n2", "accounts", "groups", {}), "fail", "analysts does not exist", id="group_missing"
        ),
        pytest.param(assign("node", "n2", "service_user", "www"), "fail", "different accounts", id="service_users"),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "accounts", verdict, words)


def test_members_of_the_groups_are_compared() -> None:
    def change(measured: Measured) -> None:
        for host, entry in measured["node"].items():
            entry["accounts"]["users"]["eve"] = {"uid": 20009 if host == "n2" else 20008, "gid": 30001, "home": "/x"}
        del measured["node"]["n3"]["accounts"]["users"]["eve"]

    said = {item["what"]: item["hosts"] for item in findings(judged(change), "accounts", "fail")}
    assert said["eve does not exist, or is in none of analysts"] == ["n3"]
    assert said["eve has different uids"] == ["n1", "n2"]


def test_nobody_named_is_no_pass() -> None:
    def change(measured: Measured) -> None:
        measured["policy"].update(users=[], groups=[])

    assert verdicts(judged(change))["accounts"] == "unknown"
