# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of a host would change there: what they want, compared with what a look at the host brought back."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.compare import COMPARED
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import planned_change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.roles import roles_here
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import LOOK, look_report
from ansible_collections.workbench.cluster.plugins.plugin_utils._settled import Settled

ARGUMENTS = {"undecided": {"type": "str"}, "roles": {"type": "list", "elements": "str"}}


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _given, options = self.validate_argument_spec(ARGUMENTS)
        variables = task_vars or {}
        host, look = str(variables["inventory_hostname"]), variables.get(LOOK) or {}
        result.update(changed=False, changes=[], problems=[], notes=[], diff=[])
        if options["undecided"]:
            result["problems"] = [options["undecided"]]
            return result
        if "report" not in look:
            result["problems"] = [
                plain(look.get("error")) or "nobody looked at this host: the action look comes before."
            ]
            return result
        report = look_report(look)
        roles, settled = options["roles"], Settled(self._templar, variables)
        for role in roles_here(variables, settled.template) if roles is None else roles:
            found = _compared(role, settled, report)
            result["changes"] += [planned_change(host, role, change) for change in found.changes]
            for name in ("problems", "notes", "diff"):
                result[name] += getattr(found, name)
        # In a check this stands for what a run would do; else the roles say themselves what they changed.
        result["changed"] = self._task.check_mode and any(not change["waits"] for change in result["changes"])
        if not self._task.diff:
            del result["diff"]
        return result


def _compared(role: str, settled: Settled, report: HostReport) -> Differences:
    try:
        wanted = settled[f"__{role}_wanted"]
    except AnsibleError as error:
        return Differences(problems=[f"What the role {role} wants cannot be told: {error}"])
    try:
        return COMPARED[role](wanted, report)
    except Failure as failure:
        return Differences(problems=[str(failure)])
