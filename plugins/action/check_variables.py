# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse wrong variables of roles on a host, or report them for all hosts together. Nothing is asked of the host."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import cluster_of, hosts_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.inventory import is_unordered
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Cluster, Member
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.roles import (
    notes,
    order_problems,
    problems,
    roles_of,
    together,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import KNOWN, is_default, is_hidden
from ansible_collections.workbench.cluster.plugins.plugin_utils._settled import Settled
from ansible_collections.workbench.cluster.plugins.plugin_utils._variables import Inventory, told_by

Variables = t.Mapping[str, t.Any]


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _given, options = self.validate_argument_spec({"roles": {"type": "list", "elements": "str"}})
        variables = task_vars or {}
        host = str(variables["inventory_hostname"])
        cluster = Cluster(
            cluster_of(variables, self._templar.template), variables["groups"], Inventory(variables["hostvars"])
        )
        first = _first(cluster, variables)
        told = set() if host == first else told_by(variables["hostvars"].raw_get(first), variables)
        member = self._member(host, variables, cluster, told)
        roles = options["roles"] if options["roles"] is not None else roles_of(member)
        found = self._order(roles) + problems(roles, member, host == first)
        for note in notes(roles, member):
            self._display.warning(note)
        result.update(changed=False)
        if options["roles"] is None:
            result.update(problems=found)
        elif found:
            result.update(failed=True, msg="\n".join(together({host: found})))
        return result

    def _order(self, roles: t.Sequence[str]) -> list[str]:
        strategy = str(self._task.get_play().strategy)
        return order_problems(roles, strategy) if is_unordered(strategy) else []

    def _member(self, host: str, variables: Variables, cluster: Cluster, told: t.Collection[str]) -> Member:
        """The host with its variables but those that are `told` elsewhere."""
        values, unreadable, settled = {}, {}, Settled(self._templar, variables)
        for name in KNOWN:
            if name in variables and name not in told:
                try:
                    values[name] = settled[name]
                except AnsibleError as error:
                    unreadable[name] = "its value is a secret, and no text." if is_hidden(name) else str(error)
        named = {name for name in (*values, *unreadable) if not is_default(name, variables[name])}
        return Member(host, values, cluster, named, unreadable)


def _first(cluster: Cluster, variables: Variables) -> str:
    """The host that asks for all of them."""
    nodes = hosts_of(cluster.name, ["nodes"], cluster.groups)
    batch = [host for host in variables["ansible_play_batch"] if host in nodes] or variables["ansible_play_batch"]
    return str(batch[0])
