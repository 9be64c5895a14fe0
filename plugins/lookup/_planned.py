# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _planned
short_description: "[INTERNAL] Hosts that the plan of this run names for a role"
version_added: 1.0.0
description:
  - For the C(hosts) of a play that comes after the plan, M(workbench.cluster.plan), registered as C(__plan), or after that of a
    verb, which is kept where the other follows.
    Where there is no run yet, as for C(--list-hosts), the whole groups.
  - Fails where a run that held the cluster (M(workbench.cluster.hold)) does so no more.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
options:
  _terms:
    description:
      - Name of a role or of a verb, or V(hold) for the host that has the cluster held, then kinds of groups, such as C(nodes),
        and C(!) before those to leave out.
    type: list
    elements: str
    required: true
  waiting:
    description:
      - Whether only those are meant that the role server left with a service older than its files, which a play of its own
        restarts, one host after the other.
    type: bool
    default: false
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Nodes whose storage differs
  hosts: "{{ lookup('workbench.cluster._planned', 'storage', 'nodes') }}"
"""

RETURN = r"""
_list:
  description: A pattern of hosts, in one element.
  type: list
  elements: str
"""

import functools
import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.plugin_utils import _hold
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import first_known, once, who_knows
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import (
    KINDS,
    NOBODY,
    VERB,
    cluster_of,
    group,
    hosts_of,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import DEFAULTS

LOST = (
    "This run no longer holds the cluster: the connection to the host that says so broke, or its process wb-hold was ended. "
    "Another run may have begun. What was done is done; run again to complete it."
)


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        variables = variables or {}
        self.set_options(var_options=variables, direct=kwargs)
        role, *asked = terms
        kinds, others = [k for k in asked if k[0] != "!"], [k[1:] for k in asked if k[0] == "!"]
        cluster = cluster_of(variables, t.cast(t.Any, self._templar).template)
        if "hostvars" not in variables:
            return [
                ",".join(
                    f"{sign}{group(cluster, kind)}" for sign, some in (("", kinds), ("!", others)) for kind in some
                )
            ]
        everybody = hosts_of(cluster, KINDS, variables["groups"])
        known = once(variables["hostvars"])
        planned = who_knows(everybody, known, "__plan")
        if planned is None and who_knows(everybody, known, "__checked") is None:
            raise AnsibleLookupError("this run has no plan: begin with its first task, without --start-at-task")
        of = functools.partial(hosts_of, cluster, groups=variables["groups"])
        # Who has a plan has the verb's as well: to ask all hosts costs as much as a task, for each play of a run.
        verb = first_known([planned] if planned else everybody, known, VERB)
        # Whom a verb leaves out is in no plan that comes after the verb's.
        inside = who_knows((host for host in everybody if host not in verb.get("outside", ())), known, "__plan")
        plan = known[inside]["__plan"] if inside else {}
        # There is none where a host could not be reached, or in a playbook that was imported on a condition and skipped.
        if role not in plan.get("hosts", {}):
            plan = verb
        named = plan.get("hosts", {}).get(role, [])
        chosen = (set(of(kinds)) - set(of(others))) & set(named)
        if self.get_option("waiting"):
            chosen = {host for host in chosen if _waits(known[host])}
        if chosen and _hold.state() == "lost":
            raise AnsibleLookupError(LOST)
        # One run holds it once, however many playbooks it has.
        if role == "hold" and _hold.state() == "held":
            return [NOBODY]
        return [",".join(host for host in named if host in chosen) or NOBODY]


def _waits(variables: t.Mapping[str, t.Any]) -> bool:
    """As the role says of its host, `__server_waits`; it looks itself whether the service runs."""
    written, restart = variables.get("__server_written") or {}, DEFAULTS["server"]["server_restart"]
    return bool(written.get("restart")) and variables.get("server_restart", restart) == "rolling"
