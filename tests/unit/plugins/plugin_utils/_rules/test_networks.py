# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.networks import wrong_networks


@pytest.mark.parametrize(
    "network", ["10.0.0.0/24", "10.0.0.7/24", "192.0.2.1", "0.0.0.0/0", "2001:db8::/32", "::1", "::/0"]
)
def test_a_network(network: str) -> None:
    assert wrong_networks([network]) == []


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/33",
        "10.0.0.256",
        "10.0.0",
        "::/129",
        "10.0.0.0/255.0.0.0",
        "fe80::1%eth0",
        "10.0.0.0/24 ",
        "ntp",
        "",
        "5",
    ],
)
def test_no_network(text: str) -> None:
    assert wrong_networks(["10.0.0.0/24", text]) == [text]
