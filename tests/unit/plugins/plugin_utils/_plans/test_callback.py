# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.callback import callback_address


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "http://127.0.0.1:8787"),
        ({"www-port": 8788}, "http://127.0.0.1:8788"),
        ({"www-port": ""}, "http://127.0.0.1:8787"),
        ({"ssl-enabled": True}, "https://127.0.0.1:443"),
        ({"ssl-enabled": "yes", "www-port": "8443"}, "https://127.0.0.1:8443"),
        ({"ssl-enabled": ""}, "https://127.0.0.1:443"),
        ({"ssl-enabled": "off"}, "http://127.0.0.1:8787"),
        ({"ssl-enabled": None}, "http://127.0.0.1:8787"),
        ({"www-address": "10.0.0.5"}, "http://10.0.0.5:8787"),
        ({"www-address": "0.0.0.0"}, "http://127.0.0.1:8787"),
        ({"www-address": "::"}, "http://[::1]:8787"),
        ({"www-address": "fd00::5", "ssl-enabled": 1}, "https://[fd00::5]:443"),
    ],
)
def test_sessions_call_back_where_the_server_listens(options: dict[str, t.Any], address: str) -> None:
    assert callback_address(options) == address


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({"ssl-enabled": True}, "https://n1.example.com:443"),
        ({"ssl-enabled": True, "www-address": "10.0.0.5"}, "https://10.0.0.5:443"),
        ({}, "http://127.0.0.1:8787"),
    ],
)
def test_they_call_a_name_that_the_certificate_has(options: dict[str, t.Any], address: str) -> None:
    assert callback_address(options, "n1.example.com") == address
