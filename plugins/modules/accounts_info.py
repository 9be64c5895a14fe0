#!/usr/bin/python

# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: accounts_info
short_description: Report the users and groups of a node
version_added: 1.0.0
description:
  - Reports all users and groups the node's name service enumerates, and those asked for by name.
  - The filter P(workbench.cluster.plan_accounts#filter) compares the reports of all nodes.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  users:
    description:
      - Users to ask for by name as well.
      - Needed where a directory service answers single questions but does not enumerate.
    type: list
    elements: str
    default: []
  groups:
    description: Groups to ask for by name as well.
    type: list
    elements: str
    default: []
seealso:
  - module: workbench.cluster.accounts
  - plugin: workbench.cluster.plan_accounts
    plugin_type: filter
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Report the accounts of every node
  workbench.cluster.accounts_info:
    users: [ada]
  register: report
"""

RETURN = r"""
accounts:
  description: The accounts of this node. Nothing secret is among them.
  returned: success
  type: dict
  contains:
    users:
      description: Users by name.
      returned: success
      type: dict
      sample: {ada: {uid: 20001, gid: 20001, comment: Ada Lovelace, home: /home/ada, shell: /bin/bash}}
    groups:
      description: Groups by name. C(members) holds supplementary members only.
      returned: success
      type: dict
      sample: {analysts: {gid: 30001, members: [ada]}}
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils import _accounts
from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure, runner


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "users": {"type": "list", "elements": "str", "default": []},
            "groups": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    try:
        accounts = _accounts.read(runner(module), module.params["users"], module.params["groups"])
    except Failure as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=False, accounts=accounts)


if __name__ == "__main__":
    main()
