#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Report what a node says about its cluster
version_added: 1.0.0
description:
  - Reports version and services of a node, and the cluster as C(rstudio-server list-nodes), C(/load-balancer/status)
    and C(rstudio-server node-status) of this node show it.
  - Never fails because of the cluster's state. What cannot be had is a sentence in RV(cluster.errors).
  - "Admin Guide, Load Balancing / Configuration."
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  url:
    description:
      - Address of this node's Workbench, such as V(http://localhost:8787). C(/load-balancer/status) answers only to nodes of
        the cluster.
      - By default C(ssl-enabled), C(www-port) and C(www-address) of the node's C(rserver.conf) say it.
      - Certificates are not checked.
    type: str
  config_dir:
    description: The configuration directory of Workbench.
    type: path
    default: /etc/rstudio
  r_programs:
    description: Programs of R to look for besides those where the product looks.
    type: list
    elements: path
    default: []
  timeout:
    description:
      - Seconds to wait for an answer by HTTP. The status endpoint itself waits for a peer that is down as long as C(timeout) in
        C(load-balancer) says, 10 seconds when it says nothing.
    type: int
    default: 15
  node_status:
    description: Whether C(rstudio-server node-status) is asked. It is a program of its own, which asks every node.
    type: bool
    default: true
notes:
  - A node that was killed is listed as V(Online) for up to ten minutes, until it has missed its check-in.
seealso:
  - module: workbench.cluster.node
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Ask a node about the cluster
  workbench.cluster.cluster_info:
  register: asked

- name: All nodes are online
  ansible.builtin.assert:
    that: asked.cluster.nodes | map(attribute='status') | unique == ['Online']
"""

RETURN = r"""
cluster:
  description: The cluster as this node sees it.
  returned: success
  type: dict
  contains:
    installed:
      description: Whether Workbench is installed. Without it the rest is empty, but C(runtimes).
      returned: success
      type: bool
    hostname:
      description: The node's own name, as its kernel says.
      returned: success
      type: str
      sample: node1.example.com
    www_host_name:
      description: C(www-host-name) of C(load-balancer), with its port where it has one; none where it is not set.
      returned: success
      type: str
      sample: node1.example.com:8787
    addresses:
      description:
        - The node's own IPv4 and IPv6 addresses, without loopback and link-local ones.
        - Empty where neither C(ip -json) nor C(hostname -I) tells them.
      returned: success
      type: list
      elements: str
      sample: [10.0.0.1]
    version:
      description: Version of the product.
      returned: success
      type: str
      sample: 2026.04.0+526.pro2
    services:
      description:
        - State of the node's units, as systemd says it. The launcher's is asked for only where
          C(launcher-sessions-enabled) is on.
      returned: success
      type: dict
      sample: {rstudio-server: active, rstudio-launcher: active}
    protocol:
      description: Protocol between the nodes, as listed.
      returned: success
      type: str
      sample: Http
    nodes:
      description: The nodes of the cluster, as listed. Columns that a later release adds are there by the names of their heads.
      returned: success
      type: list
      elements: dict
      sample:
        - {id: 1, host: node1, ipv4: 10.0.0.1, port: 8787, status: Online, last_seen: "2026-Jan-05 16:49:17"}
      contains:
        id:
          description: The product's number.
          returned: success
          type: int
        host:
          description: Name or address under which the node is known.
          returned: success
          type: str
        ipv4:
          description: Its address; may be empty.
          returned: success
          type: str
        port:
          description: Its port.
          returned: success
          type: int
        status:
          description: Its state, in the words of the product.
          returned: success
          type: str
        last_seen:
          description: When it last said that it is there, in the words of the product.
          returned: success
          type: str
    status:
      description: The nodes and their sessions, as C(/load-balancer/status) shows them.
      returned: success
      type: list
      elements: dict
      sample:
        - host: node1
          port: 8787
          ipv4: 10.0.0.1
          flag: null
          load: [0.072, 0.024, 0.0034]
          sessions: [{pid: 1568, user: ada, process: rsession}]
      contains:
        host:
          description: Name or address under which the node is known.
          returned: success
          type: str
        port:
          description: Its port.
          returned: success
          type: int
        ipv4:
          description: Its address; none before release 2023.12.
          returned: success
          type: str
        flag:
          description: V(unreachable), V(offline) or none.
          returned: success
          type: str
        load:
          description: Load of 1, 5 and 15 minutes as a fraction of all processors.
          returned: success
          type: list
          elements: float
        sessions:
          description: Its sessions.
          returned: success
          type: list
          elements: dict
          contains:
            pid:
              description: Process id.
              returned: success
              type: int
            user:
              description: Whose it is.
              returned: success
              type: str
            process:
              description: Name of the process; none before release 2023.12.
              returned: success
              type: str
    node_status:
      description:
        - The answer of C(rstudio-server node-status), whose keys the product does not document. None without O(node_status).
      returned: success
      type: raw
    runtimes:
      description:
        - Programs of R where Workbench looks for them, and of O(r_programs) those that are there.
        - The vendor's Pythons.
      returned: success
      type: dict
      sample: {r: {/opt/R/4.4.1/bin/R: 4.4.1}, python: [/opt/python/3.12.4/bin/python3]}
      contains:
        r:
          description: Version by program.
          returned: success
          type: dict
        python:
          description: Programs.
          returned: success
          type: list
          elements: str
    licence:
      description: What the product says of its licence, without asking the vendor's server; empty where it is not installed.
      returned: success
      type: dict
      sample: {status: Activated, days_left: 300, error: null}
      contains:
        status:
          description: Its word, such as V(Activated) or V(Evaluation).
          returned: success
          type: str
        days_left:
          description: Days to the end, where it says them.
          returned: success
          type: int
        error:
          description: Why it could not be told.
          returned: success
          type: str
    errors:
      description: What could not be had, one sentence each.
      returned: success
      type: list
      elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import OPTIONS, report


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.exit_json(changed=False, cluster=report(runner(module), module.params))


if __name__ == "__main__":
    main()
