# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that dies after a task of a run, or a host as it begins one, as by a power cut."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: killer
type: aggregate
short_description: Kill the controller after a task, or a host as it begins one
description:
  - Writes a line for each task that has ended to the file that E(KILLER_TASKS) names, a JSON list of its name and of the digest
    of what the command of E(KILLER_LOOK), a JSON list, printed then; empty where there is none, or it failed.
  - Kills Ansible by C(SIGKILL) once the task has ended that E(KILLER_AFTER) tells by its number in the run, from 1, or by its
    name, the first of that name. Without it, never.
  - Runs the command of E(KILLER_COMMAND), a JSON list, as the task of the name E(KILLER_AT) begins the E(KILLER_TIME)-th time.
    The task waits for its end, but where E(KILLER_WAITS) is empty; the run does in any case.
requirements: []
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "killer"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.tasks, self.after = Path(os.environ["KILLER_TASKS"]), os.environ.get("KILLER_AFTER", "")
        self.tasks.write_text("")
        self.look = os.environ.get("KILLER_LOOK", "")
        self.number, self.name = 0, ""
        self.at, self.times = os.environ.get("KILLER_AT", ""), int(os.environ.get("KILLER_TIME", "0"))
        self.command: subprocess.Popen[bytes] | None = None

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._begins(task.get_name())

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._begins(task.get_name())

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._begins("")
        if self.command:
            self.command.wait()

    def _begins(self, name: str) -> None:
        """A task begins when no process of the one before is left, on whatever host."""
        if self.name:
            self.number += 1
            with self.tasks.open("a") as file:
                file.write(json.dumps([self.name, self._sight()]) + "\n")
            if self.after in (str(self.number), self.name):
                os.kill(os.getpid(), signal.SIGKILL)
        self.name = name
        if name and name == self.at:
            self.times -= 1
            if self.times == 0:
                self.command = subprocess.Popen(json.loads(os.environ["KILLER_COMMAND"]), stdin=subprocess.DEVNULL)
                if os.environ["KILLER_WAITS"]:
                    self.command.wait()

    def _sight(self) -> str:
        if not self.look:
            return ""
        seen = subprocess.run(json.loads(self.look), stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return hashlib.sha256(seen.stdout).hexdigest() if seen.returncode == 0 else ""
