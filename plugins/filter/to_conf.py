# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `to_conf`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: to_conf
short_description: Write options as a configuration file of Workbench
version_added: 1.0.0
description:
  - Writes C(key=value) lines for C(rserver.conf), C(load-balancer), C(database.conf), C(file-locks) and their like.
  - A list value repeats its key, booleans are V(1) and V(0), an unset value leaves its key out.
  - A value the product could not read back is refused with its key. That is one with a line break, C(#) or C("),
    or with a blank at either end.
  - "What the product's parsers do with these: Admin Guide, Configuration; C(rserver.conf) keeps quotes,
    C(database.conf) drops them."
positional: variable, kept
options:
  _input:
    description: Options by key, written in their order.
    type: dict
    required: true
  variable:
    description:
      - Name of the variable that changes the file. The first line then says so, and who manages the file, as
        P(workbench.cluster.config_files#module) looks for it.
    type: str
    default: ""
  kept:
    description:
      - Options that were found on a node and are kept. They stand last, below a line that says so, in place of those of the
        same name.
    type: dict
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Show a file
  ansible.builtin.debug:
    msg: "{{ {'load-balancing-enabled': true, 'www-port': 8787} | workbench.cluster.to_conf }}"
# load-balancing-enabled=1
# www-port=8787
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"to_conf": filtered(to_conf)}
