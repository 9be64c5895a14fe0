# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _absent
short_description: "[INTERNAL] Members outside this run that this host asks"
version_added: 1.0.0
description:
  - Members that C(--limit) left out are asked too, each by one host of the run, which share them out among themselves.
    Those that the plan of the run looked at are not asked again.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
options:
  _terms:
    description: The members.
    type: list
    elements: str
    required: true
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Report the keys of members outside this run
  workbench.cluster.keys_info:
  register: __keys_report_absent
  loop: "{{ query('workbench.cluster._absent', keys_members) }}"
  delegate_to: "{{ item }}"
  ignore_unreachable: true
"""

RETURN = r"""
_list:
  description: Those of the members that are no hosts of this play and that this host is to ask.
  type: list
  elements: str
"""

import typing as t

from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import asked_by


class LookupModule(LookupBase):
    def run(self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        variables = variables or {}
        self.set_options(var_options=variables, direct=kwargs)
        members = [name for term in terms for name in ([term] if isinstance(term, str) else term)]
        looked = (variables.get("__plan") or {}).get("looked") or []
        present, everybody = variables["ansible_play_hosts"], [*variables["ansible_play_hosts_all"], *looked]
        return asked_by(variables["inventory_hostname"], members, present, everybody)
