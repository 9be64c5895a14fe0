# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of server-shared-storage-path."""

from __future__ import annotations

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
    told,
    verdicts,
)

SHARED = samples.SHARED


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(
            told("*", "shared_storage", "mode", "0755"),
            ["n1", "n2", "n3"],
            "closed to users",
            id="shared_storage_0755_everywhere",
        ),
        pytest.param(
            told("*", "shared_storage", "mode", "0777"),
            ["n1", "n2", "n3"],
            "closed to users",
            id="shared_storage_without_its_sticky_bit",
        ),
        pytest.param(
            told("n2", "shared_storage", {"path": SHARED, "directory": False, "mode": None, "error": None}),
            ["n2"],
            "is missing",
            id="shared_storage_missing",
        ),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "shared-storage", hosts, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            told("n2", "shared_storage", {"path": SHARED, "directory": None, "mode": None, "error": "no answer"}),
            id="shared_storage_does_not_answer",
        ),
    ],
)
def test_what_could_not_be_read_is_unknown(change: Change) -> None:
    answer = judged(change)
    assert verdicts(answer)["shared-storage"] == "unknown"
    assert findings(answer, "shared-storage", "unknown")[0]["hosts"] == ["n2"]


def test_without_project_sharing_the_directory_need_not_be_open() -> None:
    closed = told("*", "shared_storage", "mode", "0755")
    off = assign("node", "*", "config", "rserver.conf", "server-project-sharing", ["0"])
    assert judged(both(closed, off))["verdict"] == "pass"


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "server-shared-storage-path", ["/var/lib/shared"]),
            "fail",
            "not on shared storage",
            id="storage_path_is_local",
        ),
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "server-shared-storage-path", []),
            "fail",
            "is not set",
            id="storage_path_is_not_set",
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "shared-storage", verdict, words)
