#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: check_cluster
short_description: "[INTERNAL] Refuse an inventory with problems, all in one list"
version_added: 1.0.0
description:
  - Asks what no single role sees, and joins what M(workbench.cluster.check_variables) found on each host. Connects to no host.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
  - workbench.cluster._attributes.action
options:
  cluster:
    description: The cluster the playbooks choose their hosts by.
    type: str
    required: true
  ask:
    description:
      - V(groups) refuses a cluster without nodes, hosts that mean another one, and a strategy without order.
      - V(names) refuses variables that look like one of this collection's and are none.
      - V(build) refuses what no role can follow, such as two database servers or one address for two hosts.
    type: list
    elements: str
    choices: [groups, names, build]
    default: [groups, names]
  answers:
    description: The variable in which each host of the play has what M(workbench.cluster.check_variables) found.
    type: str
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: The inventory knows the cluster
  workbench.cluster.check_cluster:
    cluster: workbench
  run_once: true
"""

RETURN = r"""# It fails, or says nothing."""
