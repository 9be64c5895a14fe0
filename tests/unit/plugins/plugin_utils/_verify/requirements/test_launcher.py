# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The launcher."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    assign,
    both,
    gives,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.samples import HOME

OLD = assign("cluster", "*", "version", "1.4.1717-3")


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("node", "*", "config", "launcher.conf", "server.address", ["localhost"]),
            "fail",
            "answers its own node only",
            id="launcher_on_localhost",
        ),
        pytest.param(assign("node", "n2", "hostname", "n1"), "fail", "not unique", id="hostnames"),
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "launcher-port", ["5560"]),
            "fail",
            "configured differently",
            id="port",
        ),
        pytest.param(
            assign("node", "*", "config", "load-balancer", "launcher-balancing-enabled", ["0"]),
            "fail",
            "Launchers do not meet",
            id="launchers_are_not_told",
        ),
        pytest.param(OLD, "fail", "Launchers do not meet", id="old_release"),
        pytest.param(
            both(OLD, assign("node", "*", "config", "launcher.local.conf", {"scratch-path": ["/var/lib/x"]})),
            "fail",
            "Launchers do not meet",
            id="scratch_path_of_its_own",
        ),
        pytest.param(
            both(OLD, assign("node", "*", "config", "launcher.local.conf", {"scratch-path": [f"{HOME}/Local"]})),
            "pass",
            "Launcher sessions are enabled",
            id="shared_scratch_path",
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "launcher", verdict, words)
