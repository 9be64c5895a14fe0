# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a host besides what roles ask, and its clock against the controller's."""

from __future__ import annotations

import json
import time
import typing as t
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleError
from ansible_collections.workbench.cluster.plugins.action.look import SAMPLES, ActionModule

CLOCK: dict[str, t.Any] = {
    "reference": "none",
    "offset": None,
    "bound": None,
    "samples": [],
    "errors": [],
    "fstype": "ext4",
}


class Host:
    """A host that answers the module and `date`; `wrong` roles cannot say what they ask.

    `variables` are those it has besides, `task` is how it is asked.
    """

    def __init__(
        self, ahead: float = 0, wrong: bool = False, variables: t.Mapping[str, t.Any] | None = None, **task: t.Any
    ) -> None:
        self.ahead, self.wrong, self.asked = ahead, wrong, 0
        self.variables, self.task = variables or {}, task
        self.arguments: dict[str, t.Any] = {}
        self.wire: t.Any = None

    @property
    def parts(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.arguments["parts"])

    def date(self, command: str, sudoable: bool = True) -> dict[str, t.Any]:
        self.asked += 1
        now = time.time_ns() + int(self.ahead * 1e9)
        return {"rc": 0, "stdout": f"{now // 10**9}.{now % 10**9:09d}\n", "stderr": ""}

    def template(self, value: t.Any) -> t.Any:
        if self.wrong:
            raise AnsibleError("'clock_servers' is undefined")
        return value

    def module(self, name: str, module_args: t.Any, task_vars: t.Any) -> dict[str, t.Any]:
        self.arguments = module_args
        answers = {"clock": CLOCK, "system": {"os_family": "Debian", "pkg_mgr": "apt"}}
        return {"report": json.dumps({part: answers.get(part, {}) for part in self.parts})}

    def look(self, **options: t.Any) -> dict[str, t.Any]:
        how = {"async_val": 0, "check_mode": False, "environment": None, "diff": False, "delegate_to": None}
        task: t.Any = SimpleNamespace(args=options, **{**how, **self.task})
        wire: t.Any = SimpleNamespace(no_log=False)
        connection: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"), _play_context=wire)
        unused: t.Any = None
        templar: t.Any = SimpleNamespace(template=self.template, copy_with_new_env=lambda **_given: templar)
        action: t.Any = ActionModule(task, connection, unused, unused, templar, unused)
        self.wire = wire
        action._execute_module, action._low_level_execute_command = self.module, self.date
        variables = {
            "inventory_hostname": "n1",
            "__clock_ask": {"packages": ["{{ clock_servers }}" if self.wrong else "chrony"]},
            **self.variables,
        }
        return t.cast("dict[str, t.Any]", action.run(task_vars=variables))


def test_what_roles_ask_and_what_is_asked_besides_is_one_question() -> None:
    host = Host()
    host.look(roles=["clock"], parts={"node": {"users": ["ada"]}})
    assert host.parts == {"system": {}, "processors": {}, "packages": ["chrony"], "node": {"users": ["ada"]}}


def test_what_is_asked_besides_is_asked_though_a_role_cannot_say_what_it_asks() -> None:
    host = Host(wrong=True)
    assert "report" in host.look(roles=["clock"], parts={"cluster": {}})
    assert host.parts == {"system": {}, "processors": {}, "cluster": {}}


def test_without_anything_else_a_role_that_cannot_say_what_it_asks_fails_the_look() -> None:
    answer = Host(wrong=True).look(roles=["clock"])
    assert (answer["failed"], "report" in answer) == (True, False)
    assert "clock_servers" in answer["msg"]


@pytest.mark.parametrize("path", [None, "/srv/shared"])
def test_clock_that_storage_does_not_measure_is_measured_from_the_controller(path: str | None) -> None:
    host = Host(ahead=3.0)
    clock = json.loads(host.look(roles=[], parts={"clock": {"path": path}})["report"])["clock"]
    assert (clock["reference"], host.asked, len(clock["samples"])) == ("controller", SAMPLES, SAMPLES)
    assert abs(clock["offset"] - 3.0) <= clock["bound"] + 1e-6


def test_clock_that_storage_measures_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLOCK, "fstype", "nfs4")
    host = Host()
    assert json.loads(host.look(roles=[], parts={"clock": {"path": "/srv"}})["report"])["clock"] == CLOCK
    assert host.asked == 0


BUILD: dict[str, t.Any] = {
    "groups": {"workbench_nodes": ["n1"], "workbench_storage": ["files"]},
    "ansible_run_tags": ["all"],
    "ansible_skip_tags": [],
    "__clock_ask": {"units": ["clock"]},
    "__nfs_server_ask": {"units": ["nfs_server"]},
    "__storage_ask": {"units": ["storage"]},
    "__keys_ask": {"units": ["keys"]},
    "__server_ask": {"units": ["server"]},
    "__database_ask": {"units": ["database"]},
}


@pytest.mark.parametrize(
    ("variables", "roles"),
    [
        ({}, ["clock", "storage", "keys", "server"]),
        ({"inventory_hostname": "files"}, ["clock", "nfs_server"]),
        ({"storage_manage": False, "clock_manage": "no"}, ["keys", "server"]),
        ({"ansible_run_tags": ["server"]}, ["keys", "server"]),
        ({"ansible_run_tags": ["verify"]}, []),
        ({"ansible_skip_tags": ["storage"]}, ["clock", "keys", "server"]),
        ({"workbench_cluster": "other", "groups": {"other_database": ["n1"]}}, ["clock", "database"]),
    ],
)
def test_by_default_those_roles_ask_that_are_to_act_on_the_host(variables: dict[str, t.Any], roles: list[str]) -> None:
    host = Host(variables={**BUILD, **variables})
    host.look()
    assert host.parts.get("units", []) == roles


def test_what_the_host_runs_is_set_as_facts() -> None:
    assert Host().look(roles=[])["ansible_facts"] == {"ansible_os_family": "Debian", "ansible_pkg_mgr": "apt"}
    assert Host(delegate_to="n2", delegate_facts=False).look(roles=[])["ansible_facts"] == {}
    assert Host(delegate_to="n2", delegate_facts=True).look(roles=[])["ansible_facts"] != {}


def test_files_come_with_their_text_for_a_diff_alone() -> None:
    plain, diff = Host(), Host(diff=True)
    assert [host.look(roles=[]) and host.arguments["contents"] for host in (plain, diff)] == [False, True]


def test_what_a_look_brings_is_not_logged_and_changes_nothing() -> None:
    """Nor is it shown as it comes over the wire, which Ansible does at -vvv."""
    host = Host()
    answer = host.look(roles=[])
    assert (answer["_ansible_no_log"], host.wire.no_log, answer["changed"]) == (True, True, False)


@pytest.mark.parametrize("delegate_to", [None, "n2"])
def test_a_host_that_cannot_answer_says_why(delegate_to: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one outside the run that another asks, nothing is known then, and the run goes on."""
    said = {
        "failed": True,
        "msg": "MODULE FAILURE",
        "ansible_facts": {"discovered_interpreter_python": "/usr/bin/python3"},
    }
    monkeypatch.setattr(Host, "module", lambda *__, **___: said)
    answer = Host(delegate_to=delegate_to, variables={"ansible_version": {"full": "2.19.14"}}).look(roles=[])
    assert (answer["error"], answer.get("failed", False)) == (
        "could not be looked at: MODULE FAILURE",
        not delegate_to,
    )
    assert answer["ansible_facts"] == said["ansible_facts"]
