# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes a run restarts, reloads and starts, and in which order: the role's tasks, in check mode, over a table of hosts."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SYSTEMCTL = """#!/bin/sh
printf 'LoadState=loaded\\nUnitFileState=enabled\\nActiveState=%s\\nNeedDaemonReload=no\\nDropInPaths=\\n' "$STATE"
"""
PLAY: list[dict[str, t.Any]] = [
    {
        "hosts": "all",
        "gather_facts": False,
        "connection": "local",
        "environment": {
            "PATH": "{{ bin }}:{{ lookup('env', 'PATH') }}",
            "STATE": "{{ before.cluster.services['rstudio-server'] }}",
        },
        "vars": {
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "server_www_host_name": "{{ inventory_hostname }}:8787",
        },
        "tasks": [
            {"ansible.builtin.set_fact": {"__server_before": "{{ before }}", "__server_written": "{{ written }}"}},
            *(
                {"ansible.builtin.include_role": {"name": "workbench.cluster.server", "tasks_from": name}}
                for name in ("start", "restart")
            ),
        ],
    }
]
OLD, AGAIN = "/etc/rstudio/rserver.conf changed", "/etc/rstudio/r-versions changed"
SESSIONS = [{"pid": 1, "user": "ada", "process": "rsession"}, {"pid": 2, "user": "grace", "process": "rsession"}]


def host(active: str, restart: dict[str, str] | None = None, reload: dict[str, str] | None = None) -> dict[str, t.Any]:
    status = [{"host": "n1", "sessions": SESSIONS}, {"host": "n2", "sessions": []}] if active == "active" else []
    cluster = {"services": {"rstudio-server": active}, "status": status, "www_host_name": None}
    return {"before": {"cluster": cluster}, "written": {"restart": restart or {}, "reload": reload or {}}}


RUNS = host("active")
OLDER = host("active", {"rstudio-server": OLD})
DOWN = host("inactive")
LAUNCHER = host("active", {"rstudio-launcher": "/etc/rstudio/launcher.conf changed"})

# Nodes, server_restart: what each task does, by the beginning of its name; nodes of which nothing is said stay as they are.
CASES = {
    "a first start: one alone, then the others": ([DOWN] * 3, "rolling", {"first": "n1", "others": "n2 n3"}),
    "one after the other, in a play of its own": ([OLDER] * 3, "rolling", {"restart": "n1 n2 n3"}),
    "only those with older files": ([RUNS, OLDER, RUNS], "rolling", {"restart": "n2"}),
    "the launcher alone": ([LAUNCHER, RUNS], "rolling", {"restart": "n1"}),
    "all down together, then one alone": (
        [OLDER] * 3,
        "at_once",
        {"stop": "n1 n2 n3", "first": "n1", "others": "n2 n3"},
    ),
    "some go on, so none is first": ([OLDER, OLDER, RUNS], "at_once", {"stop": "n1 n2", "others": "n1 n2"}),
    "launchers together, servers go on": ([LAUNCHER] * 2, "at_once", {"others": "n1 n2"}),
    "left as they are": ([OLDER, RUNS, host("active", None, {"rstudio-server": AGAIN})], "never", {}),
    "a node that is down starts all the same": ([OLDER, DOWN], "never", {"others": "n2"}),
    "told to read again, all together": (
        [host("active", None, {"rstudio-server": AGAIN})] * 2,
        "rolling",
        {"reload": "n1 n2"},
    ),
}
TASKS = {
    "reload": "Start | Have services read again",
    "stop": "Start | Stop together",
    "first": "Start | Start the first node alone",
    "others": "Start | Start the others together",
    "restart": "Restart | Restart what is older",
}


def run(tmp_path: Path, hosts: list[dict[str, t.Any]], way: str) -> list[dict[str, t.Any]]:
    """The tasks of a run in check mode, as the callback `json` has them."""
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    inventory = {"all": {"hosts": {f"n{number}": variables for number, variables in enumerate(hosts, 1)}}}
    (tmp_path / "hosts.json").write_text(json.dumps(inventory))
    (tmp_path / "play.json").write_text(json.dumps(PLAY))
    extra = {"server_restart": way, "bin": str(tmp_path)}
    done = subprocess.run(
        ["ansible-playbook", "--check", "-i", tmp_path / "hosts.json", tmp_path / "play.json", "-e", json.dumps(extra)],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tasks: list[dict[str, t.Any]] = json.loads(done.stdout)["plays"][0]["tasks"]
    return tasks


@pytest.mark.parametrize("name", CASES)
def test_what_a_run_does(tmp_path: Path, name: str) -> None:
    hosts, way, expected = CASES[name]
    tasks = run(tmp_path, hosts, way)
    did = {}
    for key, beginning in TASKS.items():
        results: dict[str, t.Any] = next((task["hosts"] for task in tasks if beginning in task["task"]["name"]), {})
        changed = sorted(host for host, result in results.items() if result.get("changed"))
        if changed:
            did[key] = " ".join(changed)
    assert did == expected


def test_what_is_said_before(tmp_path: Path) -> None:
    said = next(task for task in run(tmp_path, [OLDER, OLDER, RUNS], "never") if "Start | Say" in task["task"]["name"])
    assert said["hosts"]["n1"]["msg"]["restart"] == {"rstudio-server": OLD}
    assert said["hosts"]["n1"]["msg"]["sessions"] == ["ada", "grace"]
    assert said["hosts"]["n2"]["msg"]["sessions"] == []
    assert "older files" in said["hosts"]["n1"]["msg"]["how"]
    assert said["hosts"]["n3"]["skipped"] is True


def test_sessions_that_cannot_be_counted_are_not_none(tmp_path: Path) -> None:
    blind = host("active", {"rstudio-server": OLD})
    blind["before"]["cluster"]["status"] = []
    said = next(task for task in run(tmp_path, [blind], "rolling") if "Start | Say" in task["task"]["name"])
    assert said["hosts"]["n1"]["msg"]["sessions"] == "not known"
