#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: accounts_info
short_description: Report the users and groups of a node
version_added: 1.0.0
description:
  - Reports the users and groups asked for, and whose each id is, as far as the node's name service tells.
  - A directory service may answer single questions only (SSSD without enumeration), so names and ids are asked for one by one.
  - The role P(workbench.cluster.accounts#role) asks the same questions of all nodes and compares the answers.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  users:
    description: Users to report.
    type: list
    elements: str
    default: []
  groups:
    description: Groups to report.
    type: list
    elements: str
    default: []
  numbers:
    description: Ids to ask for, whose user and whose group they are. What is no number is passed over.
    type: list
    elements: raw
    default: []
  ranges:
    description:
      - Where free ids are looked for, one after the other from C(first) on; C(first) may be the higher one.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the range is called in the answer.
        type: str
        required: true
      first:
        description: The id asked first.
        type: int
        required: true
      last:
        description: The id asked last.
        type: int
        required: true
  count:
    description: How many free ids to find in each range before the questions end.
    type: int
    default: 0
seealso:
  - module: workbench.cluster.accounts
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Report the accounts of every node
  workbench.cluster.accounts_info:
    users: [ada]
    ranges: [{name: people, first: 20000, last: 29999}]
    count: 50
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
      contains:
        uid:
          description: Number.
          returned: success
          type: int
        gid:
          description: Number of the primary group.
          returned: success
          type: int
        comment:
          description: Full name, or what else the account has there.
          returned: success
          type: str
        home:
          description: Home directory.
          returned: success
          type: str
        shell:
          description: Login shell.
          returned: success
          type: str
    groups:
      description: Groups by name.
      returned: success
      type: dict
      sample: {analysts: {gid: 30001, members: [ada]}}
      contains:
        gid:
          description: Number.
          returned: success
          type: int
        members:
          description: Supplementary members only.
          returned: success
          type: list
          elements: str
    uids:
      description: Names by user id, of all users that are enumerated and of the ids that were asked for.
      returned: success
      type: dict
      sample: {"0": [root], "20001": [ada]}
    gids:
      description: The same of groups.
      returned: success
      type: dict
      sample: {"0": [root], "30001": [analysts]}
    reached:
      description: By name of the range, the last id that was asked for; null where none was.
      returned: success
      type: dict
      sample: {people: 20050}
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.report import OPTIONS, report
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        accounts = report(runner(module), module.params)
    except Failure as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=False, accounts=accounts)


if __name__ == "__main__":
    main()
