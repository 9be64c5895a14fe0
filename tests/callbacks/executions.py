# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many modules a run executes on each host.

Results do not tell: an action may run no module or several, and some that did run do not say so. So each execution is
counted where it happens, in the one method through which every action runs a module. Ansible loads callbacks before it
forks for each host, and a fork has the method as it is then.
"""

from __future__ import annotations

import functools
import json
import os
import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: executions
type: aggregate
short_description: Count module executions
description:
  - Writes numbers by host, play and module, as JSON, to the file that E(EXECUTIONS_FILE) names.
  - What is delegated counts for the host that executes it.
requirements: []
"""

EXECUTE = ActionBase._execute_module


def counting(lines: Path) -> t.Callable[..., t.Any]:
    """The method that runs a module, with a line for each execution; one write to a file that is appended to is whole."""

    @functools.wraps(EXECUTE)
    def execute(self: t.Any, module_name: str | None = None, *args: t.Any, **kwargs: t.Any) -> t.Any:
        variables = self._templar.available_variables
        host = self._task.delegate_to or variables["inventory_hostname"]
        module = module_name or self._task.action
        line = json.dumps([str(host), str(variables["ansible_play_name"]), module]) + "\n"
        descriptor = os.open(lines, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
        return EXECUTE(self, module_name, *args, **kwargs)

    return execute


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "executions"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(os.environ["EXECUTIONS_FILE"])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lines = self.path.with_suffix(".lines")
        self.lines.unlink(missing_ok=True)
        setattr(ActionBase, EXECUTE.__name__, counting(self.lines))

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        counts: dict[str, dict[str, dict[str, int]]] = {}
        for line in self.lines.read_text().splitlines() if self.lines.exists() else []:
            host, play, module = json.loads(line)
            modules = counts.setdefault(host, {}).setdefault(play, {})
            modules[module] = modules.get(module, 0) + 1
        self.path.write_text(json.dumps(counts, indent=1))
        self.lines.unlink(missing_ok=True)
