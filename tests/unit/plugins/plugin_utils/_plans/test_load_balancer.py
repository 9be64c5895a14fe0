# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file `load-balancer` in both layouts, and how nodes are named in it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import KEPT, managed
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_load_balancer
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.load_balancer import (
    known_options,
    load_balancer,
    node_addresses,
)

OPTIONS = {"www-host-name": "n1", "balancer": "sessions", "delete-node-on-exit": False}
HEAD = managed("server_load_balancer")


@pytest.mark.parametrize("release", ["", "2026.04.0+526.pro2", "2023.09.0"])
def test_todays_layout_names_the_node_itself(release: str) -> None:
    text = load_balancer(OPTIONS, ["n1:8787", "n2:8787"], release, {})
    assert text == f"{HEAD}www-host-name=n1\nbalancer=sessions\ndelete-node-on-exit=0\n"


def test_before_2021_09_every_node_has_the_list_of_all() -> None:
    text = load_balancer(OPTIONS, ["n1:8787", "10.0.0.2:8080"], "1.4.1717-3", {"timeout": "5"})
    assert text == f"{HEAD}[config]\nbalancer=sessions\n{KEPT}\ntimeout=5\n\n[nodes]\nn1\n10.0.0.2:8080\n"
    assert parse_load_balancer(text)["nodes"] == ["n1", "10.0.0.2:8080"]


def test_an_option_of_ours_is_left_out_where_the_release_is_too_old() -> None:
    ours = {"load-balancing-enabled": True, "server-user": "x"}
    assert known_options(ours, "2023.06.1", "rserver.conf") == {"server-user": "x"}
    assert known_options(ours, "2023.09.0", "rserver.conf") == ours
    assert known_options(ours, "", "rserver.conf") == ours


@pytest.mark.parametrize(
    ("options", "port"),
    [({}, "8787"), ({"www-port": 8080}, "8080"), ({"ssl-enabled": True}, "443")],
)
def test_nodes_are_named_with_their_ports(options: dict[str, t.Any], port: str) -> None:
    hosts = {"n1": {"ansible_host": "10.0.0.1"}, "n2": {"server_www_host_name": "b:99"}, "n3": {"cluster_address": "c"}}
    assert node_addresses(["n1", "n2", "n3"], hosts, options) == [f"10.0.0.1:{port}", "b:99", f"c:{port}"]
