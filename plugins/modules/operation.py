#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: operation
short_description: "[INTERNAL] Plan a verb that runs a cluster"
version_added: 1.0.0
description:
  - Decides from what M(workbench.cluster.cluster_info) told of each member, registered as C(__operate_report), which node a verb
    touches, in which order, and whose sessions. Connects to no host.
  - Fails with all reasons why nothing may be done, such as nodes whose state cannot be read.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
  - workbench.cluster._attributes.action
options:
  verb:
    description: What is to be done.
    type: str
    choices: [drain_node, undrain_node, restart, forget_stale_nodes, rotate_keys, reset_storage, upgrade, add_node, remove_node]
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  members:
    description: All its nodes.
    type: list
    elements: str
    required: true
  named:
    description: Whether somebody said which nodes are meant, the hosts of the play.
    type: bool
    required: true
  options:
    description: Variables of the role C(operate), without their prefix.
    type: dict
    required: true
  confirmed:
    description: The verb that may do what cannot be undone.
    type: str
    default: ''
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Plan
  workbench.cluster.operation:
    verb: drain_node
    cluster: workbench
    members: [node1, node2, node3]
    named: true
    options: {sessions: suspend, grace: 300, suspend_wait: 60, wait: 120, last: false, without: [], restart: rolling, nodes: []}
  register: __plan
  run_once: true
"""

RETURN = r"""
lines:
  description: The plan, for people.
  returned: success
  type: list
  elements: str
shown:
  description: The same for C(debug), which shows a text as lines or a list as lines, as its results are shown as YAML or as JSON.
  returned: success
  type: raw
changes:
  description: All steps, in their order.
  returned: success
  type: list
  elements: dict
hosts:
  description:
    - The hosts that the verb has something to do on, one after the other or together, and those of its other plays.
    - None in check mode, and while a confirmation is missing.
    - C(hold) is the one that asks for the cluster.
  returned: success
  type: dict
  sample: {restart: [node1, node2], restart_together: [], hold: [node1]}
names:
  description: Under which name the product lists each member.
  returned: success
  type: dict
  sample: {node1: "node1.example.com:8787"}
adds:
  description: Whether the verb adds nodes.
  returned: success
  type: bool
building:
  description: The nodes that it builds.
  returned: success
  type: list
  elements: str
leaving:
  description: The nodes that are no members any more for what comes after this plan.
  returned: success
  type: list
  elements: str
outside:
  description: Hosts that the plan of site goes on without.
  returned: success
  type: list
  elements: str
left:
  description: What is left to do for people.
  returned: success
  type: list
  elements: str
rows:
  description: Rows of C(list-nodes) that are to be deleted.
  returned: success
  type: list
  elements: dict
upgrade:
  description: From which version to which, which nodes stop for it, and which let nobody in before; empty for other verbs.
  returned: success
  type: dict
  sample: {target: 2026.07.0+139.pro9, former: 2026.04.0+526.pro2, hosts: [node1, node2], drained: [node2]}
unconfirmed:
  description: Why nothing is done although something is planned; empty where nothing is missing, and in check mode.
  returned: success
  type: str
holders:
  description: Hosts that are asked for the cluster, one after the other until one answers, before anything is done.
  returned: success
  type: list
  elements: str
"""
