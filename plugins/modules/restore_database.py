#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: restore_database
short_description: Give a database back what a dump has of it
version_added: 1.0.0
description:
  - Has C(pg_restore) replace the tables of a database by those of a dump, under PostgreSQL's own account and in one transaction,
    so that where it fails the database is as it was.
  - Tables that the dump does not have stay. All of the dump belongs to O(role) then.
  - Stop Workbench on all nodes before. A table that is in use is waited for 30 seconds.
extends_documentation_fragment:
  - workbench.cluster._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - What is in the database is nobody's to see.
  idempotent:
    support: none
    details:
      - Writes each time it is asked to.
options:
  content:
    description: What M(workbench.cluster.backup_info) gave as C(database.content), base64 encoded.
    type: str
    required: true
  database:
    description: Name of the database, which is there.
    type: str
    required: true
  role:
    description: Its owner.
    type: str
    required: true
  port:
    description: Port of the PostgreSQL server on this host.
    type: int
    default: 5432
seealso:
  - module: workbench.cluster.backup_info
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Give the database back
  workbench.cluster.restore_database:
    content: "{{ read.backup.database.content }}"
    database: rstudio
    role: rstudio
  no_log: true
"""

RETURN = r"""
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._backup.database import restore_database
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "content": {"type": "str", "required": True, "no_log": True},
            "database": {"type": "str", "required": True},
            "role": {"type": "str", "required": True},
            "port": {"type": "int", "default": 5432},
        },
        supports_check_mode=True,
    )
    try:
        if not module.check_mode:
            restore_database(runner(module), module.params)
        module.exit_json(changed=True)
    except Failure as failure:
        module.fail_json(msg=str(failure))


if __name__ == "__main__":
    main()
