# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports of front ends that the role firewall opens where nobody says which."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.made import PORTS, open_ports
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._differences.wanted import role_variable


@pytest.mark.parametrize(
    ("inventory", "ports"),
    [
        ({}, ["80/tcp"]),
        ({"proxy_port": 8080}, ["8080/tcp"]),
        ({"proxy_tls_certificate": "/etc/ssl/front.crt"}, ["443/tcp", "80/tcp"]),
        ({"proxy_tls_certificate": "/etc/ssl/front.crt", "proxy_port": 8443, "proxy_redirect_port": 0}, ["8443/tcp"]),
        ({"tls_source": "authority"}, ["443/tcp", "80/tcp"]),
        ({"proxy_manage": False, "proxy_port": 8080}, ["80/tcp", "443/tcp"]),
    ],
)
def test_the_firewall_opens_the_ports_that_the_front_end_listens_on(
    inventory: dict[str, t.Any], ports: list[str]
) -> None:
    assert open_ports({name: role_variable("proxy", name, **inventory) for name in PORTS}) == ports
