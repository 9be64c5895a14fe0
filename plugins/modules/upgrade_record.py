#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_record
short_description: "[INTERNAL] Keep the configuration of a node before its upgrade, and what is under way"
version_added: 1.0.0
description:
  - The copy and the record are in C(/var/lib/workbench.cluster/upgrade), root's alone, for they hold keys.
  - The copy is a compressed archive of C(/etc/rstudio), the cookie key, and what the units read besides. It stays.
  - The schema is asked of the database that C(database.conf) names, with its login.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes
attributes:
  diff_mode:
    support: none
options:
  state:
    description:
      - V(looked) changes nothing.
      - V(begun) makes copy and record, and leaves alone those of an upgrade that is under way.
      - V(ended) puts the record away, and fails where the node does not have O(version).
    type: str
    choices: [looked, begun, ended]
    default: looked
  version:
    description: The version that the node is to have. Required but with V(looked).
    type: str
  config_dir:
    description: The configuration directory of Workbench.
    type: path
    default: /etc/rstudio
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Keep what is there
  workbench.cluster.upgrade_record:
    state: begun
    version: 2026.07.0+139.pro9
"""

RETURN = r"""
upgrade:
  description: How far the node is.
  returned: success
  type: dict
  contains:
    package:
      description: State and version of the package, as its manager has them.
      returned: success
      type: dict
      sample: {state: installed, version: 2026.04.0+526.pro2}
    schema:
      description: Version of the database's tables, now.
      returned: success
      type: str
      sample: "20260210090000000000000"
    error:
      description: Why that is not told.
      returned: success
      type: str
    record:
      description: What was before the upgrade that is under way; none without one.
      returned: success
      type: dict
      sample:
        former: 2026.04.0+526.pro2
        target: 2026.07.0+139.pro9
        began: 1795000000.0
        drained: false
        schema: "20260210090000000000000"
    seconds:
      description: How long it has been under way, by the node's clock.
      returned: success
      type: float
      sample: 40.5
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product import upgrade


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["looked", "begun", "ended"], "default": "looked"},
            "version": {"type": "str"},
            "config_dir": {"type": "path", "default": "/etc/rstudio"},
        },
        required_if=[("state", "begun", ["version"]), ("state", "ended", ["version"])],
        supports_check_mode=True,
    )
    run, state, version = runner(module), module.params["state"], module.params["version"]
    try:
        found = upgrade.look(run, module.params["config_dir"])
        changes = (state == "begun" and found["record"] is None) or (state == "ended" and found["record"] is not None)
        if changes and state == "begun" and not module.check_mode:
            upgrade.begin(run, version, module.params["config_dir"])
        if state == "ended" and not module.check_mode:
            upgrade.end(run, version)
        report = upgrade.look(run, module.params["config_dir"]) if changes else found
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=changes, upgrade=report)


if __name__ == "__main__":
    main()
