# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without storage whose server stamps the files, measure the node's clock against the controller's."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.module_utils._clock.arithmetic import sample
from ansible_collections.workbench.cluster.plugins.plugin_utils import _controller_clock as controller


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result.update(self._execute_module(task_vars=task_vars))
        if not result.get("failed") and controller.is_asked(self._task.args.get("path"), result["clock"]):
            count = int(self._task.args.get("samples", 8))
            # The first question opens the connection.
            result["clock"] = controller.measured(result["clock"], lambda: sample(self._date, count + 1)[1:])
        return result

    def _date(self) -> int:
        """The node's time in nanoseconds."""
        return controller.moment(self._low_level_execute_command(controller.DATE, sudoable=False))
