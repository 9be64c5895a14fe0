# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch of the product means one thing to all who read it: on a node, in a verdict, and before there is a node."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.certificates import certificate_files
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import own_url
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import LAUNCHER, used_units
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.callback import callback_address
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.fit import has_local_sessions
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.targets import verify_targets
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._differences.wanted import role_variable
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

# What an inventory may say of a switch, and whether it is on once the role has written it; an option that is `None` is left
# out, and each of these two is off then.
SWITCHES = [
    *((value, True) for value in (True, 1, "1", "true", "True", "yes", "YES", "on", "On", "")),
    *((value, False) for value in (False, 0, "0", "false", "no", "off", "OFF", None)),
]


def written(name: str, value: object) -> dict[str, list[str]]:
    """The option as the role writes it, and as a node reads it from its file."""
    return parse_boost(to_conf({name: value}))


def judged(name: str, value: object) -> Evidence:
    measured = samples.healthy()
    config = measured["node"]["n1"]["config"]["rserver.conf"]
    config.pop(name, None)
    config.update(written(name, value))
    return Evidence(measured)


def planned_ports(name: str, value: object) -> list[int]:
    """Where the others look for a host that only the inventory knows."""
    hosts: dict[str, dict[str, t.Any]] = {host: {"ansible_host": address} for host, address in samples.HOSTS.items()}
    hosts["n1"]["server_rserver_conf"] = {name: value}
    ports: list[int] = verify_targets(list(hosts), hosts, [])["peers"][0]["ports"]
    return ports


def needs_r(value: object) -> bool:
    """Whether the role server wants an R on a node whose launcher, where it is used, starts no session there."""
    inventory = {"inventory_hostname": "n1", "server_rserver_conf": {"launcher-sessions-enabled": value}}
    launcher = role_variable("server", "__server_fit", **inventory)["launcher"]
    return has_local_sessions(launcher, [])


@pytest.mark.parametrize(("value", "on"), SWITCHES)
def test_tls_is_on_for_all_or_for_none(value: object, on: bool) -> None:
    options = written("ssl-enabled", value)
    assert {
        "status endpoint": own_url(options).startswith("https:"),
        "certificates": bool(certificate_files({"rserver.conf": options})),
        "callback": callback_address({"ssl-enabled": value}).startswith("https:"),
        "verdict": judged("ssl-enabled", value).server_port("n1") == "443",
        "inventory": 443 in planned_ports("ssl-enabled", value),
    } == dict.fromkeys(("status endpoint", "certificates", "callback", "verdict", "inventory"), on)


@pytest.mark.parametrize(("value", "on"), SWITCHES)
def test_the_launcher_is_used_for_all_or_for_none(value: object, on: bool) -> None:
    assert {
        "services": LAUNCHER in used_units(written("launcher-sessions-enabled", value)),
        "verdict": judged("launcher-sessions-enabled", value).uses_launcher("n1"),
        "inventory": 5559 in planned_ports("launcher-sessions-enabled", value),
        "role": not needs_r(value),
    } == dict.fromkeys(("services", "verdict", "inventory", "role"), on)
