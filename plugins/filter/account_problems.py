# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `account_problems`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: account_problems
short_description: What is wrong with the wanted accounts, whatever the nodes have
version_added: 1.0.0
description:
  - The rules of P(workbench.cluster.accounts#role) that need only the inventory.
  - With them a run stops before it asks any host.
options:
  _input:
    description: What is wanted, as P(workbench.cluster.accounts#role) takes it.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: The wanted accounts agree with each other
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join('\n') }}"
  vars:
    problems: "{{ wanted | workbench.cluster.account_problems }}"
"""

RETURN = r"""
_value:
  description: One sentence a problem.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.accounts import account_problems


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"account_problems": filtered(account_problems)}
