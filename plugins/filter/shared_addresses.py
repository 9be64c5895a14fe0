# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: shared_addresses
short_description: Addresses that more than one host of the inventory has
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - A host's address is the value of O(variable), else C(cluster_address), C(ansible_host), or its inventory name. Case does
    not count.
positional: hostvars, variable
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
  variable:
    description: Name of the variable that holds a host's address.
    type: str
    required: true
"""

EXAMPLES = """
- name: Every node has an address of its own
  ansible.builtin.assert:
    that: groups['workbench_nodes'] | workbench.cluster.shared_addresses(hostvars, 'server_www_host_name') | length == 0
"""

RETURN = """
_value:
  description: Hosts by the address they share; empty when each has its own.
  type: dict
  sample: {wb.example.com: [wb1, wb2]}
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import shared_addresses


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"shared_addresses": shared_addresses}
