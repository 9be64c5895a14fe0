# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role proxy would change, and what of a host contradicts it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.proxy import differences

WANTED: dict[str, t.Any] = {"names": [], "certificate": "", "network": {}}
SERVED = {"names": ["wb.example.com"], "certificate": "/etc/ssl/wb.crt"}
CERTIFICATE = {"file": "/etc/ssl/wb.crt", "path": "/etc/ssl/wb.crt", "subject": "CN=wb", "error": None}
NETWORKS = {"lo": ["127.0.0.1/8", "::1/128"], "eth0": ["10.0.0.8/24", "2001:db8::8/64"]}
ADDRESS = {"network": {"interface": "eth0", "address": "10.0.0.7"}}


def report(names: t.Sequence[str] = ("wb.example.com",), **other: t.Any) -> HostReport:
    certificate = {**CERTIFICATE, "names": list(names), "not_before": None, "not_after": None}
    found = {"taken": {}, "networks": NETWORKS, "certificate": certificate, **other}
    return t.cast(HostReport, {"front_end": found})


def problems(wish: dict[str, t.Any], found: HostReport) -> list[str]:
    return differences({**WANTED, **wish}, found).problems


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        pytest.param({}, report(), id="nothing to contradict"),
        pytest.param(SERVED, report(), id="the name"),
        pytest.param(SERVED, report(["*.Example.com"]), id="a star"),
        pytest.param({**SERVED, "names": []}, report(["other"]), id="no names asked for"),
        pytest.param(ADDRESS, report(), id="an address of the network"),
        pytest.param({"network": {"interface": "eth0", "address": "2001:db8::7"}}, report(), id="of the other kind"),
    ],
)
def test_a_host_that_agrees(wish: dict[str, t.Any], found: HostReport) -> None:
    assert problems(wish, found) == []


@pytest.mark.parametrize(
    ("wish", "found", "words"),
    [
        pytest.param({}, report(taken={"80": "nginx"}), ["Port 80", "nginx", "proxy_port"], id="a port of others"),
        pytest.param(SERVED, report(["other"]), ["wb.crt", "for other", "wb.example.com", "proxy_names"], id="a name"),
        pytest.param(
            {**SERVED, "names": ["a.wb.example.com"]},
            report(["*.example.com"]),
            ["not for a.wb.example.com"],
            id="two parts for a star",
        ),
        pytest.param(
            SERVED,
            report(certificate={**CERTIFICATE, "names": [], "error": "openssl cannot read it"}),
            ["proxy_tls_certificate=/etc/ssl/wb.crt", "openssl cannot read it"],
            id="no certificate",
        ),
        pytest.param(
            {"network": {"interface": "eth9", "address": "10.0.0.7"}},
            report(),
            ["proxy_interface=eth9", "lo, eth0"],
            id="no such interface",
        ),
        pytest.param(
            {"network": {"interface": "eth0", "address": "10.0.1.7"}},
            report(),
            ["proxy_virtual_address=10.0.1.7", "eth0", "10.0.0.0/24"],
            id="another network",
        ),
        pytest.param({}, t.cast(HostReport, {"errors": {"front_end": "no ip"}}), ["no ip"], id="cannot be told"),
    ],
)
def test_a_host_that_contradicts(wish: dict[str, t.Any], found: HostReport, words: list[str]) -> None:
    said = problems(wish, found)
    assert len(said) == 1
    assert [word for word in words if word not in said[0]] == [], said


def test_a_new_file_reloads_and_another_server_restarts() -> None:
    owned = {"owner": "root", "group": "root", "uid": 0, "gid": 0, "mode": "0644", "ours": True, "kept": False}
    state = {**owned, "digest": "old", "sense": None, "content": None, "age": 9.0}
    unit = {"load": "loaded", "enabled": "enabled", "active": "active", "uptime": 5.0, "read": 5.0, "replaced": False}
    found = {
        **report(),
        "files": {"/unit": state, "/conf": state},
        "units": {"workbench-proxy.service": {**unit, "unread": False}},
    }
    service = {"name": "workbench-proxy", "files": ["/unit"], "reload": ["/conf"]}

    def changes(path: str) -> list[Change]:
        wish = {**WANTED, "files": [{"path": path, "content": "new", "mode": "0644"}], "services": [service]}
        return differences(wish, t.cast(HostReport, found)).changes

    assert [(change.path, change.interrupts) for change in changes("/conf")] == [("/conf", "reloads workbench-proxy")]
    assert [(change.path, change.interrupts) for change in changes("/unit")] == [("/unit", "restarts workbench-proxy")]
