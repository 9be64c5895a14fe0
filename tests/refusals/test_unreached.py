# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that cannot be reached any more ends the run, as a task that fails does.

ansible-core counts it twice where `any_errors_fatal` is said, so that not all hosts of the play seem to be lost, and goes on:
front ends would be told of nodes that nobody verified, and a database would keep a node out that is not drained.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.workbench.cluster.tests.refusals.runs import ROOT, playbook

PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
NOBODY = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
TOUCH: dict[str, t.Any] = {"name": "Act", "ansible.builtin.raw": "true"}


def plays(path: Path) -> list[dict[str, t.Any]]:
    return [play for play in yaml.safe_load(path.read_text()) if "hosts" in play]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_every_play_whose_failure_ends_the_run_ends_it_for_hosts_that_are_gone_as_well(path: Path) -> None:
    for play in plays(path):
        assert play.get("any_errors_fatal", False) is (play.get("max_fail_percentage") == 0), play["name"]
        if "serial" in play:
            assert play["pre_tasks"][0]["ansible.builtin.import_tasks"] == "tasks/reached.yml", play["name"]


@pytest.mark.parametrize(
    ("serial", "acted"), [pytest.param([], {"n2"}, id="together"), pytest.param([1], set(), id="one after the other")]
)
def test_a_host_that_is_gone_ends_the_run(serial: list[int], acted: set[str], tmp_path: Path) -> None:
    """Those that act together with it have begun by then."""
    play: dict[str, t.Any] = {
        "hosts": "nodes",
        "gather_facts": False,
        "any_errors_fatal": True,
        "max_fail_percentage": 0,
        "tasks": [TOUCH],
    }
    if serial:
        reached = str(ROOT / "playbooks" / "tasks" / "reached.yml")
        play.update(serial=serial, pre_tasks=[{"ansible.builtin.import_tasks": reached}])
    after = {"hosts": "others", "gather_facts": False, "tasks": [TOUCH]}
    local = {"ansible_connection": "local"}
    groups = {"nodes": {"hosts": {"n1": NOBODY, "n2": local}}, "others": {"hosts": {"o1": local}}}
    (tmp_path / "hosts.json").write_text(json.dumps(groups))
    (tmp_path / "plays.json").write_text(json.dumps([play, after]))
    run = playbook("-i", tmp_path / "hosts.json", tmp_path / "plays.json")
    assert run.status != 0
    assert {host for host in ("n1", "n2", "o1") if f"changed: [{host}]" in run.output} == acted
