# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_status`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_status
short_description: The state of a cluster in lines
version_added: 1.0.0
description: A table of the nodes from C(list-nodes), C(/load-balancer/status) and their services; then what is wrong.
options:
  _input:
    description:
      - What P(workbench.cluster.verify_measured#filter) gathered. The reports of M(workbench.cluster.cluster_info) suffice.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Show the cluster
  ansible.builtin.debug:
    msg: "{{ (measured | workbench.cluster.verify_status).lines }}"
"""

RETURN = r"""
_value:
  description: C(verdict), V(pass), V(fail) or V(unknown), and C(lines).
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.status import verify_status


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_status": filtered(verify_status)}
