# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: plan_database
short_description: Decide what a PostgreSQL server lacks for a cluster
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Compares what M(workbench.cluster.database_info) reports with what a cluster needs. A role whose password no member has,
    a database with tables of somebody else, access rules that PostgreSQL would refuse, a client without an address, and a
    restart that would interrupt others are errors.
positional: wanted
options:
  _input:
    description: The result of M(workbench.cluster.database_info).
    type: dict
    required: true
  wanted:
    description:
      - C(name), C(user), C(host), C(clients) of the database, as the variables of the role database.
      - C(password), the one to have; C(known), the one a member has; C(made), the one made where none is given or found.
      - C(may_restart), whether others may be interrupted, and C(server), the host's name in messages.
    type: dict
    required: true
"""

EXAMPLES = """
- name: Decide what the server lacks
  ansible.builtin.set_fact:
    plan: "{{ report | workbench.cluster.plan_database(wanted) }}"
  no_log: true
"""

RETURN = """
_value:
  description:
    - C(role) and C(database), each V(keep), V(create) or V(alter).
    - C(listen), a new C(listen_addresses) or none, with C(restart); C(reload), whether rules on disk are not in force.
    - C(access_file), C(rules), its lines for this cluster, and C(unit), the server's own where it tells.
    - C(errors), sentences without a password.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import plan_database


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_database": filtered(plan_database)}
