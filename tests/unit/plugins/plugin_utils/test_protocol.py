# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol between the nodes."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._protocol import protocol_change

LISTED = "Cluster\n-------\nProtocol\n{}\n\nNodes\n-----\nID  Host\n"


@pytest.mark.parametrize(
    ("server", "balancer", "listed", "change"),
    [
        ("", "", "Http", ""),
        ("ssl-enabled=1\n", "", "Http", "http → https"),
        ("ssl-enabled=\n", "", "Https", ""),
        ("ssl-enabled=1\n", "verify-ssl-certs=0\n", "Https", "https → https no verify"),
        ("ssl-enabled=1\n", "[config]\nverify-ssl-certs=0\n", "https-no-verify", ""),
        ("", "", "Https no verify", "https no verify → http"),
    ],
)
def test_a_cluster_changes_to_the_protocol_of_its_files(server: str, balancer: str, listed: str, change: str) -> None:
    files: list[dict[str, t.Any]] = [
        {"path": "/etc/rstudio/rserver.conf", "content": server},
        {"path": "/etc/rstudio/load-balancer", "content": balancer},
        {"path": "/etc/rstudio/database.conf", "content": None, "secret_base64": "eA=="},
    ]
    assert protocol_change(files, LISTED.format(listed)) == change


@pytest.mark.parametrize("listing", ["", "no answer", "Protocol\n\nNodes\n"])
def test_a_cluster_without_one_changes_nothing(listing: str) -> None:
    assert protocol_change([], listing) == ""
