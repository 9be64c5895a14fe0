# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at a host once, for all roles that concern it."""

from __future__ import annotations

import json
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.workbench.cluster.plugins.module_utils._clock.arithmetic import sample
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils import _controller_clock as controller
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.look import (
    joined,
    unanswered,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.roles import roles_here
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import look_report
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Unusable
from ansible_collections.workbench.cluster.plugins.plugin_utils._settled import Settled

Variables = t.Mapping[str, t.Any]
ARGUMENTS = {"roles": {"type": "list", "elements": "str"}, "parts": {"type": "dict"}}
# What is no role's to ask.
ALWAYS: t.Mapping[str, t.Any] = {"system": {}, "processors": {}}
# The connection is open, and the shortest round trip counts.
SAMPLES = 3


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _given, options = self.validate_argument_spec(ARGUMENTS)
        variables, besides = task_vars or {}, plain(options["parts"] or {})
        result.update(changed=False, _ansible_no_log=True)  # much, and nobody's to read
        try:
            parts = joined([ALWAYS, besides, *self._asks(options["roles"], variables)])
        except (AnsibleError, Failure, Unusable) as error:
            if not besides:
                return self._failed(f"was not looked at: {error}", variables)
            parts = {**ALWAYS, **besides}  # which no role has a say in
        arguments = {"parts": parts, "key": RUN_KEY, "contents": bool(self._task.diff)}
        # What comes over the wire is shown at -vvv but for this: not the task's own no_log, which would hide why a host failed.
        self._connection._play_context.no_log = True
        try:
            answer = self._execute_module("workbench.cluster.host_info", module_args=arguments, task_vars=variables)
        except AnsibleConnectionFailure as error:
            if self._task.delegate_to is None:
                raise
            # Told as a host that cannot be reached it would end the run of those that can, whatever ignore_unreachable says.
            Display().warning(f"{self._task.delegate_to} is outside this run and does not answer: {error}")
            return self._failed(f"did not answer: {error}", variables)
        # Which Python was found is remembered with the host's facts.
        facts = dict(answer.get("ansible_facts") or {})
        if "report" not in answer:
            return {**self._failed(_error(answer, variables), variables), "ansible_facts": facts}
        report, text = look_report(answer), answer["report"]
        if self._task.delegate_to is None or self._task.delegate_facts:
            facts.update({f"ansible_{name}": value for name, value in report.get("system", {}).items()})
        clock = report.get("clock")
        # Where storage does not measure it, the controller does.
        if clock is not None and controller.is_asked(besides["clock"].get("path"), clock):
            clock = controller.measured(clock, lambda: sample(self._date, SAMPLES))
            text = json.dumps({**report, "clock": clock})
        return {**result, "ansible_facts": facts, "report": text}

    def _date(self) -> int:
        """The node's time in nanoseconds."""
        return controller.moment(self._low_level_execute_command(controller.DATE, sudoable=False))

    def _failed(self, error: str, variables: Variables) -> dict[str, t.Any]:
        """A host of the run stops it. Of one outside of it, that another asks, nothing is known then."""
        if self._task.delegate_to is None:
            return {
                "changed": False,
                "failed": True,
                "msg": f"{variables['inventory_hostname']}: {error}",
                "error": error,
            }
        return {"changed": False, "error": error}

    def _asks(self, roles: list[str] | None, variables: Variables) -> list[Variables]:
        settled = Settled(self._templar, variables)
        asked = [f"__{role}_ask" for role in (roles_here(variables, settled.template) if roles is None else roles)]
        return [settled[name] for name in asked if name in settled]


def _error(answer: Variables, variables: Variables) -> str:
    interpreter = variables.get("ansible_python_interpreter", "the Python it found there")
    core = variables["ansible_version"]["full"]
    return unanswered(answer, str(core), str(interpreter))
