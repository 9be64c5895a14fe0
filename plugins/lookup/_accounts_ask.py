# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _accounts_ask
short_description: "[INTERNAL] What a node is asked about the accounts that are wanted"
version_added: 1.0.0
description:
  - Reads of the variables of the role P(workbench.cluster.accounts#role) what a node has to know to tell how it differs.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Look at the accounts
  workbench.cluster.look:
  vars:
    __accounts_ask:
      accounts: {asked: "{{ lookup('workbench.cluster._accounts_ask') }}"}
"""

RETURN = r"""
_raw:
  description: The question as JSON. Nothing secret is in it.
  type: list
  elements: str
"""

import json
import typing as t

from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts import maker
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts_ask import accounts_ask
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import is_on


class LookupModule(LookupBase):
    def run(self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        variables = variables or {}
        self.set_options(var_options=variables, direct=kwargs)
        template = t.cast(t.Any, self._templar).template
        members = template(variables["accounts_members"])
        is_maker = variables["inventory_hostname"] == maker(members, variables["ansible_play_hosts"])
        makes_homes = is_maker and is_on(template(variables["accounts_create_homes"]))
        return [json.dumps(accounts_ask(variables, template, makes_homes))]
