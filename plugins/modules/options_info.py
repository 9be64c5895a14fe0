#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: options_info
short_description: Report the options of a node that this collection did not write
version_added: 1.0.0
description:
  - Reads C(rserver.conf), C(load-balancer), C(file-locks), C(database.conf), C(launcher.conf), C(launcher.local.conf),
    C(rsession.conf), C(logging.conf), C(env-vars), C(crash-handler.conf) and C(repos.conf).
  - The role P(workbench.cluster.server#role) decides what becomes of the options.
  - A file whose first line says that this collection manages it counts with the options only that were found once and kept.
  - Secrets, and what is no text, stay on the node. Only the names of such options are reported.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  config_dir:
    description: The configuration directory of Workbench.
    type: path
    default: /etc/rstudio
  data_dir:
    description: The data directory of Workbench, where it keeps an SQLite database.
    type: path
    default: /var/lib/rstudio-server
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: See which options the node has
  workbench.cluster.options_info:
  register: found
"""

RETURN = r"""
options:
  description: What was found.
  returned: success
  type: dict
  contains:
    files:
      description: By file.
      returned: success
      type: dict
      sample: {rserver.conf: {state: found, options: {ssl-enabled: ["1"]}, hidden: [], sections: []}}
      contains:
        options:
          description: Values by name, of C(logging.conf) by V(section.name); empty for C(launcher.conf).
          returned: success
          type: dict
        hidden:
          description: Names of options whose values are secrets or no text.
          returned: success
          type: list
          elements: str
        state:
          description: V(absent), V(found) or V(ours).
          returned: success
          type: str
        sections:
          description: The sections of C(launcher.conf), in their order.
          returned: success
          type: list
          elements: dict
          contains:
            options:
              description: Values by name.
              returned: success
              type: dict
            hidden:
              description: Names, as above.
              returned: success
              type: list
              elements: str
            name:
              description: Name of the section.
              returned: success
              type: str
            label:
              description: Its option C(name).
              returned: success
              type: str
    sqlite:
      description: The SQLite database.
      returned: success
      type: dict
      sample: {path: /var/lib/rstudio-server/rstudio.sqlite, state: absent}
      contains:
        path:
          description: Where it is.
          returned: success
          type: str
        state:
          description:
            - V(absent), also where another provider is set, V(empty) without rows of users, V(data) also where that
              cannot be told, V(moving) where its migration to PostgreSQL was cut off.
          returned: success
          type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import DIRECTORIES
from ansible_collections.workbench.cluster.plugins.module_utils._product.options import read_options


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=DIRECTORIES, supports_check_mode=True)
    try:
        options = read_options(module.params["config_dir"], module.params["data_dir"])
    except OSError as error:
        module.fail_json(msg=f"{error.filename} cannot be read: {error.strerror}")
    module.exit_json(changed=False, options=options)


if __name__ == "__main__":
    main()
