# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: database_differences
short_description: Which variables of the database are not the same on the database host and on the nodes
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - The database host makes role and database, the nodes log in to them; both read the same variables, each its own.
  - Compares C(database_manage), C(database_port), C(database_name), C(database_user) and C(database_password). A password
    is compared and never shown.
positional: hostvars
options:
  _input:
    description: Inventory names of the database host and the nodes.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = """
- name: The database host and the nodes mean one database
  ansible.builtin.assert:
    that: differences | length == 0
    fail_msg: "{{ differences | join(' ') }}"
  vars:
    differences: "{{ (['db1'] + groups['workbench_nodes']) | workbench.cluster.database_differences(hostvars) }}"
"""

RETURN = """
_value:
  description: One sentence for each variable that differs, with its values and hosts.
  type: list
  elements: str
  sample: ["database_port is 5433 for db1; 5432 for node1, node2."]
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.database import database_differences


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"database_differences": database_differences}
