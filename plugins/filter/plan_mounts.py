# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: plan_mounts
short_description: What to do about the mounts of a node
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Compares by meaning what M(workbench.cluster.mounts_info) reports with what is wanted.
  - A mount that would hide files, replace another one, or take a directory away from processes that use it is an error.
positional: mounts, defaults
options:
  _input:
    description: What the module reports of one node.
    type: dict
    required: true
  mounts:
    description: What is to be mounted, in the form of C(storage_mounts) of the role C(storage).
    type: list
    elements: dict
    required: true
  defaults:
    description:
      - C(fstype) and C(opts) of entries without.
      - Options, owners and modes of what is there are changed only where C(opts_named) or C(mode_named) is true. Options of
        an entry that has C(opts) are named.
    type: dict
    required: true
"""

EXAMPLES = """
- name: See what is mounted
  workbench.cluster.mounts_info:
    mounts: {/home: "files.example.com:/home"}
  register: found

- name: Nothing is in the way
  ansible.builtin.assert:
    that: plan.errors | length == 0
    fail_msg: "{{ plan.errors | join(' ') }}"
  vars:
    mounts: [{path: /home, src: "files.example.com:/home", opts: hard}]
    defaults: {fstype: nfs, opts: hard, opts_named: false, mode_named: false}
    plan: "{{ found.report | workbench.cluster.plan_mounts(mounts, defaults) }}"
"""

RETURN = """
_value:
  description:
    - C(errors) and C(notes), sentences; the paths to C(unmount) first; C(mounts), what M(ansible.posix.mount) is to do
      then; C(directories), whose owner and mode are to be set.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts import plan_mounts


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_mounts": filtered(plan_mounts)}
