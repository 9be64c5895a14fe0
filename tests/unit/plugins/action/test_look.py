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
    """A host that answers the module and `date`; `wrong` roles cannot say what they ask."""

    def __init__(self, ahead: float = 0, wrong: bool = False) -> None:
        self.ahead, self.wrong, self.asked = ahead, wrong, 0
        self.parts: dict[str, t.Any] = {}

    def date(self, command: str, sudoable: bool = True) -> dict[str, t.Any]:
        self.asked += 1
        now = time.time_ns() + int(self.ahead * 1e9)
        return {"rc": 0, "stdout": f"{now // 10**9}.{now % 10**9:09d}\n", "stderr": ""}

    def template(self, value: t.Any) -> t.Any:
        if self.wrong:
            raise AnsibleError("'clock_servers' is undefined")
        return value

    def module(self, name: str, module_args: t.Any, task_vars: t.Any) -> dict[str, t.Any]:
        self.parts = module_args["parts"]
        return {"report": json.dumps({part: CLOCK if part == "clock" else {} for part in self.parts})}

    def look(self, **options: t.Any) -> dict[str, t.Any]:
        task: t.Any = SimpleNamespace(
            args=options, async_val=0, check_mode=False, environment=None, diff=False, delegate_to=None
        )
        connection: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
        unused: t.Any = None
        templar: t.Any = SimpleNamespace(template=self.template)
        action: t.Any = ActionModule(task, connection, unused, unused, templar, unused)
        action._execute_module, action._low_level_execute_command = self.module, self.date
        variables = {"inventory_hostname": "n1", "__clock_ask": {"packages": ["chrony"]}}
        return t.cast("dict[str, t.Any]", action.run(task_vars=variables))


def test_what_roles_ask_and_what_is_asked_besides_is_one_question() -> None:
    host = Host()
    host.look(roles=["clock"], parts={"node": {"users": ["ada"]}})
    assert host.parts == {"system": {}, "packages": ["chrony"], "node": {"users": ["ada"]}}


def test_what_is_asked_besides_is_asked_though_a_role_cannot_say_what_it_asks() -> None:
    host = Host(wrong=True)
    assert "report" in host.look(roles=["clock"], parts={"cluster": {}})
    assert host.parts == {"system": {}, "cluster": {}}


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
