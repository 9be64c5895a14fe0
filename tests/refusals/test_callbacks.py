# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests count and record of a run: every module executed, every task that changed something."""

from __future__ import annotations

import getpass
import grp
import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.tests.refusals.runs import playbook

FILES = [
    {"path": "{{ folder }}/{{ inventory_hostname }}", "content": "x\n", "owner": "{{ me }}", "group": "{{ group }}"}
]
PLAYS: list[dict[str, t.Any]] = [
    {
        "name": "Nothing is executed",
        "hosts": "n1:n2",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.set_fact": {"a": 1}},
            {"ansible.builtin.assert": {"that": "a == 1"}},
            {"ansible.builtin.command": "true", "when": "a == 2"},
        ],
    },
    {
        "name": "{{ 'Modules' }} and actions",
        "hosts": "n1:n2",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Say",
                "ansible.builtin.command": "echo {{ item }}",
                "loop": [1, 2, 3],
                "changed_when": "item == 2",
            },
            {"ansible.builtin.command": "true", "run_once": True, "changed_when": False},
            {"ansible.builtin.command": "true", "delegate_to": "n2", "changed_when": False},
            {"name": "Write", "workbench.cluster.config_files": {"files": FILES}},
            {"name": "Unchanged", "workbench.cluster.config_files": {"files": FILES}},
            {
                "name": "Copy",
                "ansible.builtin.copy": {"content": "y\n", "dest": "{{ folder }}/{{ inventory_hostname }}"},
                "no_log": True,
            },
            {"name": "Fail", "ansible.builtin.command": "false", "ignore_errors": True},
        ],
    },
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, t.Any]:
    folder = tmp_path_factory.mktemp("callbacks")
    (folder / "play.yml").write_text(json.dumps(PLAYS))
    done = playbook(
        *("-i", "n1,n2,", "-c", "local", folder / "play.yml"),
        extra={
            "folder": str(folder),
            "me": getpass.getuser(),
            "group": grp.getgrgid(os.getgid()).gr_name,
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        },
        ANSIBLE_CALLBACK_PLUGINS=str(Path(__file__).parents[1] / "callbacks"),
        ANSIBLE_CALLBACKS_ENABLED="executions,deeds",
        EXECUTIONS_FILE=str(folder / "executions.json"),
        DEEDS_FILE=str(folder / "deeds.json"),
    )
    assert done.status == 0, done.text
    names = ("executions", "deeds")
    return {"folder": folder, **{name: json.loads((folder / f"{name}.json").read_text()) for name in names}}


def test_each_execution_counts_for_the_host_that_executes(run: dict[str, t.Any]) -> None:
    """A loop once for each turn, run_once for the first, a delegation for whom it goes to; copy is two: stat, then copy."""

    def modules(commands: int) -> dict[str, int]:
        copied = {"ansible.legacy.stat": 1, "ansible.legacy.copy": 1}
        return {"ansible.legacy.command": commands, "workbench.cluster.config_files": 2, **copied}

    play = "Modules and actions"
    assert run["executions"] == {"n1": {play: modules(3 + 1 + 1)}, "n2": {play: modules(3 + 2 + 1)}}


def test_what_changed_is_recorded_with_its_files(run: dict[str, t.Any]) -> None:
    of_n1 = [(deed["task"], deed["role"], deed["changed_files"]) for deed in run["deeds"] if deed["host"] == "n1"]
    assert of_n1 == [
        ("Say", "", []),
        ("Write", "", [str(run["folder"] / "n1")]),
        ("Copy", "", []),
        ("Fail", "", []),
    ]
