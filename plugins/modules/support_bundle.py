#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: support_bundle
short_description: "[INTERNAL] Plan and write an archive for those who are to help"
version_added: 1.0.0
description:
  - Writes what M(workbench.cluster.support_info) gathered on each host of the play, registered as C(__support), into one archive
    on the controller, with the state of the cluster and the last report of C(verify). Nobody but its owner may read it.
  - Connects to no host. A host that told nothing is named, and stops nothing.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.action
  - workbench.cluster._attributes.controller
attributes:
  check_mode:
    support: partial
    details:
      - Plan only; the playbook ends there.
options:
  state:
    description:
      - V(planned) says what would be read.
      - V(present) writes the archive.
    type: str
    choices: [planned, present]
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  folder:
    description: Folder on the controller for the archive.
    type: path
    required: true
  megabytes:
    description: The most that an archive holds, before it is compressed.
    type: int
    required: true
  hours:
    description: How many of the last hours of the journals are in it.
    type: int
    required: true
  report_dir:
    description: Folder on the controller with the report of C(verify).
    type: path
    default: ''
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Write the archive
  workbench.cluster.support_bundle:
    state: present
    cluster: workbench
    folder: /home/admin/support
    megabytes: 100
    hours: 24
  run_once: true
"""

RETURN = r"""
shown:
  description: The plan, or what came of it, for C(debug).
  returned: success
  type: raw
hosts:
  description: The hosts that are read; none in check mode.
  returned: when O(state=planned)
  type: dict
  sample: {support_bundle: [node1, db1]}
share:
  description: Bytes for each host.
  returned: when O(state=planned)
  type: int
path:
  description: The archive.
  returned: when O(state=present)
  type: str
  sample: /home/admin/workbench-support-20261122T091500Z.tar.gz
size:
  description: Its bytes.
  returned: when O(state=present)
  type: int
silent:
  description: Hosts of which nothing is in it.
  returned: when O(state=present)
  type: list
  elements: str
"""
