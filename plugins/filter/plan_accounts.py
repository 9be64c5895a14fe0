# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `plan_accounts`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_accounts
short_description: Decide the uid and gid of every account of a cluster
version_added: 0.1.0
description:
  - Compares what all nodes have with what is wanted and answers with one id for every account, given, adopted from the nodes or allocated once.
  - People get the lowest id that is free on all nodes, as uid and gid alike; the service account gets the highest.
  - An id can only be allocated when every member answers.
  - "Requirement: Admin Guide, Load Balancing / Configuration, accounts have the same ids on all nodes."
positional: wanted
options:
  _input:
    description: "Reports of M(workbench.cluster.accounts_info) by host, C({host: accounts}). A host that could not be asked has nothing."
    type: dict
    required: true
  wanted:
    description:
      - "C({users, groups, service, uid_range, system_range, shell, home_root})."
      - C(users) and C(groups) are lists as the M(workbench.cluster.accounts) module takes them, with ids where they are to be given.
      - "C(service) is the account Workbench runs as, C({name, group, uid, gid})."
      - C(uid_range) and C(system_range) are C([first, last]); ids are allocated from there. Given and adopted ids may lie outside.
      - C(shell) and C(home_root) fill in what a user does not say.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Decide every id
  ansible.builtin.set_fact:
    plan: "{{ {'node1': report1.accounts, 'node2': report2.accounts} | workbench.cluster.plan_accounts(wanted) }}"
  vars:
    wanted:
      users: [{name: ada}]
      groups: [{name: analysts, gid: 30001}]
      service: {name: rstudio-server, group: rstudio-server}
      uid_range: [20000, 29999]
      system_range: [900, 989]
"""

RETURN = r"""
_value:
  description:
    - "C({users, groups, errors}): C(users) and C(groups) for M(workbench.cluster.accounts), every id filled in."
    - Each entry of C(errors) is a sentence with node, name and ids; with one of them, C(users) and C(groups) are empty.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts_plan import plan_accounts


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_accounts": plan_accounts}
