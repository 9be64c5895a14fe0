# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `callback_address`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: callback_address
short_description: Where sessions on a node call its Workbench back
version_added: 1.0.0
description:
  - The URL at which a server with these options of C(rserver.conf) listens, for C(launcher-sessions-callback-address).
  - With C(ssl-enabled) it is C(https), and the port V(443) unless C(www-port) says another; without it V(8787).
  - The host is C(www-address), or the loopback address where the server listens on all.
options:
  _input:
    description: Options of C(rserver.conf) by key, as P(workbench.cluster.to_conf#filter) takes them.
    type: dict
    required: true
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Show where sessions call back
  ansible.builtin.debug:
    msg: "{{ {'ssl-enabled': true} | workbench.cluster.callback_address }}"
# https://127.0.0.1:443
"""

RETURN = r"""
_value:
  description: The URL.
  type: str
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.callback import callback_address


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"callback_address": filtered(callback_address)}
