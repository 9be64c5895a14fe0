# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _variable
short_description: "[INTERNAL] A variable of another role, or that role's default"
version_added: 1.0.0
description:
  - Defaults of a role are out of sight where another role is used without it. They stand in its C(defaults/main.yml) only.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
options:
  _terms:
    description: Names of variables of roles of this collection.
    type: list
    elements: str
    required: true
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Where homes are
  ansible.builtin.debug:
    msg: "{{ lookup('workbench.cluster._variable', 'storage_home_dir') }}"
"""

RETURN = r"""
_list:
  description: The value of each.
  type: list
  elements: raw
"""

import typing as t

from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import variable_or_default


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        variables = variables or {}
        self.set_options(var_options=variables, direct=kwargs)
        template, load = t.cast(t.Any, self._templar).template, t.cast(t.Any, self._loader).load_from_file
        return [variable_or_default(name, variables, template, load) for name in terms]
