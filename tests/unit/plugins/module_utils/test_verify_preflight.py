# SPDX-FileCopyrightText: The workbench.cluster founders
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts before the first build: one thing wrong fails one line."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._verify_preflight import (
    DATABASE,
    FILES,
    verify_preflight,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.module_utils import samples

Measured = t.Dict[str, t.Any]


def fit() -> Measured:
    """Three hosts with nothing on them; the database is to be built, the storage exists."""
    measured = samples.healthy()
    measured["policy"] = {
        "min_memory": 2000,
        "min_disk": 5000,
        "managed": [DATABASE],
        "clock_max_offset": 1.0,
        "now": measured["policy"]["now"],
    }
    measured["facts"] = {
        host: {
            "ansible_distribution": "Debian",
            "ansible_distribution_version": "12.8",
            "ansible_architecture": "x86_64",
            "ansible_os_family": "Debian",
            "ansible_memtotal_mb": 4000,
            "ansible_mounts": [{"mount": "/", "size_available": 9_000_000_000}],
        }
        for host in samples.HOSTS
    }
    for host in samples.HOSTS:
        peers = {
            peer: {"address": [address], "ports": {"8787": "refused", "5559": "refused"}}
            for peer, address in samples.HOSTS.items()
            if peer != host
        }
        peers[DATABASE] = {"address": ["10.0.0.31"], "ports": {"5432": "refused"}}
        peers[FILES] = {"address": ["10.0.0.21"], "ports": {"2049": "open"}}
        measured["node"][host] = {"peers": peers, "seen": {}, "errors": []}
        measured["clock"][host]["reference"] = "controller"
    return measured


def test_hosts_that_are_fit_pass() -> None:
    answer = verify_preflight(fit())
    assert {entry["id"]: entry["verdict"] for entry in answer["requirements"] if entry["verdict"] != "pass"} == {}
    assert answer["lines"][-1] == "workbench: pass  (8 pass  0 unknown  0 fail)"


@pytest.mark.parametrize(
    ("change", "requirement"),
    [
        pytest.param(lambda m: m["facts"]["n2"].update(ansible_os_family="Suse"), "system", id="system"),
        pytest.param(lambda m: m["facts"]["n2"].update(ansible_architecture="armv7l"), "system", id="architecture"),
        pytest.param(lambda m: m["facts"]["n2"].update(ansible_memtotal_mb=512), "memory", id="memory"),
        pytest.param(lambda m: m["facts"]["n2"]["ansible_mounts"][0].update(size_available=10), "disk", id="disk"),
        pytest.param(lambda m: m["node"]["n1"]["peers"]["n2"].update(address=[]), "names", id="name"),
        pytest.param(
            lambda m: m["node"]["n1"]["peers"]["n2"]["ports"].update({"5559": "timeout"}), "ports", id="firewall"
        ),
        pytest.param(
            lambda m: m["node"]["n2"]["peers"][DATABASE]["ports"].update({"5432": "timeout"}), "database", id="no_way"
        ),
        pytest.param(
            lambda m: m["node"]["n2"]["peers"][FILES]["ports"].update({"2049": "refused"}), "storage", id="not_running"
        ),
        pytest.param(lambda m: m["clock"]["n2"].update(offset=5.0), "clocks", id="clock"),
    ],
)
def test_one_thing_wrong_fails_one_line_and_names_the_host(
    change: t.Callable[[Measured], object], requirement: str
) -> None:
    measured = fit()
    change(measured)
    answer = verify_preflight(measured)
    failed = {entry["id"]: entry["findings"] for entry in answer["requirements"] if entry["verdict"] == "fail"}
    assert list(failed) == [requirement]
    named = {host for item in failed[requirement] if item["verdict"] == "fail" for host in item["hosts"]}
    assert named <= {"n1", "n2"}
    assert named


def test_port_in_use_is_a_note() -> None:
    measured = fit()
    measured["node"]["n1"]["peers"]["n2"]["ports"]["8787"] = "open"
    answer = verify_preflight(measured)
    assert answer["verdict"] == "pass"
    ports = next(entry for entry in answer["requirements"] if entry["id"] == "ports")
    assert [item["hosts"] for item in ports["findings"] if item["verdict"] == "note"] == [["n2"]]


def test_ports_behind_names_that_do_not_resolve_are_unknown() -> None:
    measured = fit()
    for node in measured["node"].values():
        for name in set(node["peers"]) & set(samples.HOSTS):
            node["peers"][name] = {"address": [], "ports": {"8787": "unresolved", "5559": "unresolved"}}
    verdicts = {entry["id"]: entry["verdict"] for entry in verify_preflight(measured)["requirements"]}
    assert (verdicts["names"], verdicts["ports"]) == ("fail", "unknown")


def test_silent_host_is_unknown() -> None:
    measured = fit()
    for kind in ("facts", "node", "clock"):
        del measured[kind]["n3"]
    assert verify_preflight(measured)["verdict"] == "unknown"


def test_server_that_nobody_named_is_unknown() -> None:
    measured = fit()
    for node in measured["node"].values():
        del node["peers"][DATABASE]
    answer = verify_preflight(measured)
    assert next(entry["verdict"] for entry in answer["requirements"] if entry["id"] == "database") == "unknown"
