#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: node
short_description: Start, restart, reload or stop a node of the cluster
version_added: 1.0.0
description:
  - Brings the services C(rstudio-launcher) and C(rstudio-server) of this node into a state.
  - Started, restarted and reloaded mean unmasked, enabled, running, listed as V(Online) by C(rstudio-server list-nodes),
    and answering.
  - Systemd reads the units anew where they, or what lies in C(/etc/systemd/system/UNIT.service.d), changed since it did.
  - A failure carries the services' own words.
  - "Admin Guide, Load Balancing / Configuration, status of nodes."
extends_documentation_fragment:
  - workbench.cluster._attributes
attributes:
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - O(state=restarted) and O(state=reloaded) act each time they are asked to.
options:
  state:
    description:
      - V(started) leaves running services alone.
      - V(restarted) stops O(units) and starts them again. With C(rstudio-server) the sessions of this node stop.
      - V(reloaded) has those of O(units) that run read again what they can while they run (C(SIGHUP)); sessions go on.
      - V(stopped) stops the sessions of this node with C(rstudio-server). It does not disable the services.
    type: str
    choices: [started, restarted, reloaded, stopped]
    default: started
  units:
    description:
      - What is restarted, reloaded or stopped. Unless O(state=stopped), all of a node's services run in the end.
    type: list
    elements: str
    choices: [rstudio-launcher, rstudio-server]
    default: [rstudio-launcher, rstudio-server]
  host:
    description:
      - The name under which this node is listed, its C(www-host-name), optionally with C(:port).
      - Required unless O(state=stopped).
    type: str
  wait:
    description: Seconds to wait until the node is V(Online).
    type: int
    default: 120
seealso:
  - module: workbench.cluster.cluster_info
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Start the node
  workbench.cluster.node:
    state: started
    host: node1.example.com

- name: Restart the launcher alone
  workbench.cluster.node:
    state: restarted
    units: [rstudio-launcher]
    host: node1.example.com
"""

RETURN = r"""
node:
  description:
    - The row of C(rstudio-server list-nodes) for this node.
    - Of a version before 2021.09, which lists none, the node in the status page, V(Online) where it answers.
  returned: when the node is to be Online, except in check mode
  type: dict
  sample: {id: 1, host: node1, ipv4: 10.0.0.1, port: 8787, status: Online, last_seen: "2026-Jan-05 16:49:17"}
forgotten:
  description: IDs of rows that the node had at other ports, and that were deleted, as after its change to https.
  returned: when the node is to be Online, except in check mode
  type: list
  elements: int
  sample: [2]
"""

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import network
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product import services
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import UNITS


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["started", "restarted", "reloaded", "stopped"], "default": "started"},
            "units": {
                "type": "list",
                "elements": "str",
                "choices": [*UNITS],
                "default": [*UNITS],
            },
            "host": {"type": "str"},
            "wait": {"type": "int", "default": 120},
        },
        required_if=[("state", state, ["host"]) for state in ("started", "restarted", "reloaded")],
        supports_check_mode=True,
    )
    state, host, run = module.params["state"], module.params["host"], runner(module)
    result: dict[str, t.Any] = {}
    try:
        calls = services.pending(run, state, module.params["units"])
        if not module.check_mode:
            services.apply(run, calls)
            if state != "stopped":
                wait = module.params["wait"]
                result["node"] = services.wait_online(
                    run, host, wait, answers=network.port_answers, clock=time.monotonic, pause=time.sleep
                )
                result["forgotten"] = services.forget_older_rows(run, result["node"], host) if calls else []
    except Failure as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=bool(calls), **result)


if __name__ == "__main__":
    main()
