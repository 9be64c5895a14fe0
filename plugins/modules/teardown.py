#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: teardown
short_description: "[INTERNAL] Take away what this collection made on a host"
version_added: 1.0.0
description:
  - Removes files whose first line says that this collection manages them, and those of names that nobody else has a use for.
    A file that was there before, and is kept as I(NAME).before-workbench-cluster, takes its place again.
  - Units of ours stop, those of Workbench start with the host no more, and whoever reads such a file is told.
  - What cannot be told to be ours stays, and is reported with the reason.
  - In check mode it reports, which is how the playbook plans.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes
options:
  paths:
    description: Files that are ours by their places, such as keys of certificates, which say nothing of themselves.
    type: list
    elements: path
    default: []
  keep:
    description: Beginnings of the paths of files that stay all the same.
    type: list
    elements: path
    default: []
  suspects:
    description: Files that are named among those that stay, where they do not say whose they are.
    type: list
    elements: path
    default: []
  keys:
    description: Whether the secure-cookie-key and the launcher's keys go, of which nobody can tell who made them.
    type: bool
    default: false
  database:
    description: Whether the database goes, and with it the file that has its password.
    type: bool
    default: false
  homes:
    description: Users whose homes are reported, where they are surely their own. The module removes none.
    type: list
    elements: str
    default: []
  accounts:
    description: Local accounts that are deleted. Their homes stay.
    type: list
    elements: str
    default: []
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Say what would go
  workbench.cluster.teardown:
  check_mode: true
  register: made

- name: Take it away
  workbench.cluster.teardown:
"""

RETURN = r"""
made:
  description: What this host has of ours.
  returned: success
  type: dict
  contains:
    goes:
      description: Files that go.
      returned: success
      type: list
      elements: str
      sample: [/etc/rstudio/load-balancer]
    back:
      description: Files in whose place the one goes that was found there.
      returned: success
      type: list
      elements: str
      sample: [/etc/rstudio/rserver.conf]
    left:
      description: Why what may be ours stays, by path.
      returned: success
      type: dict
      sample: {/etc/rstudio/launcher.pem: whose it was is not told}
    disabled:
      description: Units that start with the host no more.
      returned: success
      type: list
      elements: str
      sample: [rstudio-server]
    told:
      description: Places of files of which an earlier run, cut off, has told nobody that they went.
      returned: success
      type: list
      elements: str
      sample: [/etc/exports.d/]
homes:
  description: Homes of O(homes) that are there.
  returned: success
  type: list
  elements: str
  sample: [/nfs/workbench/home/ada]
homes_left:
  description: Why those of others of O(homes) stay, by user.
  returned: success
  type: dict
  sample: {bob: has no account}
accounts:
  description: Those of O(accounts) that are deleted.
  returned: success
  type: list
  elements: str
  sample: [ada]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import made as host_made
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "path", "default": []},
            "keep": {"type": "list", "elements": "path", "default": []},
            "suspects": {"type": "list", "elements": "path", "default": []},
            "keys": {"type": "bool", "default": False, "no_log": False},
            "database": {"type": "bool", "default": False},
            "homes": {"type": "list", "elements": "str", "default": []},
            "accounts": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    given, run = module.params, runner(module)
    try:
        made = host_made.look(run, host_made.Asked(*(given[name] for name in host_made.Asked._fields)))
        homes, left = host_made.homes_of(given["homes"])
        accounts = host_made.local_accounts(given["accounts"])
        if not module.check_mode:
            host_made.take(run, made)
            host_made.delete_accounts(run, accounts)
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    diff = [
        *({"before_header": path, "before": "present\n", "after": ""} for path in [*made["goes"], *accounts]),
        *({"before_header": path, "before": "", "after": "as it was found\n"} for path in made["back"]),
    ]
    changed = bool(diff or made["disabled"] or made["told"])
    module.exit_json(changed=changed, diff=diff, made=made, homes=homes, homes_left=left, accounts=accounts)


if __name__ == "__main__":
    main()
