# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: member_versions
short_description: Members of a cluster by the version they have
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Puts together which version of the product each member has.
  - Members without the product, and those not asked, are left out.
options:
  _input:
    description: What P(workbench.cluster.member_reports#filter) gives for M(workbench.cluster.cluster_info), key C(cluster).
    type: dict
    required: true
"""

EXAMPLES = """
- name: All nodes have one version
  ansible.builtin.assert:
    that: reports | workbench.cluster.member_versions | length <= 1
  vars:
    reports: "{{ groups['workbench_nodes'] | workbench.cluster.member_reports(hostvars, 'found', 'cluster') }}"
"""

RETURN = """
_value:
  description: Inventory names by version.
  type: dict
  sample: {2026.04.0+526.pro2: [wb1, wb2], 2026.07.0+139.pro9: [wb3]}
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import member_versions


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"member_versions": member_versions}
