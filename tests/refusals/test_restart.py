# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes a run restarts, reloads and starts, and in which order: the role's tasks, in check mode, over a table of hosts."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.workbench.cluster.tests.refusals.runs import playbook

SYSTEMCTL = """#!/bin/sh
printf 'LoadState=loaded\\nUnitFileState=enabled\\nActiveState=%s\\nNeedDaemonReload=no\\nDropInPaths=\\n' "$STATE"
"""
PLAY: dict[str, t.Any] = {
    "gather_facts": False,
    "connection": "local",
    "environment": {
        "PATH": "{{ bin }}:{{ lookup('env', 'PATH') }}",
        "STATE": "{{ before.cluster.services['rstudio-server'] }}",
    },
    "vars": {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "server_www_host_name": "{{ name_in_cluster }}:8787",
    },
    "tasks": [
        {"ansible.builtin.set_fact": {"__server_before": "{{ before }}", "__server_written": "{{ written }}"}},
        *(
            {"ansible.builtin.include_role": {"name": "workbench.cluster.server", "tasks_from": name}}
            for name in ("start", "restart")
        ),
    ],
}
OLD, AGAIN = "/etc/rstudio/rserver.conf changed", "/etc/rstudio/r-versions changed"
SESSIONS = [{"pid": 1, "user": "ada", "process": "rsession"}, {"pid": 2, "user": "grace", "process": "rsession"}]


def host(active: str, restart: dict[str, str] | None = None, reload: dict[str, str] | None = None) -> dict[str, t.Any]:
    status = [{"host": "n1", "sessions": SESSIONS}, {"host": "n2", "sessions": []}] if active == "active" else []
    cluster = {"services": {"rstudio-server": active}, "status": status, "www_host_name": None}
    return {"before": {"cluster": cluster}, "written": {"restart": restart or {}, "reload": reload or {}}}


def planned(node: dict[str, t.Any], *changes: tuple[str, str], role: str = "server") -> dict[str, t.Any]:
    """A host of a run with a plan, of which `changes` are what differs, and the path where it is a file."""
    said = [{"host": "n", "role": role, "what": what, "path": path} for what, path in changes]
    written = {**node["written"], "changed_files": [path for _what, path in changes if path]}
    return {**node, "written": written, "__differences": {"changes": said}}


RUNS = host("active")
OLDER = host("active", {"rstudio-server": OLD})
DOWN = host("inactive")
FILE = ("rserver.conf", "/etc/rstudio/rserver.conf")
DROP_IN = ("drop-in", "/etc/systemd/system/rstudio-server.service.d/workbench-cluster.conf")
LAUNCHER = host("active", {"rstudio-launcher": "/etc/rstudio/launcher.conf changed"})

# Nodes, server_restart: what each task does, by the beginning of its name; nodes of which nothing is said stay as they are.
CASES: dict[str, t.Any] = {
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


BLIND = host("active", {"rstudio-server": OLD})
BLIND["before"]["cluster"]["status"] = []
SAID: dict[str, t.Any] = {"said before": ([OLDER, OLDER, RUNS], "never"), "nobody can be counted": ([BLIND], "rolling")}
# Nodes, server_restart: those whose services are asked at the end whether all of them run.
LOOKED_AT: dict[str, t.Any] = {
    "without a plan": ([RUNS] * 2, "rolling", "n1 n2"),
    "nothing but files differed": ([planned(OLDER, FILE), planned(RUNS, FILE)], "never", ""),
    "a change of another role": ([planned(RUNS, ("rstudio-launcher", ""), role="keys")], "rolling", ""),
    "a unit differed": ([planned(RUNS, FILE, ("rstudio-launcher", "")), planned(RUNS, FILE)], "rolling", "n1"),
    "a file of a unit was written": ([planned(RUNS, FILE, DROP_IN)], "rolling", "n1"),
    "a server is down": ([planned(RUNS, FILE), planned(DOWN, FILE)], "never", "n2"),
    "a launcher is older": ([planned(LAUNCHER, FILE)], "at_once", "n1"),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, t.Any]]]:
    """The tasks of each case in check mode, as the callback `json` has them: a play for each, in one run."""
    folder = tmp_path_factory.mktemp("restart")
    (folder / "systemctl").write_text(SYSTEMCTL)
    (folder / "systemctl").chmod(0o755)
    cases = {name: case[:2] for name, case in {**CASES, **SAID, **LOOKED_AT}.items()}
    inventory, plays = {}, []
    for number, (hosts, way) in enumerate(cases.values()):
        variables = {f"n{position}": one for position, one in enumerate(hosts, 1)}
        members = {f"c{number}.{name}": {**one, "name_in_cluster": name} for name, one in variables.items()}
        inventory[f"c{number}"] = {"hosts": members, "vars": {"server_restart": way}}
        plays.append({**PLAY, "hosts": f"c{number}"})
    (folder / "hosts.json").write_text(json.dumps(inventory))
    (folder / "play.json").write_text(json.dumps(plays))
    done = playbook(
        *("--check", "-i", folder / "hosts.json", folder / "play.json"),
        extra={"bin": str(folder)},
        ANSIBLE_STDOUT_CALLBACK="ansible.posix.json",
    )
    assert done.status == 0, done.text
    return {name: play["tasks"] for name, play in zip(cases, json.loads(done.output)["plays"], strict=True)}


def results(tasks: list[dict[str, t.Any]], beginning: str) -> dict[str, t.Any]:
    """What the task whose name begins so gave, by the host's name in its cluster."""
    hosts: dict[str, t.Any] = next((task["hosts"] for task in tasks if beginning in task["task"]["name"]), {})
    return {host.partition(".")[2]: result for host, result in hosts.items()}


@pytest.mark.parametrize("name", CASES)
def test_what_a_run_does(name: str, runs: dict[str, list[dict[str, t.Any]]]) -> None:
    did = {}
    for key, beginning in TASKS.items():
        changed = sorted(host for host, result in results(runs[name], beginning).items() if result.get("changed"))
        if changed:
            did[key] = " ".join(changed)
    assert did == CASES[name][2]


@pytest.mark.parametrize("name", LOOKED_AT)
def test_services_that_the_plan_saw_running_are_not_asked_again(
    name: str, runs: dict[str, list[dict[str, t.Any]]]
) -> None:
    asked = [host for host, result in results(runs[name], TASKS["others"]).items() if not result.get("skipped")]
    assert " ".join(sorted(asked)) == LOOKED_AT[name][2]


def test_what_is_said_before(runs: dict[str, list[dict[str, t.Any]]]) -> None:
    said = results(runs["said before"], "Start | Say")
    assert said["n1"]["msg"]["restart"] == {"rstudio-server": OLD}
    assert said["n1"]["msg"]["sessions"] == ["ada", "grace"]
    assert said["n2"]["msg"]["sessions"] == []
    assert "older files" in said["n1"]["msg"]["how"]
    assert "n3" not in said


def test_sessions_that_cannot_be_counted_are_not_none(runs: dict[str, list[dict[str, t.Any]]]) -> None:
    assert results(runs["nobody can be counted"], "Start | Say")["n1"]["msg"]["sessions"] == "not known"
