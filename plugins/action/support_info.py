# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather what others need to see of a host, with stand-ins for secrets that are the same on all hosts of the run."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result["_ansible_no_log"] = True  # much, and nobody's to read
        self._connection._play_context.no_log = True
        arguments = {"key": RUN_KEY, **self._task.args}
        return {**result, **self._execute_module(module_args=arguments, task_vars=task_vars), "_ansible_no_log": True}
