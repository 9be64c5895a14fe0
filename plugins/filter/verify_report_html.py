# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `verify_report_html`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verify_report_html
short_description: A verify report as a page
version_added: 1.0.0
description: One page without network, scripts or fonts of its own, for screens, light or dark, and for paper.
options:
  _input:
    description: A report of P(workbench.cluster.verify_report#filter).
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ report | workbench.cluster.verify_report_html }}"
    dest: report.html
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: HTML.
  type: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.html import verify_report_html


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"verify_report_html": filtered(verify_report_html)}
