# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `plan_keys`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_keys
short_description: Decide which keys a cluster has and which nodes lack them
version_added: 1.0.0
description:
  - Compares the keys of all members. One key found is adopted; none anywhere means that one has to be made; two
    different ones are an error, as is a member that cannot be asked when there is no key.
  - "Requirement: Admin Guide, Load Balancing / Configuration, all nodes have the same C(secure-cookie-key),
    C(launcher.pem) and C(launcher.pub)."
positional: supplied, policy, adopt_from
options:
  _input:
    description:
      - "What each member reported, C({member: {state: reachable, key_files: {…}}})."
      - C(key_files) comes from M(workbench.cluster.keys_info); a member that did not answer has C(state=unreachable).
    type: dict
    required: true
  supplied:
    description: SHA-256 of keys the user gave, C(cookie_key) and C(launcher), the latter of the private key.
    type: dict
    default: {}
  policy:
    description:
      - V(adopt) keeps the key found on the nodes and gives it to those without it; found nowhere, it is made.
      - V(fail) is V(adopt) without making one.
      - V(never) writes nothing, so all members must agree.
      - V(rotate) puts a new key, supplied or made, on all members, whatever is there.
    type: str
    choices: [never, fail, adopt, rotate]
    default: adopt
  adopt_from:
    description: The member whose keys are right where they differ.
    type: str
  present:
    description: Hosts of the run, the only ones that can be written to. A rotation has to reach all; not given, it does.
    type: list
    elements: str
  password:
    description:
      - What it means that no member has a database password that can be read.
      - V(known), nothing, because it is given or not needed.
      - V(make), that one is made, unless a member has one encrypted with a key that is gone.
      - V(find), that one is missing, because the server is not ours and knows only its own.
    type: str
    choices: [known, make, find]
    default: known
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Decide which keys the cluster has
  ansible.builtin.set_fact:
    plan: "{{ states | workbench.cluster.plan_keys(policy='adopt') }}"
  vars:
    states:
      node1: {state: reachable, key_files: "{{ hostvars.node1.report.key_files }}"}
      node2: {state: unreachable}
"""

RETURN = r"""
_value:
  description:
    - C(cookie_key) and C(launcher), each with C(action) (V(keep), V(adopt), V(supplied) or V(generate)), C(source) (the
      member whose key it is), C(sha256) and C(write_to) (members that lack it). C(launcher.pair) is the state of the
      pair at its source.
    - C(database_conf.source), the member whose database password can be read, C(database_conf.key_source), the member
      whose cookie key decrypts it, and C(sources), members to read from.
    - Each entry of C(errors) is a sentence with members and fingerprints that ends in what resolves it.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import plan_keys


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_keys": filtered(plan_keys)}
