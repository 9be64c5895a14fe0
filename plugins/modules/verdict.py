#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# WARNING: This is an action plugin; its code is in plugins/action/verdict.py.
from __future__ import annotations

DOCUMENTATION = r"""
module: verdict
short_description: Judge a cluster by what its nodes have registered, and write the report
version_added: 1.0.0
description:
  - The last step of the role P(workbench.cluster.verify#role). It reads what the steps before it have registered on each node,
    asks no host anything, and runs on the controller as the user who runs Ansible, whatever the inventory says about C(become).
  - It does not fail when the cluster does, for ansible-core drops the statistics of a task that fails. RV(problems) says why the
    run is to fail; assert that there are none.
  - "Hands C({cluster: {verdict, counts, unproven}}) to the custom statistics of the run, as M(ansible.builtin.set_stats) does."
extends_documentation_fragment:
  - workbench.cluster._attributes.action
  - workbench.cluster._attributes.controller
attributes:
  check_mode:
    details:
      - In check mode no report is written.
options:
  kind:
    description:
      - V(verify) is the proof of the requirements of a cluster, V(preflight) whether hosts are fit for one, V(status) how its
        nodes are.
    type: str
    required: true
    choices: [verify, preflight, status]
  members:
    description: Inventory names of all members, also of those outside the run, which are unknown.
    type: list
    elements: str
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    default: workbench
  policy:
    description: What to judge by. V(status) takes the version only.
    type: dict
    suboptions:
      users:
        description: For V(verify), users whose ids must agree.
        type: list
        elements: str
        default: []
      groups:
        description: For V(verify), groups whose ids must agree.
        type: list
        elements: str
        default: []
      paths:
        description: For V(verify), directories that must be on shared storage.
        type: list
        elements: path
        default: []
      clock_max_offset:
        description: Seconds two clocks may be apart.
        type: float
        default: 1.0
      lock_refresh:
        description: For V(verify), seconds after which a holder refreshes its lock.
        type: int
        default: 20
      min_memory:
        description: For V(preflight), MB of memory a host must have.
        type: int
        default: 2000
      min_disk:
        description: For V(preflight), MB that must be free on C(/).
        type: int
        default: 5000
      allow_unknown:
        description: Requirements that may be unknown.
        type: list
        elements: str
        default: []
      version:
        description: For V(status), the version of Workbench that the inventory pins, if any. It decides nothing.
        type: str
        default: ""
  report_dir:
    description:
      - Folder on the controller for C(report.json), C(report.xml) and C(report.html) of V(verify). It is made where it is
        missing, and nothing else in it is touched. The history of the report that is there is taken over.
      - Empty means no report.
    type: path
    default: ""
  about:
    description: Hosts whose faults let a run of V(verify) fail. Others are in the report and no more. All, where nobody says.
    type: list
    elements: str
seealso:
  - module: workbench.cluster.node_info
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Ask every node
  workbench.cluster.cluster_info:
  register: __verify_cluster

- name: Judge the answers
  workbench.cluster.verdict:
    kind: status
    members: "{{ groups['workbench_nodes'] }}"
  register: state
  run_once: true

- name: Every node is healthy
  ansible.builtin.assert:
    that: state.problems | length == 0
    fail_msg: "{{ state.lines | join('\n') }}"
  run_once: true
"""

RETURN = r"""
kind:
  description: What was judged.
  returned: success
  type: str
  sample: verify
verdict:
  description: V(pass), V(fail) or V(unknown). A fail beats an unknown, an unknown a pass.
  returned: success
  type: str
  sample: fail
counts:
  description: How many requirements fail, are unknown, pass.
  returned: success
  type: dict
  sample: {fail: 1, unknown: 0, pass: 15}
unproven:
  description: Requirements that fail, or are unknown and not allowed to be.
  returned: success
  type: list
  elements: str
  sample: [clocks]
lines:
  description: The verdict for the console, a line for each requirement or node, and what to do.
  returned: success
  type: list
  elements: str
shown:
  description: The same for C(debug), which shows a text as lines or a list as lines, as its results are shown as YAML or as JSON.
  returned: success
  type: raw
problems:
  description: Sentences for which the run is to fail, none where it is to succeed. Also that the report could not be written.
  returned: success
  type: list
  elements: str
  sample: ["Not proven: clocks."]
written:
  description: Paths of the files that were written.
  returned: success
  type: list
  elements: str
"""
