# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: supplied_problems
short_description: What is wrong with keys and a database password given by the user
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - A cookie key has at least 32 bytes; the launcher's private key loads, is RSA and has no passphrase; all are text.
  - The sentences hold no value, so they may be shown where tasks that carry the values are censored.
options:
  _input:
    description: What was given for C(cookie_key), C(launcher) (the private key) and C(database_password), empty where none is.
    type: dict
    required: true
requirements:
  - cryptography
"""

EXAMPLES = """
- name: Supplied keys can be used
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    problems: "{{ {'cookie_key': given_key, 'launcher': '', 'database_password': ''} | workbench.cluster.supplied_problems }}"
"""

RETURN = """
_value:
  description: One sentence a problem, with the role's variable.
  type: list
  elements: str
  sample: ["keys_cookie_key has 21 bytes; Workbench wants at least 32."]
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.keys import supplied_problems


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"supplied_problems": filtered(supplied_problems)}
