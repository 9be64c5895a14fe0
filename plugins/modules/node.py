#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: node
short_description: Start, restart, stop a node of the cluster, keep people out of it, delete rows of nodes that are gone
version_added: 1.0.0
description:
  - Brings the services C(rstudio-launcher) and C(rstudio-server) of this node into a state, and its sessions to an end where
    that is asked for.
  - Started, restarted, reloaded and online mean unmasked, enabled, running, listed as V(Online) by C(rstudio-server list-nodes),
    and answering.
  - Systemd reads the units anew where they, or what lies in C(/etc/systemd/system/UNIT.service.d), changed since it did.
  - A failure carries the services' own words. What cannot be told of a node or its sessions is a failure, too.
  - "Admin Guide, Load Balancing / Configuration, status of nodes; Server Management / Core Administrative Tasks."
extends_documentation_fragment:
  - workbench.cluster._attributes
attributes:
  diff_mode:
    support: partial
    details:
      - Shows whether people are let in, whose sessions end, and rows that go; of the other states nothing.
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
      - V(offline) has the server answer everybody that it is offline, and the others send it no new sessions, until V(online),
        whatever restarts in between. For this the product restarts the server. A server that does not run is left so, and
        starts offline. Where it fails, a node that was online is brought back.
      - V(online) undoes that, and starts what does not run.
      - V(deleted) deletes O(rows) of the cluster, asked of any node that runs.
    type: str
    choices: [started, restarted, reloaded, stopped, online, offline, deleted]
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
      - Required unless O(state=stopped) or O(state=deleted), and with O(sessions) or O(last).
    type: str
  wait:
    description: Seconds to wait until the node is V(Online), or offline.
    type: int
    default: 120
  sessions:
    description:
      - What becomes of the sessions of this node before O(state=stopped) or O(state=restarted), or once O(state=offline).
      - V(product) leaves them to the product, whose server suspends or stops them when it stops.
      - V(wait) waits O(grace) seconds for them to end by themselves.
      - V(suspend) then asks them to suspend, C(rstudio-server suspend-all). A session that computes does so when it is done.
      - V(interrupt) then stops the computations of those that still run, C(rstudio-server force-suspend-all).
      - Sessions that run on are a failure that names them. Suspended ones go on at any node, where their users left them.
        The home page of a user is no session.
    type: str
    choices: [product, wait, suspend, interrupt]
    default: product
  grace:
    description: Seconds that sessions may go on before they are asked to suspend.
    type: int
    default: 0
  suspend_wait:
    description: Seconds to wait for sessions after each command that asks them to suspend.
    type: int
    default: 60
  last:
    description:
      - Whether this may be the last node that people reach. V(false) refuses O(state=offline), O(state=stopped) and
        O(state=restarted) unless the status page of this node shows another one that is neither offline nor unreachable,
        and that answers.
    type: bool
    default: true
  rows:
    description:
      - With O(state=deleted) the rows that go. One that is not listed any more is no error.
      - None is deleted where one belongs to another host or port by now, or to a node that answers.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Number of the row.
        type: int
        required: true
      host:
        description: As listed.
        type: str
        required: true
      port:
        description: As listed.
        type: int
        required: true
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

- name: Let nobody in, give people ten minutes, then have their sessions suspend
  workbench.cluster.node:
    state: offline
    host: node1.example.com
    sessions: suspend
    grace: 600
    last: false

- name: Let people in again
  workbench.cluster.node:
    state: online
    host: node1.example.com

- name: Delete the row of a node that is gone
  workbench.cluster.node:
    state: deleted
    rows:
      - {id: 3, host: node3.example.com, port: 8787}
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
  returned: when services were to be started, restarted or reloaded, except in check mode
  type: list
  elements: int
  sample: [2]
sessions:
  description:
    - The sessions that this touched, or in check mode would touch.
    - Not looked for where they are left to the product, unless people are kept out or let in. Also returned by a failure.
  returned: always
  type: list
  elements: dict
  sample: [{pid: 4711, user: ada, process: rsession}]
  contains:
    pid:
      description: Process id.
      returned: always
      type: int
    user:
      description: Whose it is.
      returned: always
      type: str
    process:
      description: Name of the process, where the product tells it.
      returned: always
      type: str
deleted:
  description: IDs of the rows that were deleted, or in check mode would be.
  returned: with O(state=deleted)
  type: list
  elements: int
  sample: [3]
"""

import functools
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import network
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product import cluster, states
from ansible_collections.workbench.cluster.plugins.module_utils._product.presence import Presence, Tools
from ansible_collections.workbench.cluster.plugins.module_utils._product.sessions import COMMANDS
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import UNITS

STATES = ("started", "restarted", "reloaded", "stopped", "online", "offline", "deleted")
NAMELESS = ("stopped", "deleted")
ROW = {"id": "int", "host": "str", "port": "int"}


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": [*STATES], "default": "started"},
            "units": {"type": "list", "elements": "str", "choices": [*UNITS], "default": [*UNITS]},
            "host": {"type": "str"},
            "wait": {"type": "int", "default": 120},
            "sessions": {"type": "str", "choices": ["product", *COMMANDS], "default": "product"},
            "grace": {"type": "int", "default": 0},
            "suspend_wait": {"type": "int", "default": 60},
            "last": {"type": "bool", "default": True},
            "rows": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {name: {"type": kind, "required": True} for name, kind in ROW.items()},
            },
        },
        required_if=[("state", state, ["host"]) for state in STATES if state not in NAMELESS],
        supports_check_mode=True,
    )
    fetch = functools.partial(cluster.fetched, timeout=cluster.OPTIONS["timeout"]["default"])
    tools = Tools(runner(module), fetch, network.port_answers, time.monotonic, time.sleep)
    node = Presence(tools, module.params["host"] or "")
    try:
        result = states.bring(node, module.params, check=module.check_mode)
    except Failure as failure:
        module.fail_json(msg=str(failure), sessions=[*node.touched.values()])
    module.exit_json(**result, sessions=[*node.touched.values()])


if __name__ == "__main__":
    main()
