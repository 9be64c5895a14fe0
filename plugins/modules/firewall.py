#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: firewall
short_description: Open the cluster's ports of a host to the right hosts only
version_added: 1.0.0
description:
  - Uses the firewall that the host uses, firewalld or ufw where one of them is on, else a table of nftables.
    Rules of others stay as they are, and ports that are not named are left to them.
  - With O(phase=apply) the rules act, and go back by themselves after O(wait) seconds, unless O(phase=confirm) comes by another
    connection. Do both, with C(reset_connection) of C(ansible.builtin.meta) in between.
  - The connection that Ansible has is always let in.
extends_documentation_fragment:
  - workbench.cluster._attributes
options:
  wanted:
    description:
      - What is to be open to whom, as the role P(workbench.cluster.firewall#role) has it in C(__firewall_wanted).
    type: dict
    required: true
    suboptions:
      name:
        description: The cluster. Its rules are known by it.
        type: str
        required: true
      state:
        description: V(absent) takes all rules of this cluster away.
        type: str
        choices: [present, absent]
        required: true
      host:
        description: The inventory name of this host.
        type: str
        required: true
      members:
        description: Inventory names by what these hosts are, such as V(nodes).
        type: dict
        required: true
      sources:
        description: Addresses, networks or names by who comes from there, such as V(nodes).
        type: dict
        required: true
      services:
        description: Of which hosts (C(at)) which C(ports) are open to whom (C(from)).
        type: list
        elements: dict
        required: true
        suboptions:
          at:
            description: What the host is.
            type: str
            required: true
          ports:
            description: Ports such as V(8787/tcp) or V(8888-8999/tcp).
            type: list
            elements: str
            required: true
          from:
            description: Names of O(wanted.sources).
            type: list
            elements: str
            required: true
      others:
        description: Further addresses and networks that all of it is open to.
        type: list
        elements: str
        default: []
      ssh:
        description: Networks from which Ansible may come, beside the address from which it does.
        type: list
        elements: str
        default: []
  phase:
    description: Which of the two steps.
    type: str
    choices: [apply, confirm]
    default: apply
  wait:
    description: Seconds after which rules that are not confirmed go back.
    type: int
    default: 60
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: The rules, for a minute
  workbench.cluster.firewall: &firewall
    wanted:
      name: workbench
      state: present
      host: "{{ inventory_hostname }}"
      members: {database: [db1]}
      sources: {nodes: [192.0.2.11, 192.0.2.12]}
      services:
        - {at: database, ports: [5432/tcp], from: [nodes]}

- name: Come in anew
  ansible.builtin.meta: reset_connection

- name: The rules stay
  workbench.cluster.firewall:
    <<: *firewall
    phase: confirm
"""

RETURN = r"""
firewall:
  description: What the host uses, V(firewalld), V(ufw) or V(nftables).
  returned: with O(phase=apply)
  type: str
  sample: nftables
rules:
  description: The cluster's rules as they are wanted.
  returned: with O(phase=apply)
  type: list
  elements: str
  sample: [accept tcp 5432 192.0.2.11, drop tcp 5432 0.0.0.0/0]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.guard import apply, confirm
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.plan import plan_of
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.report import read_connection, read_report
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner

SERVICE = {
    "at": {"type": "str", "required": True},
    **{name: {"type": "list", "elements": "str", "required": True} for name in ("ports", "from")},
}
WANTED = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "required": True},
    "host": {"type": "str", "required": True},
    "members": {"type": "dict", "required": True},
    "sources": {"type": "dict", "required": True},
    "services": {"type": "list", "elements": "dict", "required": True, "options": SERVICE},
    "others": {"type": "list", "elements": "str", "default": []},
    "ssh": {"type": "list", "elements": "str", "default": []},
}


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "wanted": {"type": "dict", "required": True, "options": WANTED},
            "phase": {"type": "str", "choices": ["apply", "confirm"], "default": "apply"},
            "wait": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    wanted, run = module.params["wanted"], runner(module)
    name = wanted["name"]
    try:
        if module.params["phase"] == "confirm":
            if not module.check_mode:
                confirm(run, name, read_connection())
            module.exit_json(changed=False)
        names = [source for sources in (*wanted["sources"].values(), wanted["others"]) for source in sources]
        report = read_report(run, {"name": name, "names": names})
        plan = plan_of(wanted, report)
        if plan.changes and not module.check_mode:
            apply(run, name, plan, module.params["wait"], report["ssh"])
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    rules = [str(rule) for rule in plan.rules]
    there = [rule for ours in report["ours"].values() for rule in ours["rules"]]
    diff = {"before": "".join(f"{rule}\n" for rule in there), "after": "".join(f"{rule}\n" for rule in rules)}
    module.exit_json(changed=plan.changes, firewall=plan.firewalls[0], rules=rules, diff=diff)


if __name__ == "__main__":
    main()
