# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""R and Python."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    both,
    gives,
)


def without_r(measured: Measured) -> None:
    for node in measured["node"].values():
        node["versions"]["r"] = []


def elsewhere(measured: Measured) -> None:
    for node in measured["node"].values():
        node["config"]["launcher.conf"]["cluster.type"] = ["Kubernetes", "Slurm"]


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(assign("node", "n2", "versions", "r", ["4.3.0"]), "fail", "different R", id="r_versions"),
        pytest.param(without_r, "fail", "There is no R", id="no_r_where_sessions_run"),
        pytest.param(
            both(
                without_r,
                elsewhere,
            ),
            "pass",
            "R: none",
            id="no_r_where_none_run",
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "runtimes", verdict, words)
