#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: sqlite_migration
short_description: "[INTERNAL] Move what a stopped single server has in SQLite to PostgreSQL"
version_added: 1.0.0
description:
  - A copy of database and configuration stays in C(/var/lib/workbench.cluster/migration), root's alone, for it holds keys.
  - "Admin Guide, Database / Migration."
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes
attributes:
  diff_mode:
    support: none
options:
  state:
    description:
      - V(begun) copies, before C(database.conf) changes, and leaves alone a copy of a migration that is under way.
      - V(migrated) runs C(rstudio-server migrate-db) where one is under way.
    type: str
    choices: [begun, migrated]
    required: true
  path:
    description: The SQLite database, with V(begun).
    type: path
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Keep a copy
  workbench.cluster.sqlite_migration:
    state: begun
    path: /var/lib/rstudio-server/rstudio.sqlite

- name: Migrate
  workbench.cluster.sqlite_migration:
    state: migrated
"""

RETURN = r"""
said:
  description: What the product says of it.
  returned: with O(state=migrated), where it did
  type: str
  sample: Migrated 3 rows of licensed_users
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product import migration


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["begun", "migrated"], "required": True},
            "path": {"type": "path"},
        },
        required_if=[("state", "begun", ["path"])],
        supports_check_mode=True,
    )
    begins, is_underway = module.params["state"] == "begun", bool(migration.underway())
    result: dict[str, t.Any] = {"changed": begins is not is_underway}
    try:
        if result["changed"] and not module.check_mode:
            if begins:
                migration.begin(runner(module), module.params["path"])
            else:
                result["said"] = migration.migrate(runner(module))
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
