# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_preflight`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_preflight
short_description: Judge hosts before the first build
version_added: 1.0.0
description:
  - System, memory, disk, names, ports, the way to the database and to the storage, and clocks.
positional: cluster
options:
  _input:
    description:
      - What P(workbench.cluster.verify_measured#filter) gathered, with facts of C(ansible.builtin.setup) and the listeners that
        C(ss -ltnp) shows.
      - Its C(policy) holds C(min_memory) and C(min_disk) in MB, C(managed) (which of V(database server) and V(file server)
        are built by the collection and need not run yet), C(clock_max_offset) in seconds, C(allow_unknown) and
        C(now), an ISO time.
    type: dict
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    default: workbench
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: The hosts are fit for a cluster
  ansible.builtin.assert:
    that: (measured | workbench.cluster.verify_preflight).verdict != 'fail'
"""

RETURN = r"""
_value:
  description: >-
    C(verdict), C(unproven) (what fails, or is unknown and not allowed to be), C(requirements) with their
    C(findings), and C(lines) for the console.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.preflight import verify_preflight


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_preflight": filtered(verify_preflight)}
