#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: plan
short_description: "[INTERNAL] Make one plan of what all hosts of a run would have changed"
version_added: 1.0.0
description:
  - Joins what M(workbench.cluster.differences) said of each host of the play, registered as C(__differences).
    Connects to no host.
  - Fails with all problems of all hosts where there are any.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
  - workbench.cluster._attributes.action
options:
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  restart:
    description: How servers restart.
    type: str
    choices: [rolling, at_once, never]
    default: rolling
  file:
    description:
      - A file on the controller. A check writes the plan into it, as JSON, readable by its owner only.
      - Without check mode the file must be there, and the plan of now must be the same; else it fails and names what differs.
    type: path
  verb:
    description:
      - The verb whose plan, registered by all hosts as C(__verb), this completes.
      - Others than the nodes that it builds are changed only where they let them in.
    type: str
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Plan
  workbench.cluster.plan:
    cluster: workbench
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
  description: All changes, host by host.
  returned: success
  type: list
  elements: dict
hosts:
  description:
    - The hosts that each role has something to do on; none in check mode. C(hold) is the one that asks for the cluster,
      C(firewall_first) are firewalls that only open more, C(verify) the nodes that are verified before people are sent to new
      ones.
  returned: success
  type: dict
  sample: {clock: [], server: [node2], hold: [node2]}
looked:
  description: All members that were looked at, those outside C(--limit) included.
  returned: success
  type: list
  elements: str
holders:
  description: Hosts that are asked for the cluster, one after the other until one answers, before anything is done.
  returned: success
  type: list
  elements: str
"""
