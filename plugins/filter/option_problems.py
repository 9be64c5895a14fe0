# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `option_problems`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: option_problems
short_description: What is wrong with options of Workbench's files before the product is asked
version_added: 1.0.0
description:
  - Says which values could not be written so that the product reads them back, and which are of another type than the
    option has.
  - Types are those of the open source's option lists and the vendor's documents. An option that these do not name is left
    to the product's own check.
  - A value is named only where its type is a switch, a number or text that is no secret; other messages name the key alone.
options:
  _input:
    description:
      - The variables C(server_rserver_conf), C(server_load_balancer), C(server_database_conf), C(server_file_locks),
        C(server_launcher_conf), C(server_launcher_sections) and C(server_launcher_local_conf) of the role
        P(workbench.cluster.server#role), by name. Any may be absent.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: The product takes the options
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    problems: "{{ {'server_rserver_conf': {'www-thread-pool-size': 'many'}} | workbench.cluster.option_problems }}"
"""

RETURN = r"""
_value:
  description: One sentence a problem.
  type: list
  elements: str
  sample: ["www-thread-pool-size=many in server_rserver_conf: the product takes a whole number of at most ten digits."]
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import option_problems


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"option_problems": filtered(option_problems)}
