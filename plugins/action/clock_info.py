# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without storage whose server stamps the files, measure the node's clock against the controller's."""

from __future__ import annotations

import re
import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.module_utils._clock.arithmetic import (
    SECOND,
    Sample,
    offset,
    sample,
    server_stamps,
)
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import words
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Clock


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result.update(self._execute_module(task_vars=task_vars))
        if result.get("failed"):
            return result
        clock: Clock = result["clock"]
        if self._task.args.get("path") and (clock["fstype"] is None or server_stamps(clock["fstype"])):
            return result
        try:
            # The first question opens the connection.
            asked = sample(self._date, int(self._task.args.get("samples", 8)) + 1)[1:]
        except Failure as failure:
            clock["errors"].append(f"The clock could not be measured from the controller: {failure}")
            return result
        # The node's offset from the controller: the answer is its own time, the middle of the question the other's.
        turned = [Sample(middle=one.stamp, round_trip=one.round_trip, stamp=one.middle) for one in asked]
        result["clock"] = {**clock, **offset(turned, 0), "reference": "controller"}
        return result

    def _date(self) -> int:
        """The node's time in nanoseconds. A module's own start would take longer than all the rest (measured: 0.2 s)."""
        done = self._low_level_execute_command("date +%s.%N", sudoable=False)
        found = re.search(r"^(\d+)\.(\d{9})\s*$", done["stdout"], re.MULTILINE)
        if done["rc"] != 0 or not found:
            raise Failure(f"date answered: {words(done['stdout'], done['stderr'])}")
        return int(found.group(1)) * SECOND + int(found.group(2))
