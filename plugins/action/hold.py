# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the cluster for this run, on the first host that answers; refuse where another run has it."""

from __future__ import annotations

import getpass
import os
import socket
import time
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.workbench.cluster.plugins.plugin_utils import _hold

# A loop is one process: whether one of its turns had an answer.
settled: list[bool] = []


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _given, options = self.validate_argument_spec({"verb": {"type": "str", "required": True}})
        variables = task_vars or {}
        result["changed"] = False
        if self._task.check_mode or settled:
            return {**result, "skipped": True}
        mine = {
            "verb": options["verb"],
            "who": f"{getpass.getuser()}@{socket.gethostname()}",
            "pid": os.getppid(),
            "token": _hold.TOKEN,
        }
        answer = _hold.hold(lambda: self._take(mine, variables), self._read)
        host = str(self._task.delegate_to or variables["inventory_hostname"])
        if "held" not in answer:
            return {**result, "error": f"{host}: {answer['error']}"}
        settled.append(True)
        if not answer["held"]:
            return {**result, "failed": True, "msg": _hold.refused(host, answer)}
        return {**result, "held": True, "host": host}

    def _take(self, mine: dict[str, t.Any], variables: dict[str, t.Any]) -> _hold.Answer:
        if self._connection.connected:
            self._connection.close()
        arguments = {**mine, "seen": time.monotonic() - _hold.BEGAN}
        try:
            answer = self._execute_module("workbench.cluster.hold", module_args=arguments, task_vars=variables)
        except AnsibleError as error:
            return {"error": str(error)}
        self.cleanup(force=True)
        if "held" not in answer:
            return {"error": str(answer.get("msg"))}
        return {name: answer[name] for name in ("held", "holder", "ago")}

    def _read(self) -> None:
        Display().verbosity = 0  # nobody's to see, hours later
        try:
            self._low_level_execute_command(_hold.READ)
        except AnsibleError:  # taken again
            return
