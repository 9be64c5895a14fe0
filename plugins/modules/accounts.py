#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: accounts
short_description: Make all users and groups of a node in one call
version_added: 1.0.0
description:
  - Makes groups, users, memberships and, on one node, home directories.
  - A thousand users take seconds, and nothing when they are there.
  - Uses the system's own tools, C(systemd-sysusers), C(chpasswd) and C(usermod). Names that C(systemd-sysusers)
    refuses, such as V(jane.doe), go to C(groupadd) and C(useradd) one at a time.
  - Never removes an account, a membership or a home, and never changes the uid or gid of an existing account.
    All conflicts are reported together, before the first change.
  - An interrupted run is completed by the next one.
extends_documentation_fragment:
  - workbench.cluster._attributes
options:
  users:
    description:
      - The users. Every id is given; the role P(workbench.cluster.accounts#role) decides them.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the user.
        type: str
        required: true
      uid:
        description:
          - The user's id.
          - Fails when the user has another, or when another user has it.
        type: int
        required: true
      group:
        description:
          - Primary group, one of O(groups) or present. By default the group of the user's name.
        type: str
      groups:
        description:
          - Supplementary groups. Memberships are added, never taken away.
        type: list
        elements: str
        default: []
      comment:
        description: The GECOS field. Unset leaves it as it is, and empty for a new user.
        type: str
      home:
        description:
          - Home directory. Unset leaves it as it is, and means C(/home/) and its name for a new user.
          - Changing it for an existing user moves nothing.
        type: path
      shell:
        description:
          - Log-in shell. Unset leaves it as it is; a new user then gets V(/bin/bash), a system account V(/bin/sh).
        type: str
      password:
        description:
          - A crypt(3\) hash such as V($6$…) or V($y$…).
          - Without it a new account is locked for passwords, and the password of an existing one is left alone.
        type: str
      locked:
        description:
          - Whether the password is locked, as by C(usermod --lock).
          - Unset leaves it as it is. An account that somebody locked stays locked, and a new password is a locked one.
        type: bool
      system:
        description:
          - Whether this is a system account. It gets no home directory, as from C(useradd --system).
        type: bool
        default: false
  groups:
    description: The groups.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the group.
        type: str
        required: true
      gid:
        description: The group's id. Fails when the group has another, or when another group has it.
        type: int
        required: true
  create_homes:
    description:
      - Make home directories that are missing, before the accounts.
      - Homes are shared by all nodes, so one node makes them.
      - A home that is there is left as it is; one that belongs to another uid is an error.
    type: bool
    default: false
  home_mode:
    description: Mode of a new home directory, as octal text.
    type: str
    default: "0700"
  skeleton:
    description: What a new home directory starts with.
    type: path
    default: /etc/skel
notes:
  - Accounts of a directory service count as present. Changing them, or the members of its groups, is left to that service
    and fails here, before any change.
seealso:
  - module: workbench.cluster.accounts_info
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Make the accounts of the cluster
  workbench.cluster.accounts:
    groups:
      - {name: rstudio-server, gid: 989}
      - {name: analysts, gid: 30001}
      - {name: ada, gid: 20001}
    users:
      - {name: rstudio-server, uid: 989, system: true}
      - {name: ada, uid: 20001, groups: [analysts], comment: Ada Lovelace, password: "{{ vaulted_hash_of_ada }}"}
"""

RETURN = r"""
created_users:
  description: Users that were made.
  returned: success
  type: list
  elements: str
  sample: [ada]
changed_users:
  description: Users whose comment, home, shell, password or memberships changed.
  returned: success
  type: list
  elements: str
  sample: []
created_groups:
  description: Groups that were made.
  returned: success
  type: list
  elements: str
  sample: [analysts]
changed_groups:
  description: Groups that were there and got members.
  returned: success
  type: list
  elements: str
  sample: []
created_homes:
  description: Home directories that were made.
  returned: success
  type: list
  elements: str
  sample: [/home/ada]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.apply import apply, prove
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.changes import lines, plan
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.homes import (
    create_home,
    homes_of,
    missing_homes,
    read_homes,
)
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.present import read_present
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import mode_of
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner

USER = {
    "name": {"type": "str", "required": True},
    "uid": {"type": "int", "required": True},
    "group": {"type": "str"},
    "groups": {"type": "list", "elements": "str", "default": []},
    "comment": {"type": "str"},
    "home": {"type": "path"},
    "shell": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "locked": {"type": "bool"},
    "system": {"type": "bool", "default": False},
}
GROUP = {
    "name": {"type": "str", "required": True},
    "gid": {"type": "int", "required": True},
}
OPTIONS = {
    "users": {"type": "list", "elements": "dict", "default": [], "options": USER},
    "groups": {"type": "list", "elements": "dict", "default": [], "options": GROUP},
    "create_homes": {"type": "bool", "default": False},
    "home_mode": {"type": "str", "default": "0700"},
    "skeleton": {"type": "path", "default": "/etc/skel"},
}


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    users, groups, run = module.params["users"], module.params["groups"], runner(module)
    try:
        mode = mode_of(module.params["home_mode"], "home_mode")
        present = read_present(run, users, groups)
        accounts = present.accounts
        changes = plan(present, users, groups)
        homes = []
        if module.params["create_homes"]:
            found = read_homes(homes_of(users, accounts).values())
            homes = missing_homes(users, groups, accounts, found, module.check_mode)
        if not module.check_mode:
            for home in homes:
                create_home(home, mode, module.params["skeleton"])
            apply(run, changes)
            prove(run, changes)
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    result = {**changes.summary(accounts), "created_homes": [home.path for home in homes]}
    after = lines(result)
    module.exit_json(changed=bool(after), diff={"before": "", "after": after}, **result)


if __name__ == "__main__":
    main()
