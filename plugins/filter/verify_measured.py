# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_measured`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_measured
short_description: What the role verify measured on all members
version_added: 1.0.0
description:
  - Collects what the hosts of a run registered, for P(workbench.cluster.verify_verdict#filter). It reads C(__verify_node),
    C(__verify_peers), C(__verify_clock), C(__verify_cluster) and C(__verify_lock_<step>), of the preflight C(__verify_facts) and
    C(__verify_listeners). Of hosts without a report it reads C(server_rserver_conf) and C(server_launcher_conf), for the ports.
positional: hostvars, policy
options:
  _input:
    description: Inventory names of all members.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  policy:
    description: What to judge by, see P(workbench.cluster.verify_verdict#filter).
    type: dict
    default: {}
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Judge the cluster
  ansible.builtin.debug:
    msg: "{{ verify_members | workbench.cluster.verify_measured(hostvars, policy) | workbench.cluster.verify_verdict }}"
  vars:
    policy: {paths: [/nfs/workbench/home], now: "{{ now(utc=true).isoformat() }}"}
"""

RETURN = r"""
_value:
  description: >-
    C(members), C(unreachable), C(outside) (of the run), C(failures), C(addresses), C(node), C(clock), C(cluster), C(facts),
    C(listeners), C(planned), C(locks), C(lock_times) (C(refresh) and C(timeout) as C(file-locks) of the first that answered says,
    seconds) and C(policy). A member that did not answer is in none of the maps.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.measured import verify_measured


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_measured": verify_measured}
