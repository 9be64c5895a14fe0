# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: storage_problems
short_description: Variables of storage that contradict others
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Compares C(storage_mounts) with what the file server of the inventory exports and with where homes and shared storage lie.
positional: others, servers, hostvars
options:
  _input:
    description: The variable C(storage_mounts) of the role C(storage).
    type: list
    elements: dict
    required: true
  others:
    description:
      - C(home_root) is C(accounts_home_root), C(shared_path) is C(server_shared_storage_path), C(verify_paths) is empty where
        the inventory does not name it.
    type: dict
    required: true
  servers:
    description: Inventory names of the file servers that the inventory builds.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = """
- name: What is mounted is what is exported
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    others: {home_root: /home, shared_path: /srv/workbench, verify_paths: []}
    problems: "{{ storage_mounts | workbench.cluster.storage_problems(others, groups['workbench_storage'], hostvars) }}"
"""

RETURN = """
_value:
  description: One sentence for each contradiction, with the variables and their values.
  type: list
  elements: str
  sample: ["storage_mounts has /home/ada before /home, which would hide it: give /home first."]
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.storage import storage_problems


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"storage_problems": storage_problems}
