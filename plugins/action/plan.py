# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One plan of what all hosts of a run would have changed."""

from __future__ import annotations

import datetime
import os
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import (
    KINDS,
    Compared,
    PlannedChange,
    hosts_by_role,
    narrowed,
    plan_lines,
    plan_text,
    unlike,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._hold import candidates
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import LOOK, VERB, group, hosts_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.folder import write_private
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.shown import as_shown
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.roles import together

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "restart": {"type": "str", "choices": ["rolling", "at_once", "never"], "default": "rolling"},
    "file": {"type": "path"},
    "verb": {"type": "str"},
}


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        variables, cluster = task_vars or {}, str(options["cluster"])
        hosts = [str(host) for host in variables["ansible_play_hosts"]]
        compared: dict[str, Compared] = {host: plain(variables["hostvars"][host]["__differences"]) for host in hosts}
        changes = [change for answer in compared.values() for change in answer["changes"]]
        members = {
            kind: [host for host in hosts if host in variables["groups"].get(group(cluster, kind), ())]
            for kind in KINDS
        }
        verb = plain(variables[VERB]) if options["verb"] else {}
        if verb:
            compared = narrowed(compared, verb["building"])
            changes = [change for answer in compared.values() for change in answer["changes"]]
        problems = together({host: answer["problems"] for host, answer in compared.items()})
        if problems:
            raise AnsibleActionFail("\n".join(problems))
        lines = plan_lines(cluster, members, compared, options["restart"])
        if options["file"]:
            lines += self._kept(Path(options["file"]), cluster, changes)
        acting = [] if self._task.check_mode else changes
        asked = (variables.get(f"{LOOK}_absent") or {}).get("results") or []
        absent, silent = [str(one["item"]) for one in asked], [str(one["item"]) for one in asked if "report" not in one]
        result.update(changed=False, lines=lines, shown=as_shown(lines), changes=changes)
        proven = [] if self._task.check_mode else _proven(verb, changes, members["nodes"])
        besides = {"hold": [one["host"] for one in acting[:1]], "verify": proven}
        result.update(hosts={**hosts_by_role(acting), **besides}, looked=[*hosts, *absent])
        result["holders"] = candidates(hosts_of(cluster, ["nodes"], variables["groups"]), silent, hosts)
        return result

    def _kept(self, file: Path, cluster: str, changes: list[PlannedChange]) -> list[str]:
        """A check keeps the plan; a run must have the plan that was kept."""
        if self._task.check_mode:
            made = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            try:
                write_private(file, plan_text(cluster, made, changes).encode())
            except OSError as error:
                raise AnsibleActionFail(f"plan_file={file} cannot be written: {error.strerror}") from error
            return [f"  Kept in {file}: apply it by the same run without --check."]
        try:
            wrong = unlike(file.read_text("utf-8"), cluster, changes)
        except OSError as error:
            raise AnsibleActionFail(
                f"plan_file={file} cannot be read: {os.strerror(error.errno or 0)}. A run with --check makes it. "
                "Nothing was changed."
            ) from error
        except (Failure, UnicodeDecodeError) as failure:
            raise AnsibleActionFail(f"plan_file={file} {failure}. Nothing was changed.") from failure
        if wrong:
            raise AnsibleActionFail(
                f"plan_file={file} is not what would be done now, for the hosts or the inventory changed since. "
                + "; ".join(wrong)
                + ". Nothing was changed: look at the new plan with --check."
            )
        return [f"  As planned in {file}."]


def _proven(verb: t.Mapping[str, t.Any], changes: t.Sequence[PlannedChange], nodes: list[str]) -> list[str]:
    """The nodes that are verified before people are sent to new ones, those of a run that was cut off as well."""
    sends = any(change["role"] == "proxy" for change in changes)
    return nodes if verb.get("adds") and (verb["building"] or sends) else []
