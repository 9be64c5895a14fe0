# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of other nodes."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    assign,
    gives,
    no_such_path,
    on_demand,
)

HOME = samples.HOME


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign(
                "node",
                "n2",
                "seen",
                HOME,
                "n1",
                {"delay": None, "mode": None, "uid": None, "error": "not there after 10 s"},
            ),
            "fail",
            f"A file of n1 in {HOME} is not seen",
            id="not_seen",
        ),
        pytest.param(
            assign("node", "n2", "seen", HOME, "n1", {"delay": 0.1, "mode": "0600", "uid": 65534, "error": None}),
            "fail",
            "different owners or modes",
            id="id_mapping",
        ),
        pytest.param(assign("node", "n2", "seen", HOME, {}), "unknown", "was not looked for", id="not_looked_for"),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "visibility", verdict, words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(no_such_path, "is not the shared directory here", id="no such directory"),
        pytest.param(on_demand, "No file was made in", id="nothing was written"),
    ],
)
def test_what_cannot_be_told_is_no_pass_and_no_fail(change: Change, words: str) -> None:
    gives(change, "visibility", "unknown", words)
