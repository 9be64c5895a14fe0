# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_peers`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_peers
short_description: Where the members of a cluster must reach each other
version_added: 1.0.0
description:
  - For each member the name or address it advertises, and the ports of its server and launcher, as its configuration says.
  - "Admin Guide, Load Balancing / Configuration: www-host-name, else www-address, else the hostname."
options:
  _input:
    description: What P(workbench.cluster.verify_measured#filter) gathered.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: See where the members are to be reached
  ansible.builtin.debug:
    msg: "{{ measured | workbench.cluster.verify_peers }}"
"""

RETURN = r"""
_value:
  description: C(name), C(host) and C(ports) of each member.
  type: list
  elements: dict
  sample: [{name: node1, host: 10.0.0.11, ports: [5559, 8787]}]
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.measured import verify_peers


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_peers": filtered(verify_peers)}
