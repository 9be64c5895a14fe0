# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what the hosts registered, on the controller: nothing here asks a host."""

from __future__ import annotations

import datetime
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import hosts_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.folder import PAGE, write_report
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.shown import as_shown
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Policy
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.judgement import KINDS, judge, problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.measured import ASKED, verify_measured
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.servers import managed

NAMES = {"type": "list", "elements": "str", "default": []}
POLICY = {
    "users": NAMES,
    "groups": NAMES,
    "paths": {"type": "list", "elements": "path", "default": []},
    "clock_max_offset": {"type": "float", "default": 1.0},
    "lock_refresh": {"type": "int", "default": 20},
    "min_memory": {"type": "int", "default": 2000},
    "min_disk": {"type": "int", "default": 5000},
    "allow_unknown": NAMES,
    "version": {"type": "str", "default": ""},
}
# Which of them a kind is judged by; report.json shows these.
JUDGED_BY = {
    "verify": ("users", "groups", "paths", "clock_max_offset", "lock_refresh", "allow_unknown"),
    "preflight": ("min_memory", "min_disk", "clock_max_offset", "allow_unknown"),
    "status": ("version",),
}
ARGUMENTS = {
    "kind": {"type": "str", "choices": list(KINDS), "required": True},
    "members": {"type": "list", "elements": "str", "required": True},
    "cluster": {"type": "str", "default": "workbench"},
    "policy": {"type": "dict", "options": POLICY, "apply_defaults": True},
    "report_dir": {"type": "path", "default": ""},
    "about": NAMES | {"default": None},
}


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options, variables = plain(given), task_vars or {}
        kind, cluster = options["kind"], options["cluster"]
        unknown = [name for name in options["members"] if name not in variables["hostvars"]]
        if unknown:
            raise AnsibleActionFail(f"not in the inventory: {', '.join(unknown)}")
        policy: Policy = t.cast("Policy", {name: options["policy"][name] for name in JUDGED_BY[kind]})
        if kind == "preflight":
            policy["managed"] = managed(variables["groups"], cluster)
        policy["now"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        fronts = hosts_of(cluster, ["proxy"], variables["groups"]) if kind == "verify" else []
        measured = plain(verify_measured(options["members"], variables["hostvars"], policy, ASKED[kind], fronts))

        judgement = judge(kind, measured, cluster)
        written, unwritten = [], ""
        if judgement.report and options["report_dir"] and not self._task.check_mode:
            try:
                written = write_report(Path(options["report_dir"]), judgement.report)
            except OSError as error:
                unwritten = f"{error.filename}: {error.strerror}" if error.filename else str(error)

        page = next((path for path in written if path.endswith(PAGE)), "")
        handed = {name: getattr(judgement, name) for name in ("verdict", "counts", "unproven")}
        result.update(handed, changed=False, kind=kind, lines=judgement.lines, written=written)
        result["shown"] = as_shown(judgement.lines)
        result["problems"] = problems(kind, judgement, page, unwritten, options["about"])
        result["ansible_stats"] = {"data": {cluster: handed}, "aggregate": False, "per_host": False}
        return result
