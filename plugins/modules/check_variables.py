#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: check_variables
short_description: "[INTERNAL] Refuse wrong variables of roles"
version_added: 1.0.0
description:
  - Validates the argument specs of roles and asks their rules, with the variables of one host. Connects to no host.
  - With O(roles) it fails and names all problems. Without it, it asks the roles that concern the host by its groups and only
    reports, for M(workbench.cluster.check_cluster) to tell those of all hosts together.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
  - workbench.cluster._attributes.action
options:
  roles:
    description: Names of roles of this collection. Their defaults must be known to the play.
    type: list
    elements: str
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Refuse wrong variables
  workbench.cluster.check_variables:
    roles: [clock]
"""

RETURN = r"""
problems:
  description: One sentence a problem, with variable, value and what is allowed; never a secret.
  type: list
  elements: str
  returned: when O(roles) is not given
"""
