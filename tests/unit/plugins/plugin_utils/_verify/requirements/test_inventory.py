# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook site would change."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    assign,
    both,
    fails_alone,
    findings,
    gives,
    judged,
    verdicts,
)

OPTION = {
    "role": "server",
    "what": "rserver.conf",
    "why": "auth-timeout-minutes 30 → 45",
    "interrupts": "restarts rstudio-server",
}
PACKAGE = {"role": "clock", "what": "package chrony", "why": "new", "interrupts": ""}
UNTOLD = {"role": "storage", "what": "/nfs/home", "why": "what is mounted cannot be told: timed out", "interrupts": ""}
REFUSES = "server_version 2026.07.0 is older than what node2 has."


def compared(host: str, **told: t.Any) -> Change:
    return assign("compared", host, samples.compared(**told))


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(compared("n2", changes=[OPTION]), ["n2"], "site would change rserver.conf (server)", id="file"),
        pytest.param(
            compared("n1", changes=[PACKAGE]), ["n1"], "site would change package chrony (clock)", id="package"
        ),
        pytest.param(compared("n3", problems=[REFUSES]), ["n3"], "site would refuse to run", id="refused"),
        pytest.param(compared("n3", changes=[UNTOLD, OPTION]), ["n3"], "rserver.conf", id="beside_what_is_unknown"),
    ],
)
def test_what_site_would_do_fails_this_requirement_alone(change: Change, hosts: list[str], words: str) -> None:
    fails_alone(change, "inventory", hosts, words)


def test_hosts_stand_together_that_would_change_alike() -> None:
    other = {**OPTION, "why": "auth-timeout-minutes 60 → 45"}
    changes = [compared("n1", changes=[OPTION]), compared("n2", changes=[OPTION]), compared("n3", changes=[other])]
    (found,) = findings(judged(both(*changes)), "inventory")
    assert found["hosts"] == ["n1", "n2", "n3"]
    assert found["measured"] == "auth-timeout-minutes 30 → 45 on n1, n2; auth-timeout-minutes 60 → 45 on n3"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            compared("n2", changes=[UNTOLD]), "Whether site would change /nfs/home (storage) cannot be told", id="part"
        ),
        pytest.param(lambda measured: measured["compared"].pop("n2"), "n2 could not be measured", id="host"),
        pytest.param(assign("compared", {}), "n1 could not be measured", id="nobody"),
    ],
)
def test_what_cannot_be_told_is_no_pass_and_no_fail(change: Change, words: str) -> None:
    gives(change, "inventory", "unknown", words)


def test_nothing_to_do_is_a_pass_and_a_note_decides_nothing() -> None:
    gives(
        compared("n1", notes=["The key of node4 was not asked for."]), "inventory", "pass", "site would change nothing"
    )
    (note,) = findings(judged(compared("n1", notes=["Look."])), "inventory", "note")
    assert (note["what"], note["hosts"]) == ("Look.", ["n1"])


def test_where_nobody_asked_the_report_does_not_have_it() -> None:
    """On a cluster that was built by hand the inventory does not say how it is to be."""
    answer = judged(lambda measured: measured.pop("compared"))
    assert "inventory" not in verdicts(answer)
    assert answer["verdict"] == "pass"


def test_what_cannot_be_decided_without_a_node_that_is_silent_is_unknown() -> None:
    change = both(compared("n1", problems=["No id."]), lambda measured: measured["compared"].pop("n2"))
    gives(change, "inventory", "unknown", "What site would do cannot be told")
    assert findings(judged(change), "inventory", "fail") == []
