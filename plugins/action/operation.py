# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a verb that runs a cluster: from what every node told, before anything is done."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._hold import candidates
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import (
    KINDS,
    hosts_of,
    member_addresses,
    member_reports,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Options, Told
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.made import host_made
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import state_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.verbs import VERBS, decide
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import (
    plan_lines,
    unconfirmed,
    what_is_left,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import KeysPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.shown import as_shown

ARGUMENTS = {
    "verb": {"type": "str", "choices": [*VERBS], "required": True},
    "cluster": {"type": "str", "required": True},
    "members": {"type": "list", "elements": "str", "required": True},
    "named": {"type": "bool", "required": True},
    "options": {"type": "dict", "required": True},
    "confirmed": {"type": "str", "default": ""},
}
REPORT, UPGRADES = "__operate_report", "__operate_upgrade"


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        variables = task_vars or {}
        hostvars, members, verb = variables["hostvars"], [str(name) for name in given["members"]], str(given["verb"])
        addresses = dict(zip(members, member_addresses(members, hostvars), strict=True))
        reports = member_reports(members, hostvars, REPORT, "cluster")
        state = state_of(members, addresses, reports)
        chosen = [host for host in members if host in variables["ansible_play_hosts_all"]]
        options: Options = given["options"]
        keys: KeysPlan | None = plain(variables.get("__keys_plan"))
        mounts = {host: plain(plan) for host in members if (plan := hostvars[host].get("__storage_reset"))}
        upgrades = {
            host: found["upgrade"] for host in members if "upgrade" in (found := hostvars[host].get(UPGRADES) or {})
        }
        told = Told(chosen, given["named"], options, keys, mounts, plain(upgrades))
        if verb == "teardown":
            everybody = hosts_of(str(given["cluster"]), KINDS, variables["groups"])
            users = plain(variables["__teardown"]["users"])
            told = told._replace(made={host: host_made(hostvars[host]) for host in everybody}, users=users)
        decision = decide(verb, state, told)
        if decision.problems:
            raise AnsibleActionFail("\n".join([*decision.problems, "Nothing was changed."]))
        lines = plan_lines(str(given["cluster"]), verb, state, decision)
        refused = unconfirmed(verb, decision, str(given["confirmed"]))
        ends = self._task.check_mode or refused
        acting = [] if ends else list(dict.fromkeys(c["host"] for c in decision.changes))
        result.update(changed=False, lines=lines, shown=as_shown(lines), changes=decision.changes)
        result.update(unconfirmed="" if self._task.check_mode else refused, rows=list(decision.rows))
        result.update(upgrade=decision.upgrade or {}, taken=decision.taken)
        result.update(names={node.host: node.name for node in state.members if node.name})
        result["hosts"] = {
            verb: [] if decision.together else acting,
            f"{verb}_together": acting if decision.together else [],
            **{f"{verb}_{play}": [] if ends else [*hosts] for play, hosts in decision.plays.items()},
        }
        doing = [host for hosts in result["hosts"].values() for host in hosts]
        # One that has this result, as hosts of other kinds have not.
        result["hosts"]["hold"] = [*(host for host in doing if host in chosen), *(chosen if doing else [])][:1]
        result["holders"] = candidates(members, [host for host in members if "cluster" not in reports[host]], chosen)
        kept: dict[str, t.Any] = {name: list(getattr(decision, name)) for name in ("building", "leaving", "outside")}
        result.update(kept, adds=decision.adds, left=what_is_left(str(given["cluster"]), decision))
        return result
