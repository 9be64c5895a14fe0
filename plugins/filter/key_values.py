# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: key_values
short_description: The secrets of a cluster, from a plan and what was read, given or made
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Picks for each key the value the plan of P(workbench.cluster.plan_keys#filter) decided on, derives the launcher's public
    half, and resolves the database password with its ciphertext. The result is secret; use it under C(no_log).
positional: read, given, made
options:
  _input:
    description: The plan.
    type: dict
    required: true
  read:
    description: Results of M(workbench.cluster.keys_info) with C(reveal), each with its node as C(item).
    type: list
    elements: dict
    required: true
  given:
    description: Text given for C(cookie_key), C(launcher) and C(database_password); empty where none is given.
    type: dict
    required: true
  made:
    description: Text made for this run for C(cookie_key) and C(launcher); empty in check mode, where a placeholder stands for it.
    type: dict
    required: true
"""

EXAMPLES = """
- name: Keep the values in memory
  ansible.builtin.set_fact:
    values: "{{ plan | workbench.cluster.key_values(read.results, given, made) }}"
  no_log: true
"""

RETURN = """
_value:
  description:
    - Base64 of C(cookie_key), C(launcher_private) and C(launcher_public).
    - Text of C(database_password), which is given, found or made of the cookie key, and C(database_ciphertext).
    - C(database_password_found), what a member has, and C(database_password_made), the one made where none is given or found.
    - C(errors), sentences without any value. With one there is nothing else; assert on it outside C(no_log).
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.key_values import key_values


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"key_values": filtered(key_values)}
