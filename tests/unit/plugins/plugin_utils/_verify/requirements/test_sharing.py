# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control lists, by which users share projects."""

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

HOME = samples.HOME
SAID = ("config", "rsession.conf", "nfs-acl-version")


def lists(kinds: list[str], host: str = "*", error: str | None = None) -> Change:
    """What a node's own file in the homes keeps."""
    kept = assign("node", host, "share", HOME, "acls", kinds)
    return both(kept, assign("node", host, "share", HOME, "acl_error", error))


def sees(host: str, peer: str, kinds: list[str]) -> Change:
    return assign("node", host, "seen", HOME, peer, "acls", kinds)


OFF = assign("node", "*", "config", "rserver.conf", "server-project-sharing", ["0"])


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(lists([]), ["n1", "n2", "n3"], "keeps no access control lists", id="noacl_everywhere"),
        pytest.param(lists([], "n2"), ["n2"], "keeps no access control lists", id="noacl_on_one"),
        pytest.param(
            assign("node", "*", *SAID, ["nfsv3"]), ["n1", "n2", "n3"], "nfs-acl-version=nfsv3", id="other_version_said"
        ),
        pytest.param(sees("n1", "n2", []), ["n1"], "What n2 grants", id="grant_not_seen"),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "sharing", hosts, words)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(lists([], "n2", "Invalid argument"), "unknown", "cannot be told", id="name_not_taken"),
        pytest.param(both(lists([]), OFF), "pass", "sharing is off", id="off"),
        pytest.param(assign("node", "*", *SAID, []), "note", "rsession.conf does not say so", id="version_unsaid"),
    ],
)
def test_what_else_is_said(change: Change, verdict: str, words: str) -> None:
    if verdict == "note":
        answer = judged(change)
        assert verdicts(answer)["sharing"] == "pass"
        assert words in findings(answer, "sharing", "note")[0]["what"]
    else:
        gives(change, "sharing", verdict, words)


def test_posix_lists_need_no_word_in_rsession_conf() -> None:
    def change(measured: dict[str, t.Any]) -> None:
        for node in measured["node"].values():
            node["config"].pop("rsession.conf")
            node["share"][HOME]["acls"] = ["posix"]
            for marker in node["seen"][HOME].values():
                marker["acls"] = ["posix"]

    answer = judged(change)
    assert [item["verdict"] for item in findings(answer, "sharing")] == ["pass"]
    assert "POSIX" in findings(answer, "sharing")[0]["measured"]


def test_a_report_of_old_is_not_judged_by_it() -> None:
    def change(measured: dict[str, t.Any]) -> None:
        for node in measured["node"].values():
            for test in node["share"].values():
                del test["acls"]

    assert "sharing" not in verdicts(judged(change))


def test_a_node_without_the_share_is_unknown_and_its_own_lists_do_not_count() -> None:
    local = {"source": "/dev/sda1", "fstype": "ext4", "options": ["rw"], "target": "/", "root": "/"}
    answer = judged(both(assign("node", "n3", "mounts", HOME, local), lists(["posix"], "n3")))
    assert verdicts(answer)["sharing"] == "unknown"
    assert [item["hosts"] for item in findings(answer, "sharing", "unknown")] == [["n3"]]
