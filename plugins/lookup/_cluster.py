# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _cluster
short_description: "[INTERNAL] Name of the cluster, or of its groups"
version_added: 1.0.0
description:
  - The cluster is C(workbench_cluster), V(workbench) where nobody says another.
    For a play's C(hosts) only the command line can say it.
  - In a playbook that is imported with C(plan_verb) hosts are left out that the plan of this verb goes on without.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
options:
  _terms:
    description: Kinds of groups, such as C(nodes) and C(database). Without one the answer is the name of the cluster.
    type: list
    elements: str
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Nodes and file servers
  hosts: "{{ lookup('workbench.cluster._cluster', 'nodes', 'storage') }}"
"""

RETURN = r"""
_list:
  description:
    - A group for each kind, of those the inventory has; joined by commas it is a pattern of hosts.
    - Without one of them nobody, or the groups all the same where there is no such cluster.
  type: list
  elements: str
"""

import typing as t

from ansible.plugins.lookup import LookupBase

# It knows when the run began.
from ansible_collections.workbench.cluster.plugins.plugin_utils import _hold  # noqa: F401  # pylint: disable=unused-import
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import first_known, once
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import (
    KINDS,
    NOBODY,
    VERB,
    cluster_of,
    group,
    hosts_of,
)


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        cluster = cluster_of(variables or {}, t.cast(t.Any, self._templar).template)
        names = [group(cluster, kind) for kind in terms]
        groups = (variables or {}).get("groups", ())
        # Of others a play would warn, and no cluster needs a group of each kind.
        here = [name for name in names if name in groups]
        if names and not here and group(cluster, "nodes") in groups:
            return [NOBODY]
        return [*(here or names or [cluster]), *(f"!{host}" for host in _outside(cluster, variables or {}) if here)]


def _outside(cluster: str, variables: t.Mapping[str, t.Any]) -> list[str]:
    """Whom the plan of a verb leaves out, as any of the hosts has it."""
    if "plan_verb" not in variables or "hostvars" not in variables:
        return []
    hosts = hosts_of(cluster, KINDS, variables["groups"])
    return list(first_known(hosts, once(variables["hostvars"]), VERB).get("outside", []))
