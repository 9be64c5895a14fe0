#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: look
short_description: "[INTERNAL] Look at a host once, for all roles that concern it"
version_added: 1.0.0
description:
  - Asks M(workbench.cluster.host_info) for what each role wants to know of the host, which stands in its variable
    C(__<role>_ask), and sets what the host runs as facts.
  - Of a delegated look the variables are those of the host that asks, and no facts are set.
  - It fails where the host cannot answer, unless another host asks it.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
  - workbench.cluster._attributes.action
options:
  roles:
    description:
      - Names of roles of this collection, whose variables must be known to the play.
      - By default those that act on the host by its groups, are on, and have a tag that was chosen.
    type: list
    elements: str
  parts:
    description:
      - What to ask for besides, as O(workbench.cluster.host_info#module:parts). This is asked also where a role's own question
        cannot be put, for a variable is wrong.
      - The controller measures a V(clock) as M(workbench.cluster.clock_info) does.
    type: dict
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Look
  workbench.cluster.look:
  register: __look
"""

RETURN = r"""
report:
  description: The report of M(workbench.cluster.host_info) as JSON. A result that has it is not logged.
  type: str
  returned: when the host could answer
error:
  description: Why there is no report, in a sentence.
  type: str
  returned: otherwise
"""
