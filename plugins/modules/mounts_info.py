#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: mounts_info
short_description: Report what is mounted and what lies where something is to be mounted
version_added: 1.0.0
description:
  - Reports for each path what the kernel has mounted there, what C(/etc/fstab) and mount units say of it, what lies in the
    directory, whose homes those are, and which processes use it.
  - The role P(workbench.cluster.storage#role) decides what to do.
  - A directory is entered, so that an automounter mounts what it has for it.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  mounts:
    description:
      - Sources by the path where they are to be mounted.
      - The servers a source names are looked up; a local directory or device is compared with what is mounted.
    type: dict
    required: true
notes:
  - Run it as root; other accounts do not see the files of all processes.
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: See what is mounted
  workbench.cluster.mounts_info:
    mounts: {/home: "files.example.com:/export/home"}
  register: found

- name: Nobody uses the homes
  ansible.builtin.assert:
    that: found.report.mounts["/home"].users | length == 0
"""

RETURN = r"""
report:
  description: What this node has.
  returned: success
  type: dict
  contains:
    connected:
      description: The account Ansible connects as.
      returned: success
      type: dict
      sample: {user: admin, home: /home/admin}
      contains:
        user:
          description: Its name.
          returned: success
          type: str
        home:
          description: Its home.
          returned: success
          type: str
    product:
      description: Workbench's processes, with the fields of RV(report.mounts.users).
      returned: success
      type: list
      elements: dict
    mounts:
      description: By each path of O(mounts).
      returned: success
      type: dict
      contains:
        mount:
          description: What is mounted there; none without.
          returned: success
          type: dict
          contains:
            source:
              description: Device, or server and directory.
              returned: success
              type: str
            fstype:
              description: Type of the file system.
              returned: success
              type: str
            options:
              description: Options of the mount and of its file system.
              returned: success
              type: list
              elements: str
            device:
              description: Major and minor number.
              returned: success
              type: str
            root:
              description: The directory of the file system that is mounted, another than V(/) where it is a bind mount.
              returned: success
              type: str
            target:
              description: Where it is mounted.
              returned: success
              type: str
        automount:
          description: An automounter's own entry under it, with the fields of RV(report.mounts.mount).
          returned: success
          type: dict
        above:
          description:
            - What holds the directory above, with the fields of RV(report.mounts.mount); none where that is the
              root's.
          returned: success
          type: dict
        real:
          description: The path behind symbolic links.
          returned: success
          type: str
          sample: /home
        fstab:
          description: The lines of C(/etc/fstab) for the path.
          returned: success
          type: list
          elements: dict
          contains:
            source:
              description: First field.
              returned: success
              type: str
            target:
              description: Second field.
              returned: success
              type: str
            fstype:
              description: Third field.
              returned: success
              type: str
            options:
              description: Fourth field.
              returned: success
              type: str
            dump:
              description: Fifth field.
              returned: success
              type: str
            passno:
              description: Sixth field.
              returned: success
              type: str
            addresses:
              description: Addresses of the servers in C(source), as resolved here.
              returned: success
              type: list
              elements: str
        unit:
          description: The mount unit somebody wrote for it; none without.
          returned: success
          type: str
        users:
          description: The processes that use it.
          returned: success
          type: list
          elements: dict
          sample: [{pid: 812, user: ada, command: rsession, use: works in it, own: false}]
          contains:
            pid:
              description: Process id.
              returned: success
              type: int
            user:
              description: Whose it is.
              returned: success
              type: str
            command:
              description: Its name, as the kernel has it.
              returned: success
              type: str
            use:
              description: How it uses the directory, in words.
              returned: success
              type: str
            own:
              description: It is the connection of this run, or what that started.
              returned: success
              type: bool
        directory:
          description: What one sees there; none where nothing is, or where the path does not answer.
          returned: success
          type: dict
          contains:
            kind:
              description: V(directory) or V(file).
              returned: success
              type: str
            entries:
              description: How many entries it has.
              returned: success
              type: int
            names:
              description: The first of them.
              returned: success
              type: list
              elements: str
            homes:
              description: Accounts whose homes lie in a local directory.
              returned: success
              type: list
              elements: dict
              sample: [{user: admin, home: /home/admin, authorized_keys: true}]
              contains:
                user:
                  description: Its name.
                  returned: success
                  type: str
                home:
                  description: Its home.
                  returned: success
                  type: str
                authorized_keys:
                  description: Whether it has keys to connect with.
                  returned: success
                  type: bool
            owner:
              description: Number of its owner.
              returned: where it is a directory
              type: int
            group:
              description: Number of its group.
              returned: where it is a directory
              type: int
            owner_name:
              description: Name of its owner, or the number of nobody.
              returned: where it is a directory
              type: str
            group_name:
              description: Name of its group, or the number of none.
              returned: where it is a directory
              type: str
            mode:
              description: Its mode.
              returned: where it is a directory
              type: str
              sample: "0755"
        moved:
          description:
            - Whether what M(workbench.cluster.move_to_share) moved onto the share still lies under the mount.
          returned: success
          type: bool
        addresses:
          description: Addresses of the servers in the source that is wanted, as resolved here.
          returned: success
          type: list
          elements: str
          sample: [10.0.0.21]
        same_place:
          description: Whether a local source that is wanted is what is mounted; none where it is not local.
          returned: success
          type: bool
        efs:
          description: The file system behind a tunnel of the EFS helper; none without.
          returned: success
          type: str
        error:
          description: Why the path does not answer.
          returned: success
          type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import printable
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.report import OPTIONS, read_report


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.exit_json(changed=False, report=printable(read_report(module.params["mounts"])))


if __name__ == "__main__":
    main()
