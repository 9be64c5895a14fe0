# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node without R is refused where sessions run on it and none is to be installed."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.workbench.cluster.tests.refusals.runs import playbook

PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.set_fact": {"__server_before": "{{ before }}"}},
            {
                "block": [{"ansible.builtin.include_role": {"name": "workbench.cluster.server", "tasks_from": "fit"}}],
                "rescue": [{"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}, "name": "Refused"}],
            },
        ],
    }
]
HERE = {"/usr/bin/R": "4.2.2"}
KUBERNETES = [{"name": "cluster", "options": {"name": "K", "type": "Kubernetes"}}]
# What is found, the variables, and words of the refusal, none where the node will do.
CASES: dict[str, tuple[dict[str, str], dict[str, t.Any], str]] = {
    "none": ({}, {}, "has no R where Workbench looks for it"),
    "one that is there": (HERE, {}, ""),
    "the vendor's to come": ({}, {"server_r_versions": ["4.4.1"]}, ""),
    "the system's to come": ({}, {"server_r_system": "r-base"}, ""),
    "sessions elsewhere": ({}, {"server_launcher_sections": KUBERNETES}, ""),
    "sessions elsewhere, but the launcher is off": (
        {},
        {"server_launcher_sections": KUBERNETES, "server_rserver_conf": {"launcher-sessions-enabled": False}},
        "has no R where Workbench looks for it",
    ),
    "one that is named and not there": (HERE, {"server_r_paths": ["/apps/R/"]}, "has no /apps/R/bin/R"),
    "one that is named and to come": (
        {},
        {"server_r_versions": ["4.4.1"], "server_rserver_conf": {"rsession-which-r": "/opt/R/4.4.1/bin/R"}},
        "",
    ),
}


def before(found: dict[str, str]) -> dict[str, t.Any]:
    """What a look at a node tells that has these programs of R."""
    return {"cluster": {"version": None, "runtimes": {"r": found, "python": []}}, "packages": {}}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each case, a host in one run; nothing of those that will do."""
    folder = tmp_path_factory.mktemp("no_r")
    hosts = {
        f"n{number}": {"before": before(found), **said} for number, (found, said, _words) in enumerate(CASES.values())
    }
    (folder / "play.json").write_text(json.dumps(PLAY))
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    run = playbook("-i", folder / "hosts.json", folder / "play.json", ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
    tasks = json.loads(run.output)["plays"][0]["tasks"]
    said = {
        host: result["msg"]
        for task in tasks
        for host, result in task["hosts"].items()
        if task["task"]["name"] == "Refused"
    }
    return {name: said.get(f"n{number}", "") for number, name in enumerate(CASES)}


@pytest.mark.parametrize("name", CASES)
def test_node_without_r(refusals: dict[str, str], name: str) -> None:
    words = CASES[name][2]
    assert bool(refusals[name]) == bool(words), refusals[name]
    assert words in refusals[name]
