# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `to_sectioned_conf`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: to_sectioned_conf
short_description: Write sections as a configuration file of the Workbench launcher
version_added: 1.0.0
description:
  - Writes C([name]) and C(key=value) lines for C(launcher.conf) and its like.
  - A list value repeats its key, booleans are V(1) and V(0), an unset value leaves its key out.
  - A value the product could not read back is refused with its key. That is one with a line break, C(#) or C("),
    or with a blank at either end.
  - "What the product's parsers do with these: Admin Guide, Configuration; C(rserver.conf) keeps quotes,
    C(database.conf) drops them."
positional: variable
options:
  _input:
    description:
      - "Sections in order, each C({name, options}). A name may come more than once."
      - C(kept) of a section, which may be absent, has options that were found on a node and are kept, as
        P(workbench.cluster.to_conf#filter) writes them.
    type: list
    elements: dict
    required: true
  variable:
    description: Name of the variable that changes the file. The first line then says so, and who manages the file.
    type: str
    default: ""
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Show a file
  ansible.builtin.debug:
    msg: "{{ sections | workbench.cluster.to_sectioned_conf }}"
  vars:
    sections:
      - {name: server, options: {address: 0.0.0.0, port: 5559}}
      - {name: cluster, options: {name: Local, type: Local}}
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"to_sectioned_conf": filtered(to_sectioned_conf)}
