# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: member_addresses
short_description: Addresses of hosts of the inventory
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - For each host its address in the cluster's network, the host variable C(cluster_address), else the one Ansible uses,
    C(ansible_host), else its inventory name.
  - A C(cluster_address) that is neither an address nor a name, leads back to who uses it, or is given to two hosts is an error.
positional: hostvars
options:
  _input:
    description: Inventory names.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = """
- name: Who may mount
  ansible.builtin.debug:
    msg: "{{ groups['workbench_nodes'] | workbench.cluster.member_addresses(hostvars) }}"
"""

RETURN = """
_value:
  description: One address a host, in the order of the input.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import address_problems, member_addresses


def addresses(members: t.Any, hostvars: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[str]:
    """`member_addresses`, after a look at what the admin gave: defaults of roles are made with it, before any check."""
    if isinstance(members, str):
        raise AnsibleFilterError(
            f"{members} must be a list of inventory names, such as [{members}], in nfs_server_members, "
            "database_members or wherever it is given"
        )
    unknown = [str(name) for name in members if name not in hostvars]
    if unknown:
        raise AnsibleFilterError(
            f"{', '.join(unknown)} in nfs_server_members, database_members or the like is not in the inventory"
        )
    problems = address_problems(members, hostvars)
    if problems:
        raise AnsibleFilterError(" ".join(problems))
    return member_addresses(members, hostvars)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"member_addresses": addresses}
