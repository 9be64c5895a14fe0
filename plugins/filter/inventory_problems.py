# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: inventory_problems
short_description: What an inventory says that would build another cluster than was meant, or none
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - A cluster without nodes, hosts that mean another cluster, a strategy without order, and variables that look like one of this
    collection's and are none.
  - With O(build) also groups and variables that no role can follow, such as two database servers.
positional: groups, hostvars
options:
  _input:
    description: Name of the cluster the playbooks choose their hosts by.
    type: str
    required: true
  groups:
    description: The variable C(groups).
    type: dict
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  strategy:
    description: The strategy of plays that name none.
    type: str
    default: linear
  build:
    description: Whether the cluster is to be built, rather than looked at.
    type: bool
    default: false
"""

EXAMPLES = """
- name: The inventory knows the cluster
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    problems: "{{ 'workbench' | workbench.cluster.inventory_problems(groups, hostvars) }}"
"""

RETURN = """
_value:
  description: One sentence a problem, with its variable, value and hosts.
  type: list
  elements: str
  sample: ["server_rserver_cnof is no variable of this collection; server_rserver_conf is."]
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.inventory import inventory_problems


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"inventory_problems": inventory_problems}
