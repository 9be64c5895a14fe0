# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Measured,
    certificate,
    findings,
    judged,
)


@pytest.mark.parametrize(
    ("tls", "name", "verdict", "words"),
    [
        (certificate(), "n1.example.com", "pass", "names n1.example.com"),
        (certificate(), "other.example.com", "pass", "names other.example.com"),
        (certificate(), "N1.Example.Com", "pass", "names N1.Example.Com"),
        (certificate(), "10.0.0.12", "pass", "names 10.0.0.12"),
        (certificate(), "10.0.0.11", "fail", "does not name 10.0.0.11"),
        (certificate(), "fd00::11", "pass", "names fd00::11"),
        (certificate(), "[fd00:0::11]:8787", "pass", "names fd00:0::11"),
        (certificate(), "fd00::12", "fail", "does not name fd00::12"),
        (certificate(not_after="2026-11-20T00:00:00"), "n1.example.com", "fail", "has expired"),
        (certificate(not_before="2026-11-22T00:00:00"), "n1.example.com", "fail", "not valid yet"),
        (certificate(not_after="2026-12-01T00:00:00"), "n1.example.com", "note", "expires soon"),
        (certificate(error="no file"), "n1.example.com", "unknown", "could not be read"),
        (certificate(key="/k", key_mode="0600"), "n1.example.com", "pass", "names n1.example.com"),
        (certificate(key="/k", key_mode="0640"), "n1.example.com", "pass", "names n1.example.com"),
        (certificate(key="/k", key_mode="0604"), "n1.example.com", "fail", "can be read by others"),
        (certificate(key="/k", key_mode=None), "n1.example.com", "fail", "is not there"),
        (None, "n1.example.com", "unknown", "no certificate was reported"),
    ],
)
def test_certificate(tls: t.Any, name: str, verdict: str, words: str) -> None:
    def change(measured: Measured) -> None:
        for entry in measured["node"].values():
            entry["config"]["rserver.conf"]["ssl-enabled"] = ["1"]
            entry["config"]["load-balancer"]["www-host-name"] = [name]
            entry["tls"] = [tls] if tls else []

    found = findings(judged(change), "tls", verdict)[0]
    assert words in found["what"]
    assert found["remedy"] or verdict == "pass"


@pytest.mark.parametrize("file", ["rserver.conf", "launcher.conf"])
@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"not_after": "2026-11-20T00:00:00"}, "has expired"),
        ({"names": ["other.example.org"]}, "does not name n2.example.com"),
    ],
)
def test_each_certificate_of_a_node_is_judged(file: str, broken: dict[str, t.Any], words: str) -> None:
    def change(measured: Measured) -> None:
        for host, entry in measured["node"].items():
            entry["config"]["load-balancer"]["www-host-name"] = [f"{host}.example.com"]
            entry["tls"] = [certificate(), certificate(file="launcher.conf")]
        bad = next(entry for entry in measured["node"]["n2"]["tls"] if entry["file"] == file)
        bad.update(broken)

    answer = judged(change)
    failed = [(item["hosts"], item["what"]) for item in findings(answer, "tls", "fail")]
    assert failed == [(["n2"], f"The certificate of {file} {words}")]
    assert len(findings(answer, "tls", "pass")) == 5
