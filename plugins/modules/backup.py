#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: backup
short_description: "[INTERNAL] Plan and write the backup of a cluster"
version_added: 1.0.0
description:
  - Writes what M(workbench.cluster.backup_info) read on each host of the play, registered as C(__backup_told), into one encrypted
    file on the controller, and reads it back from there. Nobody but its owner may read it.
  - Fails, and writes nothing, where a host told nothing or nodes have different keys. Connects to no host.
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
      - V(present) writes the backup.
      - V(told) says how old the last one is.
    type: str
    choices: [planned, present, told]
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  members:
    description: All its nodes.
    type: list
    elements: str
    default: []
  without:
    description: Nodes that are left out.
    type: list
    elements: str
    default: []
  database:
    description: Name of the database; empty where others keep it.
    type: str
    default: ''
  database_host:
    description: The host that dumps it.
    type: str
    default: ''
  folder:
    description: Folder on the controller for backups; it is made, for its owner alone.
    type: path
    required: true
  passphrase:
    description: What the backup is encrypted with; this or O(recipients).
    type: str
    default: ''
  recipients:
    description: Public keys that C(age) encrypts it for.
    type: list
    elements: str
    default: []
  identity:
    description:
      - File on the controller with a private key of one of O(recipients).
      - Without it what was written is compared, and not opened.
    type: path
    default: ''
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Write the backup
  workbench.cluster.backup:
    state: present
    cluster: workbench
    members: [node1, node2]
    database: rstudio
    database_host: db1
    folder: /srv/backups/workbench
    passphrase: "{{ vaulted_backup_passphrase }}"
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
  sample: {backup: [node1, node2, db1], hold: [node1]}
holders:
  description: Hosts that are asked to keep other runs away, one after the other until one answers.
  returned: when O(state=planned)
  type: list
  elements: str
path:
  description: The backup.
  returned: when O(state=present)
  type: str
size:
  description: Its bytes.
  returned: when O(state=present)
  type: int
"""
