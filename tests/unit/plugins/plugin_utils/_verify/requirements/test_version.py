# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of Workbench."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    assign,
    fails_alone,
    gives,
    told,
)


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(
            assign("node", "n3", "versions", "workbench", "2026.07.0"), ["n3"], "different versions", id="version"
        ),
        pytest.param(
            told("n3", "units", "rstudio-server", samples.unit_state(program="the program was replaced")),
            ["n3"],
            "no longer installed",
            id="upgraded_without_restart",
        ),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "version", hosts, words)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("node", "n2", "versions", "launcher", "2.19.0"), "fail", "launcher has different", id="launcher"
        ),
        pytest.param(assign("node", "n2", "versions", "workbench", None), "fail", "not installed", id="not_installed"),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "version", verdict, words)
