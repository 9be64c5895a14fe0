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
      - The users. Every id is given; P(workbench.cluster.plan_accounts#filter) decides them.
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

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._accounts import local as accounts_local
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.changes import Changes, Present, changes
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import mode_of
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, runner

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


def missing_homes(
    users: list[dict[str, t.Any]], present: accounts_local.Accounts, check_mode: bool
) -> list[tuple[str, dict[str, t.Any]]]:
    """Homes to make, each with its user; a home in another's hands is a failure. A check may come before the mount."""
    missing, strange = [], []
    for user in users:
        if user["system"]:
            continue
        name = user["name"]
        home = user["home"] or (present["users"][name]["home"] if name in present["users"] else f"/home/{name}")
        owner = accounts_local.home_owner(home)
        if owner is None:
            if not check_mode and not os.path.isdir(os.path.dirname(home)):
                strange.append(f"home {home} of user {name} cannot be made: {os.path.dirname(home)} is not there.")
            missing.append((home, user))
        elif owner != user["uid"]:
            strange.append(f"home {home} of user {name} ({user['uid']}) belongs to uid {owner}.")
    if strange:
        raise Failure("\n".join(strange))
    return missing


def apply(run: Run, plan: Changes) -> None:
    if plan.groups or plan.users or plan.members:
        accounts_local.create(run, plan.groups, plan.users, plan.members)
    for name, differing in plan.modify.items():
        accounts_local.modify(run, name, differing)
    if plan.passwords:
        accounts_local.set_passwords(run, plan.passwords)


def prove(run: Run, plan: Changes) -> None:
    """Read back what was made: the tools may take a free id in place of a wanted one."""
    after = accounts_local.read(run, [user["name"] for user in plan.users], [group["name"] for group in plan.groups])
    for group in plan.groups:
        found = after["groups"].get(group["name"])
        if found is None or found["gid"] != group["gid"]:
            raise Failure(f"group {group['name']} was made without its gid {group['gid']}")
    for user in plan.users:
        made = after["users"].get(user["name"])
        if made is None or (made["uid"], made["gid"]) != (user["uid"], user["gid"]):
            raise Failure(f"user {user['name']} was made without its uid {user['uid']} and gid {user['gid']}")
    memberships = accounts_local.read_memberships(run, {user for user, _group in plan.members})
    gids = accounts_local.read(run, groups=[group for _user, group in plan.members])["groups"]
    for member, name in plan.members:
        if name not in gids or gids[name]["gid"] not in memberships.get(member, ()):
            raise Failure(f"user {member} was added to group {name}, but is not in it")


def read_present(run: Run, users: list[dict[str, t.Any]], groups: list[dict[str, t.Any]]) -> Present:
    """Asks by name and by number: what is hidden by a directory service counts as well."""
    names = [user["name"] for user in users]
    named_groups = [group["name"] for group in groups]
    named_groups += [name for user in users for name in (user["group"] or user["name"], *user["groups"])]
    uids, gids = [user["uid"] for user in users], [group["gid"] for group in groups]
    passwd = accounts_local.entries(run, "passwd", [*names, *uids])
    group = accounts_local.entries(run, "group", [*named_groups, *gids])
    secret = [user["name"] for user in users if user["password"] is not None or user["locked"] is not None]
    return Present(
        accounts=accounts_local.accounts(passwd, group),
        uids=accounts_local.owners(passwd),
        gids=accounts_local.owners(group),
        passwords=accounts_local.read_passwords(run, secret),
        memberships=accounts_local.read_memberships(run, {user["name"] for user in users if user["groups"]}),
        local_users=accounts_local.read_local(run, "passwd", names),
        local_groups=accounts_local.read_local(run, "group", named_groups),
    )


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "users": {"type": "list", "elements": "dict", "default": [], "options": USER},
            "groups": {"type": "list", "elements": "dict", "default": [], "options": GROUP},
            "create_homes": {"type": "bool", "default": False},
            "home_mode": {"type": "str", "default": "0700"},
            "skeleton": {"type": "path", "default": "/etc/skel"},
        },
        supports_check_mode=True,
    )
    params = module.params
    users, groups = params["users"], params["groups"]
    run = runner(module)
    try:
        home_mode = mode_of(params["home_mode"], "home_mode")
        node = read_present(run, users, groups)
        present = node.accounts
        plan = changes(node, users, groups)
        if plan.errors:
            raise Failure("\n".join(plan.errors))
        homes = missing_homes(users, present, module.check_mode) if params["create_homes"] else []
        if not module.check_mode:
            gids = {name: group["gid"] for name, group in present["groups"].items()}
            gids.update({group["name"]: group["gid"] for group in groups})
            for home, user in homes:
                gid = gids[user["group"] or user["name"]]
                accounts_local.create_home(home, user["uid"], gid, home_mode, params["skeleton"])
            apply(run, plan)
            prove(run, plan)
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    result = {
        "created_users": [user["name"] for user in plan.users],
        "changed_users": plan.changed_users(present),
        "created_groups": [group["name"] for group in plan.groups],
        "changed_groups": plan.changed_groups(present),
        "created_homes": [home for home, _user in homes],
    }
    lines = [f"{key.replace('_', ' ')}: {', '.join(names)}\n" for key, names in result.items() if names]
    module.exit_json(changed=bool(lines), diff={"before": "", "after": "".join(lines)}, **result)


if __name__ == "__main__":
    main()
