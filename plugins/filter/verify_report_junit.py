# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_report_junit`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_report_junit
short_description: A verify report as JUnit
version_added: 1.0.0
description:
  - A suite for each requirement and a case for each finding. A failure carries its remedy. What is unknown is
    an error, and skipped where C(allow_unknown) of the report's C(policy) names the requirement.
options:
  _input:
    description: A report of P(workbench.cluster.verify_report#filter).
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Write it for the CI
  ansible.builtin.copy:
    content: "{{ report | workbench.cluster.verify_report_junit }}"
    dest: report.xml
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: XML.
  type: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.junit import verify_report_junit


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_report_junit": filtered(verify_report_junit)}
