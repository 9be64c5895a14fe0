#!/usr/bin/python

# Copyright: (c) 2026, the workbench.cluster founders
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
  - Test files lie in C(.workbench-verify-<token>/) of each path. Step V(clean) removes them. When a run is interrupted,
    files and holders go by themselves after O(ttl).
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
  refresh_rate:
    description: Seconds after which a holder refreshes its locks, C(refresh-rate) of C(file-locks).
    type: float
    default: 20
  timeout_interval:
    description: Seconds without refresh after which a lock is stale, C(timeout-interval) of C(file-locks).
    type: float
    default: 30
  wait:
    description:
      - Seconds to wait, in step V(takeover) until the locks can be taken, in step V(stale) until they are stale.
      - All locks wait together.
    type: float
    default: 0
notes:
  - Steps V(release) and V(crash) have to run on the node that ran V(hold).
  - Where C(KillUserProcesses) of systemd-logind is on and the connection is not root's, holders end with the connection.
    Step V(release) then says V(gone).
seealso:
  - module: workbench.cluster.node_info
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Test locks between all nodes
  vars:
    token: "{{ ansible_date_time.epoch }}"
  block:
    - name: One node holds
      workbench.cluster.lock_test:
        step: hold
        paths: [/home/ada, /srv/shared]
        user: ada
        token: "{{ token }}"
      run_once: true

    - name: All others try
      workbench.cluster.lock_test:
        step: try
        paths: [/home/ada, /srv/shared]
        user: ada
        token: "{{ token }}"
      register: tried
  always:
    - name: Leave nothing behind
      workbench.cluster.lock_test:
        step: clean
        paths: [/home/ada, /srv/shared]
        user: ada
        token: "{{ token }}"
"""

RETURN = r"""
locks:
  description: What the step met, for each path and type.
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
        - V(live), V(stale) or V(gone) by step V(stale). V(stale) as well by step V(try) when nobody has refreshed the lock.
        - V(gone) by V(crash) and V(clean), and by V(release) when the holder had ended before.
        - V(unsupported) when the file system has no such locks.
        - V(error) when the step could not be done.
      returned: success
      type: str
      sample: refused
    holder:
      description: Who holds the lock, as the test files say, with C(host) and C(pid).
      returned: success
      type: dict
      sample: {host: node1, pid: 4711}
    seconds:
      description:
        - How long the step took; with step V(takeover), how long it took until the lock was free.
        - With step V(stale), the time since the last refresh by the clock of the file server, or none without a lock to look at.
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
from ansible_collections.workbench.cluster.plugins.module_utils._locks import TYPES
from ansible_collections.workbench.cluster.plugins.module_utils._locks_steps import TESTER, Settings, clean, run_step
from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "step": {
                "type": "str",
                "required": True,
                "choices": ["hold", "try", "release", "takeover", "crash", "stale", "clean"],
            },
            "paths": {"type": "list", "elements": "path", "required": True},
            "types": {"type": "list", "elements": "str", "choices": [*TYPES, TESTER], "default": list(TYPES)},
            # Names a folder; it opens nothing.
            "token": {"type": "str", "required": True, "no_log": False},
            "user": {"type": "str"},
            "refresh_rate": {"type": "float", "default": 20},
            "timeout_interval": {"type": "float", "default": 30},
            "wait": {"type": "float", "default": 0},
            "ttl": {"type": "float", "default": 60},
        },
        supports_check_mode=False,
    )
    options = module.params
    try:
        if options["step"] == "clean":
            locks = clean(options["paths"], options["token"], options["user"], options["ttl"])
        else:
            settings = Settings(
                token=options["token"],
                user=options["user"],
                refresh=options["refresh_rate"],
                timeout=options["timeout_interval"],
                ttl=options["ttl"],
                wait=options["wait"],
            )
            locks = run_step(options["step"], options["paths"], options["types"], settings)
    except Failure as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=False, locks=locks)


if __name__ == "__main__":
    main()
