# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that learned nothing does not succeed: no host answers here, and none is needed."""

from __future__ import annotations

import json
import re
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import REQUIREMENTS
from ansible_collections.workbench.cluster.tests.refusals.runs import ROOT, playbook

NODES = {"node1": "127.9.9.1", "node2": "127.9.9.2"}
PREFLIGHT = ["system", "memory", "disk", "runtimes", "names", "ports", "database", "storage", "clocks"]


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Two nodes and a front end whose port nobody listens on, and a file server nobody asks."""
    nodes = {name: {"ansible_host": address, "server_www_host_name": name} for name, address in NODES.items()}
    groups: dict[str, dict[str, t.Any]] = {
        "workbench_nodes": {"hosts": nodes},
        "workbench_storage": {"hosts": {"store1": {"ansible_host": "127.9.9.3"}}},
        "workbench_database": {"hosts": {"db1": {"ansible_host": "127.9.9.4"}}},
        "workbench_proxy": {"hosts": {"front1": {"ansible_host": "127.9.9.5"}}},
        "all": {"vars": {"ansible_port": 9, "clock_servers": ["127.9.9.3"], "accounts_users": [{"name": "ada"}]}},
    }
    groups["workbench_storage"]["vars"] = {"nfs_server_clients": ["127.9.9.0/24"]}
    path = tmp_path / "hosts.json"
    path.write_text(json.dumps(groups))
    return path


def play(name: str | Path, inventory: Path, *options: str, **extra: t.Any) -> tuple[int, str]:
    """Exit status and words of a playbook: one of ours by its name, another by its path."""
    name = name if isinstance(name, Path) else Path("playbooks", f"{name}.yml")
    variables = {"verify_report_dir": str(inventory.parent / "report"), **extra}
    run = playbook("-i", inventory, "-T", "3", name, *options, extra=variables)
    return run.status, run.text


def test_verify_fails_and_says_so_to_the_ci(inventory: Path) -> None:
    status, said = play("verify", inventory)
    assert status != 0, said[-3000:]
    assert "Not proven: version, configuration, accounts" in " ".join(said.split())
    suites = list(ET.parse(inventory.parent / "report" / "report.xml").getroot())
    assert {suite.get("skipped") for suite in suites} == {"0"}
    assert all(int(suite.get("errors") or 0) > 0 for suite in suites)
    report = json.loads((inventory.parent / "report" / "report.json").read_text())
    assert report["verdict"] == "unknown"
    assert_the_role_allows(report["unproven"])


def assert_the_role_allows(requirements: list[str]) -> None:
    """Those of verify, of which two are not asked here, then those that only the preflight has."""
    specs = yaml.safe_load((ROOT / "roles" / "verify" / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    every = [file.REQUIREMENT.id for file in REQUIREMENTS]
    assert [name for name in every if name not in ("sharing", "inventory")] == requirements
    names = every + [name for name in PREFLIGHT if name not in every]
    assert specs["main"]["options"]["verify_allow_unknown"]["choices"] == names


@pytest.mark.parametrize(("name", "words"), [("check", "not fit yet"), ("status", "is not healthy")])
def test_check_and_status_fail(inventory: Path, name: str, words: str) -> None:
    status, said = play(name, inventory)
    assert status != 0, said[-3000:]
    assert words in said


def test_what_is_allowed_to_be_unknown_fails_nothing_and_nothing_else(inventory: Path) -> None:
    """The preflight alone, for other steps of `check` need the hosts."""
    preflight = {"name": "workbench.cluster.verify", "tasks_from": "preflight"}
    tasks = [{"name": "Preflight", "ansible.builtin.include_role": preflight}]
    alone = inventory.parent / "preflight.yml"
    alone.write_text(json.dumps([{"hosts": "workbench_nodes", "gather_facts": False, "tasks": tasks}]))
    assert play(alone, inventory, verify_allow_unknown=PREFLIGHT)[0] == 0
    status, said = play(alone, inventory, verify_allow_unknown=PREFLIGHT[1:])
    assert status != 0
    assert "not fit yet: system." in " ".join(said.split())


def test_a_check_names_no_report_that_is_not_written(inventory: Path) -> None:
    status, said = play("verify", inventory, "--check")
    assert status != 0
    assert not (inventory.parent / "report").exists()
    assert "report.html" not in said.partition("Not proven")[2]


@pytest.mark.parametrize("name", ["check", "status", "verify"])
def test_a_run_without_nodes_has_no_verdict(inventory: Path, name: str) -> None:
    status, said = play(name, inventory, "--limit", "store1")
    assert status != 0, said[-3000:]
    assert re.search(r"No verdict: no host of workbench_nodes", " ".join(said.split()))


@pytest.mark.parametrize(("name", "limit"), [("drain_node", ["--limit", "node1"]), ("restart", [])])
def test_a_cluster_that_cannot_be_read_is_not_run(inventory: Path, name: str, limit: list[str]) -> None:
    status, said = play(name, inventory, *limit)
    assert status != 0, said[-3000:]
    words = " ".join(said.split())
    assert "The state of node1 cannot be read: it did not answer." in words
    assert "The state of node2 cannot be read: it did not answer." in words
    assert "Nothing was changed." in words


def test_a_verb_without_nodes_says_that_it_did_nothing(inventory: Path) -> None:
    status, said = play("restart", inventory, "--limit", "store1")
    assert status != 0, said[-3000:]
    assert "Nothing was done: no host of workbench_nodes is in this run" in " ".join(said.split())


def test_the_verdict_is_shown_and_handed_on_where_its_report_cannot_be_written(
    inventory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_SHOW_CUSTOM_STATS", "true")
    monkeypatch.setenv("ANSIBLE_CALLBACK_RESULT_FORMAT", "json")
    (inventory.parent / "file").touch()
    status, said = play("verify", inventory, verify_report_dir=str(inventory.parent / "file" / "report"))
    words = " ".join(said.split())
    assert status != 0
    assert "workbench: unknown (0 pass 17 unknown 0 fail)" in words
    assert "Not proven: version, configuration, accounts" in words
    assert f"The report could not be written: {inventory.parent}/file" in words
    assert "report.html" not in said
    handed = json.loads(words.partition("CUSTOM STATS:")[2].partition("RUN: ")[2].rpartition("}")[0] + "}")
    assert handed["workbench"]["verdict"] == "unknown"
    assert handed["workbench"]["counts"] == {"fail": 0, "unknown": 17, "pass": 0}
    assert handed["workbench"]["unproven"][:2] == ["version", "configuration"]
