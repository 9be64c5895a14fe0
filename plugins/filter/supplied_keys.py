# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: supplied_keys
short_description: Fingerprints of keys given by the user
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - Turns given keys into the SHA-256 by which they are compared with those of the nodes; decisions handle no value.
options:
  _input:
    description: Text of the keys by name, C(cookie_key) and C(launcher) (the private key); empty where none is given.
    type: dict
    required: true
"""

EXAMPLES = """
- name: Compare a given key with those of the nodes
  ansible.builtin.debug:
    msg: "{{ {'cookie_key': given_key, 'launcher': ''} | workbench.cluster.supplied_keys }}"
  no_log: true
"""

RETURN = """
_value:
  description: SHA-256 in hex by name, of those that were given.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.key_values import supplied_fingerprints


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"supplied_keys": filtered(supplied_fingerprints)}
