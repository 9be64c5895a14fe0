# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_verdict`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_verdict
short_description: Judge whether nodes meet the requirements of a cluster
version_added: 1.0.0
description:
  - The vendor's nine requirements in their own order ("Load Balancing / Configuration"), then those of this collection.
  - A requirement is V(fail), V(unknown) or V(pass). What could not be measured is V(unknown), and V(fail) beats V(unknown).
options:
  _input:
    description:
      - What P(workbench.cluster.verify_measured#filter) gathered.
      - Its C(policy) holds C(users), C(groups), C(paths) (directories on shared storage), C(clock_max_offset) and
        C(lock_refresh) in seconds, C(allow_unknown) (requirements whose unknown fails no run), and C(now), an ISO time.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: The cluster meets every requirement
  ansible.builtin.assert:
    that: (measured | workbench.cluster.verify_verdict).verdict == 'pass'
"""

RETURN = r"""
_value:
  description:
    - C(verdict), and C(requirements), each with C(id), C(title), C(verdict), C(source) and C(findings).
    - A finding has C(verdict) (V(note) is advice that decides nothing), C(hosts), C(what), C(measured), C(wanted), C(remedy).
    - C(tables) holds C(nodes), C(clocks), C(pairs), C(locks) and C(drift).
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import verify_verdict


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_verdict": filtered(verify_verdict)}
