# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_report`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_report
short_description: Make the report of a verify run
version_added: 1.0.0
description:
  - The content of C(report.json), with a summary of the last 50 runs taken over from the earlier report.
  - A text that is no report starts a new history.
positional: measured, cluster, earlier
options:
  _input:
    description: What P(workbench.cluster.verify_verdict#filter) answered.
    type: dict
    required: true
  measured:
    description: What it judged.
    type: dict
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    default: workbench
  earlier:
    description: Text of the last C(report.json), empty when there is none.
    type: str
    default: ""
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Show the report
  ansible.builtin.debug:
    msg: "{{ measured | workbench.cluster.verify_verdict | workbench.cluster.verify_report(measured, 'research') }}"
"""

RETURN = r"""
_value:
  description: The report. C(schema) names the version of its shape; C(unproven) lists what makes the run fail.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import verify_report


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_report": filtered(verify_report)}
