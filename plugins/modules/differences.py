#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name does all of it.
DOCUMENTATION = r"""
module: differences
short_description: "[INTERNAL] Say what the roles of a host would change there"
version_added: 1.0.0
description:
  - Compares what each role wants, its variable C(__ROLE_wanted), with what M(workbench.cluster.look) brought back of the host,
    registered as C(__look). Connects to no host.
  - Roles are those that build, that concern the host by its groups, that the run's tags let through, and that are on.
  - In check mode the result is changed where a role would change something, with a diff where one was asked for.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
  - workbench.cluster._attributes.action
options:
  roles:
    description: Names of roles of this collection, for one that is used alone. By default those above.
    type: list
    elements: str
  undecided:
    description: Why what the roles want could not be decided. Nothing is compared then, and this is the only problem.
    type: str
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Compare
  workbench.cluster.differences:
  register: __differences
"""

RETURN = r"""
changes:
  description: What the roles would change, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      type: str
    role:
      description: Name of the role.
      type: str
    what:
      description: What is changed.
      type: str
    why:
      description: What is new or differs, or what could not be told.
      type: str
    interrupts:
      description: What that interrupts, mostly nothing.
      type: str
    restarts:
      description: Units that restart.
      type: list
      elements: str
    waits:
      description: Whether the role changes nothing by it, but has to run.
      type: bool
    path:
      description: The file or directory, where it is one.
      type: str
problems:
  description: Why a role may not do its work, a sentence each.
  returned: success
  type: list
  elements: str
notes:
  description: What differs and is left as it is.
  returned: success
  type: list
  elements: str
"""
