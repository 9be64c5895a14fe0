# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the nodes."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    assign,
    gives,
)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(assign("node", "n2", "peers", "n1", "address", []), "fail", "is not resolved", id="name_unknown"),
        pytest.param(
            assign("node", "n2", "peers", "n1", "address", ["127.0.1.1"]), "fail", "is the node itself", id="loopback"
        ),
        pytest.param(
            assign("node", "n2", "peers", "n1", "address", ["10.9.9.9"]),
            "fail",
            "different addresses",
            id="two_addresses",
        ),
        pytest.param(assign("node", "n2", "peers", {}), "unknown", "were not resolved here", id="not_asked"),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "names", verdict, words)
