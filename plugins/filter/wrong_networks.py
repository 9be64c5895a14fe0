# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: wrong_networks
short_description: Which of some texts are no networks
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Finds what is neither an IP address nor a network with a prefix, such as V(10.0.0.0/24) or V(2001:db8::/32).
  - A network may be written with any address in it.
options:
  _input:
    description: What should be networks.
    type: list
    elements: str
    required: true
"""

EXAMPLES = """
- name: All are networks
  ansible.builtin.assert:
    that: clock_serve_networks | workbench.cluster.wrong_networks | length == 0
"""

RETURN = """
_value:
  description: Those that are not, in the order of the input.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.networks import wrong_networks


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"wrong_networks": filtered(wrong_networks)}
