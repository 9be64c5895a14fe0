#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: backup_info
short_description: Read what a backup of a cluster needs of a host
version_added: 1.0.0
description:
  - Reads all files of the configuration directory of Workbench, the secure-cookie-key of its data directory, and the ids of
    accounts.
  - Has C(pg_dump) write down a database, under PostgreSQL's own account, as of one moment and while it is used; C(pg_restore)
    reads the dump back. The dump is on the host only for the time of the module.
  - Fails where a part of it cannot be had, for half a backup is none.
  - The result is secret, and the task must have C(no_log).
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  files:
    description: Whether the files and ids are read.
    type: bool
    default: true
  users:
    description: Accounts whose ids are reported where they are there, besides C(rstudio-server).
    type: list
    elements: str
    default: []
  database:
    description: Name of the database to dump; empty for none.
    type: str
    default: ''
  port:
    description: Port of the PostgreSQL server on this host.
    type: int
    default: 5432
  config_dir:
    description: The configuration directory of Workbench.
    type: path
    default: /etc/rstudio
  data_dir:
    description: The data directory of Workbench, where it keeps a secure-cookie-key it made itself.
    type: path
    default: /var/lib/rstudio-server
notes:
  - At most 200 MB of files, and a dump of at most 200 MB.
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Read the database
  workbench.cluster.backup_info:
    files: false
    database: rstudio
  register: read
  no_log: true
"""

RETURN = r"""
backup:
  description: What was read.
  returned: success
  type: dict
  contains:
    files:
      description: Files, also those that links lead to.
      returned: success
      type: list
      elements: dict
      contains:
        path:
          description: Where it is.
          returned: success
          type: str
        mode:
          description: Mode.
          returned: success
          type: str
          sample: "0600"
        owner:
          description: Name of the owner, or the number of one that has none.
          returned: success
          type: str
        group:
          description: Name of the group, or its number.
          returned: success
          type: str
        content:
          description: Its bytes, base64 encoded.
          returned: success
          type: str
    ids:
      description: Ids by the name of the account.
      returned: success
      type: dict
      sample: {rstudio-server: {uid: 998, gid: 998}}
      contains:
        uid:
          description: Number of the user.
          returned: success
          type: int
        gid:
          description: Number of its primary group.
          returned: success
          type: int
    product:
      description: Version of the product.
      returned: success
      type: str
      sample: 2026.04.0+526.pro2
    database:
      description: The database; none without O(database).
      returned: success
      type: dict
      contains:
        name:
          description: Its name.
          returned: success
          type: str
        version:
          description: Version of C(pg_dump).
          returned: success
          type: str
        tables:
          description: Tables whose rows are in the dump.
          returned: success
          type: int
        content:
          description: What C(pg_dump --format=custom) wrote, base64 encoded.
          returned: success
          type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._backup.read import read_backup
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import DIRECTORIES


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            **DIRECTORIES,
            "files": {"type": "bool", "default": True},
            "users": {"type": "list", "elements": "str", "default": []},
            "database": {"type": "str", "default": ""},
            "port": {"type": "int", "default": 5432},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, backup=read_backup(runner(module), module.params))
    except Failure as failure:
        module.fail_json(msg=str(failure))


if __name__ == "__main__":
    main()
