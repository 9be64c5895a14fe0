# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_summary`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_summary
short_description: A verify report in lines
version_added: 1.0.0
description: One line a requirement, in columns; then what to do about each failure and unknown; then the verdict.
options:
  _input:
    description: A report of P(workbench.cluster.verify_report#filter).
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ report | workbench.cluster.verify_summary }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.console import verify_summary


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_summary": filtered(verify_summary)}
