# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that could not be reached, in what a plan is made of: their results hold what is no plain value."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.workbench.cluster.plugins.action import differences, plan

UNREACHABLE: dict[str, t.Any] = {"unreachable": True, "msg": "Connection refused", "exception": object()}
VARIABLES: dict[str, t.Any] = {
    "inventory_hostname": "n1",
    "ansible_play_hosts": ["n1"],
    "groups": {"workbench_nodes": ["n1", "n2"]},
    "ansible_run_tags": ["all"],
    "ansible_skip_tags": [],
}


def run(module: t.Any, arguments: dict[str, t.Any], check: bool = False, **variables: t.Any) -> dict[str, t.Any]:
    task: t.Any = SimpleNamespace(args=arguments, async_val=0, check_mode=check, environment=None, diff=False)
    connection: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
    unused: t.Any = None
    action = module.ActionModule(
        task, connection, unused, unused, SimpleNamespace(template=lambda value: value), unused
    )
    return t.cast("dict[str, t.Any]", action.run(task_vars={**VARIABLES, **variables}))


@pytest.mark.parametrize(
    ("look", "said"),
    [
        pytest.param(UNREACHABLE, "nobody looked at this host", id="unreachable"),
        pytest.param({"error": "its Python is too old"}, "its Python is too old", id="no answer"),
        pytest.param({}, "nobody looked at this host", id="nobody looked"),
    ],
)
def test_of_a_host_without_a_report_that_is_the_problem(look: dict[str, t.Any], said: str) -> None:
    found = run(differences, {}, __look=look)
    assert found["changes"] == []
    assert said in " ".join(found["problems"])


def test_members_outside_the_run_that_do_not_answer_are_no_trouble() -> None:
    compared: dict[str, t.Any] = {"changes": [], "problems": [], "notes": []}
    absent = {"results": [{"item": "n2", **UNREACHABLE}]}
    found = run(plan, {"cluster": "workbench"}, __look_absent=absent, hostvars={"n1": {"__differences": compared}})
    assert (found["looked"], found["holders"], found["hosts"]["hold"]) == (["n1", "n2"], ["n1"], [])
    assert "Nothing to change" in found["lines"][-1]


@pytest.mark.parametrize(("check", "asks"), [(False, ["n1"]), (True, [])])
def test_the_cluster_is_held_where_something_is_to_be_done(check: bool, asks: list[str]) -> None:
    said = {"what": "w", "why": "y", "interrupts": "", "restarts": [], "waits": False, "opens": False}
    change = {"host": "n1", "role": "server", **said}
    compared: dict[str, t.Any] = {"changes": [change], "problems": [], "notes": []}
    found = run(plan, {"cluster": "workbench"}, check, hostvars={"n1": {"__differences": compared}})
    assert (found["hosts"]["hold"], found["holders"]) == (asks, ["n1", "n2"])
