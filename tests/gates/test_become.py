# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task runs and as whom is said as variables: those of an inventory (`ansible_become: true`) beat keywords."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "playbooks").glob("*.yml"), *(ROOT / "roles").glob("*/tasks/*.yml")])

# Notes each call, then runs what it was given.
SUDO = '#!/bin/sh\necho called >> "$NOTES"\nfor last; do :; done\nexec /bin/sh -c "$last"\n'


def tasks(entries: list[dict[str, t.Any]] | None, inherited: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """Every task with what its blocks say; variables together. A file may have no task."""
    for entry in entries or []:
        task = {**inherited, **entry, "vars": {**inherited.get("vars", {}), **entry.get("vars", {})}}
        parts = [part for part in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always") if part in entry]
        for part in parts:
            outer: dict[str, t.Any] = {key: task[key] for key in ("vars", "become_user", "delegate_to") if key in task}
            yield from tasks(entry[part], outer)
        if not parts:
            yield task


def test_variables_say_who_runs_a_task() -> None:
    wrong = []
    for path in FILES:
        for task in tasks(yaml.safe_load(path.read_text()), {}):
            where, variables = f"{path.relative_to(ROOT)}: {task.get('name')}", task["vars"]
            if task.get("delegate_to") == "localhost" and variables.get("ansible_become") is not False:
                wrong.append(f"{where}: vars: ansible_become: false")
            user = task.get("become_user") or variables.get("ansible_become_user")
            if user and (variables.get("ansible_become"), variables.get("ansible_become_user")) != (True, user):
                wrong.append(f"{where}: vars: ansible_become: true, ansible_become_user: {user}")
    assert wrong == []


@pytest.mark.dear
def test_no_sudo_on_the_controller(tmp_path: Path) -> None:
    """An inventory with `ansible_become: true` for all: the report of `verify` is written without it."""
    (tmp_path / "sudo").write_text(SUDO)
    (tmp_path / "sudo").chmod(0o755)
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    every = {"hosts": {"node1": host}, "vars": {"ansible_become": True, "ansible_become_user": "root"}}
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": every}))
    role = {"name": "workbench.cluster.verify", "tasks_from": "verdict"}
    report = {
        "verify_members": ["node1"],
        "verify_report_dir": str(tmp_path / "report"),
        "__verify_kind": "verify",
    }
    play = {
        "hosts": "node1",
        "gather_facts": False,
        "become": True,
        "tasks": [
            {"name": "As root", "ansible.builtin.command": "true"},
            {"name": "Report", "ansible.builtin.include_role": role, "vars": report},
        ],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    done = subprocess.run(
        ["ansible-playbook", "-i", tmp_path / "hosts.yml", tmp_path / "play.yml"],
        env={
            **os.environ,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "NOTES": str(tmp_path / "notes"),
            "ANSIBLE_BECOME_ALLOW_SAME_USER": "true",
            "ANSIBLE_PIPELINING": "true",
        },
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (tmp_path / "report" / "report.json").exists(), done.stdout
    assert (tmp_path / "notes").read_text().count("called") == 1, "once for the host, never for the controller"
