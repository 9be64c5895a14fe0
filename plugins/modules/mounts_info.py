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
  - The filter P(workbench.cluster.plan_mounts#filter) decides what to do.
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
seealso:
  - plugin: workbench.cluster.plan_mounts
    plugin_type: filter
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
      description: The account Ansible connects as, and its home.
      returned: success
      type: dict
      sample: {user: admin, home: /home/admin}
    product:
      description: Workbench's processes, in the form of C(users) of RV(report.mounts).
      returned: success
      type: list
      elements: dict
    mounts:
      description:
        - One entry for each path of O(mounts), with the C(real) path behind symbolic links.
        - C(mount) is what is mounted there, none without, C(automount) an automounter's own entry under it, C(above) what
          holds the directory above.
        - C(fstab) are the lines of C(/etc/fstab) for the path, with their servers' addresses,
          C(unit) the mount unit somebody wrote for it.
        - C(directory) is what one sees there, with C(kind), C(owner), C(group), C(mode), the number of C(entries), the first
          C(names), and C(homes); none where nothing is, or where the path does not answer (C(error)).
        - C(users) are the processes that use it. C(own) is true for the connection of this run.
        - C(addresses) are those of the servers in C(src), C(same_place) says whether a local C(src) is what is mounted,
          C(efs) is the file system behind a tunnel of the EFS helper.
      returned: success
      type: dict
      sample:
        /home:
          real: /home
          mount: null
          automount: null
          above: null
          fstab: []
          unit: null
          users: [{pid: 812, user: ada, command: rsession, use: works in it, own: false}]
          directory:
            kind: directory
            owner: 0
            group: 0
            mode: "0755"
            entries: 1
            names: [admin]
            homes: [{user: admin, home: /home/admin, authorized_keys: true}]
          addresses: [10.0.0.21]
          same_place: null
          efs: null
          error: null
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import printable
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.report import read_report


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={"mounts": {"type": "dict", "required": True}},
        supports_check_mode=True,
    )
    module.exit_json(changed=False, report=printable(read_report(module.params["mounts"])))


if __name__ == "__main__":
    main()
