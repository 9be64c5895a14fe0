#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: lock_test
short_description: Test file locks between nodes, one step a call
version_added: 1.0.0
description:
  - Takes the locks that Workbench takes, by the same steps, so that a lock of this module and one of the product keep each
    other out. One node holds them, all others try, the holder releases or is killed, and another takes over.
  - Each call does one step for all O(paths) and O(types). No step waits for another node, so the test is correct with any
    number of forks, as long as the steps come one after the other (strategy C(linear)).
  - Test files lie in a folder C(.workbench-verify-*) of each path, which is O(user)'s own (mode 0700). Step V(clean) removes it.
    When a run is interrupted, files and holders go by themselves after O(ttl). What another account made under such a name is
    neither used nor removed.
  - "Admin Guide, Load Balancing / Configuration (File locking)."
extends_documentation_fragment:
  - workbench.cluster._attributes.test_files
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: none
    details:
      - Skipped in check mode, for a lock cannot be tested without test files.
options:
  step:
    description:
      - V(hold) takes the locks with a process of their own for each, which stays.
      - V(try) tries to take them. A lock that was taken is given back at once; a lock of another is never removed.
      - V(release) has the holders release them, on the node that holds.
      - V(takeover) takes them, stale ones too as Workbench does, and gives them back.
      - V(crash) kills the holders hard, on the node that holds. What they have is left behind.
      - V(stale) tells whether this node would take the locks from their holders now.
      - V(clean) removes what this run left in O(paths), and what earlier runs left there longer than O(ttl) ago.
    type: str
    required: true
    choices: [hold, try, release, takeover, crash, stale, clean]
  paths:
    description: Directories in which to test, such as the home of O(user) and the shared storage.
    type: list
    elements: path
    required: true
  types:
    description:
      - Kinds of locks. V(linkbased) is C(lock-type=linkbased), V(symlink) the same with C(use-symlinks=1), V(advisory) is
        C(lock-type=advisory).
      - V(locktester) is the lock that C(file-locks) configures, taken by Workbench's own program of that name, in steps V(hold),
        V(try) and V(release); the others leave it out. V(unsupported) where it is not installed.
      - Not used by step V(clean).
    type: list
    elements: str
    choices: [linkbased, symlink, advisory, locktester]
    default: [linkbased, symlink, advisory]
  token:
    description: Names the run, 8 to 64 letters, digits, V(-) and V(_). The same in all steps, and in no other run.
    type: str
    required: true
  name:
    description:
      - Names the locks. Those of another name lie in a folder of their own, so that a run can test locks that are held beside
        locks whose holder is dead. Step V(clean) removes those of all names.
    type: str
    default: locks
  refresh_rate:
    description: Seconds after which a holder refreshes its locks, C(refresh-rate) of C(file-locks).
    type: float
    default: 20
  timeout_interval:
    description: Seconds without refresh after which a lock is stale, C(timeout-interval) of C(file-locks).
    type: float
    default: 30
  holders:
    description:
      - What step V(hold) has returned as RV(locks), for steps V(release) and V(crash). Only these processes are ended, and only
        while they are the ones that were started.
    type: list
    elements: dict
    default: []
  version:
    description:
      - The version of Workbench on this node, such as C(2026.10.0+1), whose locks are taken. Those of 2026.10 and later are of
        another kind than earlier ones; both keep each other out.
      - Without it, as versions before 2026.10.
    type: str
  wait:
    description:
      - Seconds to wait, in step V(takeover) until the locks can be taken, in step V(stale) until they are stale.
      - All locks wait together.
    type: float
    default: 0
notes:
  - Steps V(release) and V(crash) have to run on the node that ran V(hold), with its O(holders).
  - Where C(KillUserProcesses) of systemd-logind is on and the connection is not root's, holders end with the connection.
    Step V(release) then says V(gone).
seealso:
  - module: workbench.cluster.node_info
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
# The first host holds, all others try. Steps come one after the other (strategy linear).
- name: Name the run, the same on all hosts
  ansible.builtin.set_fact:
    run: "{{ lookup('ansible.builtin.password', '/dev/null', length=16, chars=['ascii_lowercase', 'digits']) }}"
  run_once: true

- name: Test locks between all hosts
  module_defaults:
    workbench.cluster.lock_test:
      paths: [/home/ada, /srv/shared]
      user: ada
      token: "{{ run }}"
  block:
    - name: One node holds
      workbench.cluster.lock_test:
        step: hold
      register: held
      when: inventory_hostname == ansible_play_hosts_all[0]

    - name: All others try
      workbench.cluster.lock_test:
        step: try
      register: tried
      when: inventory_hostname != ansible_play_hosts_all[0]

    - name: The holder lets go
      workbench.cluster.lock_test:
        step: release
        holders: "{{ held.locks }}"
      when: inventory_hostname == ansible_play_hosts_all[0]

    - name: Nobody else had it
      ansible.builtin.assert:
        that: tried is skipped or tried.locks | rejectattr('outcome', 'eq', 'refused') | length == 0
  always:
    - name: Leave nothing behind
      workbench.cluster.lock_test:
        step: clean
"""

RETURN = r"""
locks:
  description:
    - What the step met, for each path and type.
    - Step V(stale) with O(wait) meets a lock that is V(live) twice, at once and at the end.
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description: The step.
      returned: success
      type: str
      sample: try
    type:
      description: The kind of lock. None for step V(clean).
      returned: success
      type: str
      sample: linkbased
    path:
      description: The directory.
      returned: success
      type: str
      sample: /home/ada
    outcome:
      description:
        - V(held) by step V(hold), V(released) by V(release), V(acquired) by V(try) and V(takeover).
        - V(refused) when another holds the lock.
        - V(live), V(stale) or V(gone) by step V(stale). V(stale) as well by step V(try) when nobody has refreshed the
          lock.
        - V(gone) by V(crash) and V(clean), and by V(release) when the holder had ended before.
        - V(unsupported) when the file system has no such locks.
        - V(error) when the step could not be done.
      returned: success
      type: str
      sample: refused
    holder:
      description: The process that holds the lock, of step V(hold), and of V(release) and V(crash) from O(holders).
      returned: success
      type: dict
      sample: {host: node1, pid: 4711, started: "812345"}
      contains:
        host:
          description: Name of its node, as the kernel says.
          returned: success
          type: str
        pid:
          description: Process id.
          returned: success
          type: int
        started:
          description: When it began, by which another process of the same number is told from it.
          returned: success
          type: str
    seconds:
      description:
        - How long the step took; with step V(takeover), how long it took until the lock was free.
        - With step V(stale), the time since the last refresh by the clock of the file server, or none without a lock
          to look at.
      returned: success
      type: float
      sample: 0.012
    error:
      description: Why it is V(error) or V(unsupported), a sentence.
      returned: success
      type: str
      sample: hard links are not supported here (Operation not permitted)
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._locks.steps import OPTIONS, take


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=False)
    try:
        locks = take(module.params)
    except Failure as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=False, locks=locks)


if __name__ == "__main__":
    main()
