# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run changed, to be held against what it announced."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: deeds
type: aggregate
short_description: Record what a run changes
description:
  - Writes a list as JSON to the file that the environment variable E(DEEDS_FILE) names.
  - It has an entry for each task that changed something on a host, with C(host), C(play), C(role) (empty where the
    task belongs to none), C(task), C(action) and C(changed_files), which are those that the module named.
  - A run that changes nothing leaves the file as it is.
requirements: []
"""


def changed_files(result: t.Mapping[str, t.Any]) -> list[str]:
    """The files that a result names, and those of each turn of a loop."""
    turns = [turn for turn in result.get("results") or [] if isinstance(turn, dict) and turn.get("changed")]
    return [str(path) for part in (result, *turns) for path in part.get("changed_files") or []]


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "deeds"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(os.environ["DEEDS_FILE"])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.play = ""
        self.deeds: list[dict[str, t.Any]] = []

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self.play = play.get_name()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._record(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._record(result)

    def _record(self, result: t.Any) -> None:
        if not result.is_changed():
            return
        task = result.task
        self.deeds.append(
            {
                "host": result.host.get_name(),
                "play": self.play,
                "role": task._role.get_name(include_role_fqcn=False) if task._role else "",
                "task": task.name,
                "action": task.action,
                "changed_files": changed_files(result.result),
            }
        )

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        if self.deeds:
            self.path.write_text(json.dumps(self.deeds, indent=1))
