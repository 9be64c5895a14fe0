# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `plan_accounts`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_accounts
short_description: Decide the uid and gid of every account of a cluster
version_added: 1.0.0
description:
  - Compares what all nodes have with what is wanted and answers with one id for every account.
  - Each id is given, adopted from the nodes, or allocated once.
  - People get the lowest id that is free on all nodes; the service account gets the highest.
  - A user with a group of its own gets the same number for both.
  - A home and a shell that are not given are those on the nodes, which must agree.
  - An id can only be allocated when every member answers.
  - "Requirement: Admin Guide, Load Balancing / Configuration, accounts have the same ids on all nodes."
positional: wanted
options:
  _input:
    description:
      - "What every member reported, C({member: {state: reachable, accounts: {users, groups}}})."
      - C(accounts) comes from M(workbench.cluster.accounts_info); one that did not answer has C(state=unreachable).
    type: dict
    required: true
  wanted:
    description:
      - "C({users, groups, service, uid_range, system_range, shell, home_root})."
      - C(users) and C(groups) are lists as M(workbench.cluster.accounts) takes them, with ids where given.
      - "C(service) is the account Workbench runs as, C({name, group, uid, gid})."
      - C(uid_range) and C(system_range) are C([first, last]); ids are allocated from there.
      - Given and adopted ids may lie outside.
      - C(shell) and C(home_root) fill in what neither the user says nor a node has.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Decide every id
  ansible.builtin.set_fact:
    plan: "{{ states | workbench.cluster.plan_accounts(wanted) }}"
  vars:
    states:
      node1: {state: reachable, accounts: "{{ hostvars.node1.report.accounts }}"}
      node2: {state: reachable, accounts: "{{ hostvars.node2.report.accounts }}"}
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

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts import plan_accounts


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_accounts": filtered(plan_accounts)}
