#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: move_to_share
short_description: Move a directory onto a share and mount the share over it
version_added: 1.0.0
description:
  - Mounts the share where only root may look, copies what it lacks with owners, modes, times, ACLs, attributes and hard links,
    compares, and mounts the share over O(path). No account is without its home at any moment.
  - In a second call, when C(/etc/fstab) mounts the share after a restart too, what was copied is set aside in
    C(<path>.before-workbench-cluster).
  - Names that both have must be alike in kind, owner, mode and content, else nothing is done and they are named. Nothing on
    the share is replaced.
  - Refused while processes other than the connection of this run use O(path), and while Workbench runs.
  - Leaves C(/etc/fstab) alone. A run that was cut off is completed by the next one.
extends_documentation_fragment:
  - workbench.cluster._attributes
attributes:
  diff_mode:
    support: none
options:
  state:
    description: V(mounted) copies and mounts, V(aside) sets aside what lies under the mount.
    type: str
    choices: [mounted, aside]
    default: mounted
  path:
    description: The directory. One that does not exist, is empty, or has something mounted over it is left as it is.
    type: path
    required: true
  src:
    description: What is mounted, such as V(files.example.com:/export/home).
    type: str
    required: true
  fstype:
    description: File system type of the mount.
    type: str
    required: true
  opts:
    description: Options of the mount.
    type: str
    required: true
notes:
  - Run it on one node after the other, for a home that two nodes have is compared with what the first one moved.
  - C(.ansible) in the home of the account that connects is not moved, nor are sockets.
seealso:
  - module: workbench.cluster.mounts_info
  - module: ansible.posix.mount
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Move the homes onto the share, one node after the other
  workbench.cluster.move_to_share:
    path: /home
    src: files.example.com:/export/home
    fstype: nfs
    opts: hard,vers=4.1
  throttle: 1

- name: Mount the homes after a restart too
  ansible.posix.mount:
    path: /home
    src: files.example.com:/export/home
    fstype: nfs
    opts: hard,vers=4.1
    state: present

- name: Set aside what was moved
  workbench.cluster.move_to_share:
    state: aside
    path: /home
    src: files.example.com:/export/home
    fstype: nfs
    opts: hard,vers=4.1
"""

RETURN = r"""
kept:
  description: Where the files are kept that were moved.
  returned: when something was, or in check mode is to be moved
  type: str
  sample: /home.before-workbench-cluster
"""

import functools
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.move import (
    move,
    place_of,
    set_aside,
    to_move,
    to_set_aside,
)
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import refuse_users


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["mounted", "aside"], "default": "mounted"},
            "path": {"type": "path", "required": True},
            **{name: {"type": "str", "required": True} for name in ("src", "fstype", "opts")},
        },
        supports_check_mode=True,
    )
    params, run = module.params, runner(module)
    place = place_of(params["path"], ["-t", params["fstype"], "-o", params["opts"], params["src"]])
    try:
        if not (to_move(place) if params["state"] == "mounted" else to_set_aside(place)):
            module.exit_json(changed=False)
        if params["state"] == "aside" and not module.check_mode:
            set_aside(run, place)
        elif not module.check_mode:
            move(run, place, functools.partial(refuse_users, place.path))
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=True, kept=place.aside)


if __name__ == "__main__":
    main()
