# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _members
short_description: "[INTERNAL] Hosts of the cluster's groups, or their addresses"
version_added: 1.0.0
description:
  - Defaults of roles are made of it; a group that is not there has no hosts. Nodes that C(remove_node) takes out are left out.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
options:
  _terms:
    description: Kinds of groups, C(nodes), C(storage), C(database) or C(proxy).
    type: list
    elements: str
    required: true
  addresses:
    description: Whether the answer is where others reach them, as the filter C(_member_addresses) says.
    type: bool
    default: false
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: The nodes
  ansible.builtin.debug:
    msg: "{{ query('workbench.cluster._members', 'nodes') }}"
"""

RETURN = r"""
_list:
  description: Inventory names, or an address for each of them.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import once
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import (
    VERB,
    cluster_of,
    hosts_of,
    own_addresses,
)


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        variables = variables or {}
        self.set_options(var_options=variables, direct=kwargs)
        cluster = cluster_of(variables, t.cast(t.Any, self._templar).template)
        leaving = (variables.get(VERB) or {}).get("leaving", ())
        hosts = [host for host in hosts_of(cluster, terms, variables["groups"]) if host not in leaving]
        try:
            return own_addresses(hosts, once(variables["hostvars"])) if self.get_option("addresses") else hosts
        except Failure as failure:
            raise AnsibleLookupError(str(failure)) from failure
