#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# The action plugin of this name runs it, and reads from its host all the time until the run ends.
DOCUMENTATION = r"""
module: hold
short_description: "[INTERNAL] Hold the cluster for one run"
version_added: 1.0.0
description:
  - Refuses to begin while another run changes the cluster, and after one that did so since this run looked at the hosts.
  - A process on the host holds the cluster, and lets go within a second when the run ends, or is killed. A controller that is
    cut off is let go when TCP gives its connection up, which takes a quarter of an hour.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes
  - workbench.cluster._attributes.action
attributes:
  check_mode:
    support: none
    details:
      - In check mode nothing is held.
  diff_mode:
    support: N/A
    details:
      - Nothing of the system is changed.
  idempotent:
    support: full
    details:
      - Always reports no change. What one run holds it holds once.
options:
  verb:
    description: What the run does.
    type: str
    required: true
  who:
    description: Who runs it, and on which controller. This and all that follows is said by the action plugin.
    type: str
  pid:
    description: The process on the controller.
    type: int
  token:
    description: A word that no other run has.
    type: str
  seen:
    description: Seconds since the run began to look at the hosts.
    type: float
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Hold
  workbench.cluster.hold:
    verb: restart
  delegate_to: node1
"""

RETURN = r"""
held:
  description: Whether this run holds the cluster.
  returned: success
  type: bool
holder:
  description: Who holds it, or did before.
  returned: success
  type: dict
  sample: {verb: site, who: ada@laptop, pid: 4711, since: "2026-11-22T09:30:00Z", token: 0123456789abcdef}
ago:
  description: Seconds since the other run ended, where it held the cluster after this one began.
  returned: success
  type: float
"""

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, sentence
from ansible_collections.workbench.cluster.plugins.module_utils._host.hold import FOLDER, take


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "verb": {"type": "str", "required": True},
            "who": {"type": "str"},
            "pid": {"type": "int"},
            "token": {"type": "str", "no_log": False},
            "seen": {"type": "float"},
        },
    )
    given: t.Any = {name: module.params[name] for name in ("verb", "who", "pid", "token")}
    given["since"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        held = take(FOLDER, given, module.params["seen"] or 0.0)
    except (Failure, OSError) as failure:
        module.fail_json(msg=sentence(failure))
    module.exit_json(changed=False, **held)


if __name__ == "__main__":
    main()
