# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: member_reports
short_description: What every member of a cluster reported, those outside the run included
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Collects one registered result from all members, for filters that decide about the cluster as a whole.
  - Hosts of the run registered it themselves. Members outside C(--limit) were asked by delegation, in a loop registered
    under the same name with C(_absent) behind it.
positional: hostvars, register, key
options:
  _input:
    description: Inventory names of all members.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  register:
    description: Name the result was registered under.
    type: str
    required: true
  key:
    description: The result's key that holds the report.
    type: str
    required: true
"""

EXAMPLES = """
- name: Decide which keys the cluster has
  ansible.builtin.debug:
    msg: "{{ reports | workbench.cluster.plan_keys }}"
  vars:
    reports: "{{ groups['workbench_nodes'] | workbench.cluster.member_reports(hostvars, 'keys_report', 'key_files') }}"
"""

RETURN = """
_value:
  description: For each member C(state), V(reachable) or V(unreachable), and the report under its key.
  type: dict
  sample: {node1: {state: reachable, key_files: {}}, node2: {state: unreachable}}
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import member_reports


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"member_reports": member_reports}
