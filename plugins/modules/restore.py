#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: restore
short_description: "[INTERNAL] Give a cluster back what a backup has"
version_added: 1.0.0
description:
  - Opens a backup on the controller. Plans, by what M(workbench.cluster.backup_info) and M(workbench.cluster.keys_info) told of
    each node, registered as C(__restore_told) and C(__restore_keys), or writes a part of it, by
    M(workbench.cluster.config_files) and M(workbench.cluster.restore_database).
  - Fails with all reasons why the cluster that comes of it would not be the one of the backup.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes
  - workbench.cluster._attributes.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - What is in a backup is secret.
  idempotent:
    support: partial
    details:
      - The database is written each time.
options:
  state:
    description:
      - V(planned) says what would be done.
      - V(files) writes configuration and keys of this node.
      - V(database) replaces what the database has.
    type: str
    choices: [planned, files, database]
    required: true
  file:
    description: The backup, on the controller.
    type: path
    required: true
  passphrase:
    description: What it is encrypted with.
    type: str
    default: ''
  identity:
    description: File on the controller with a private key that opens a backup which is encrypted by C(age).
    type: path
    default: ''
  cluster:
    description: Name of the cluster.
    type: str
    default: ''
  members:
    description: All its nodes.
    type: list
    elements: str
    default: []
  users:
    description: Users as C(accounts_users) has them.
    type: list
    elements: dict
    default: []
  service_uid:
    description: What C(accounts_service_uid) says.
    type: str
    default: ''
  version:
    description: What C(server_version) says.
    type: str
    default: ''
  database_host:
    description: The host that takes the database.
    type: str
    default: ''
  database:
    description: Name of the database.
    type: str
    default: ''
  role:
    description: Its owner.
    type: str
    default: ''
  port:
    description: Port of the PostgreSQL server.
    type: int
    default: 5432
  confirmed:
    description: The verb that may do what cannot be undone.
    type: str
    default: ''
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Give a node its files back
  workbench.cluster.restore:
    state: files
    file: /srv/backups/workbench/workbench-backup-20261122T091500Z.sealed
    passphrase: "{{ vaulted_backup_passphrase }}"
"""

RETURN = r"""
shown:
  description: The plan, for C(debug).
  returned: when O(state=planned)
  type: raw
hosts:
  description: Hosts by what is done on them; none in check mode.
  returned: when O(state=planned)
  type: dict
  sample: {restore: [node1, node2], restore_running: [], hold: [node1]}
holders:
  description: Hosts that are asked to keep other runs away, one after the other until one answers.
  returned: when O(state=planned)
  type: list
  elements: str
database:
  description: Whether the backup has the database.
  returned: when O(state=planned)
  type: bool
unconfirmed:
  description: Why nothing is done although something is planned; empty where nothing is missing, and in check mode.
  returned: when O(state=planned)
  type: str
"""
