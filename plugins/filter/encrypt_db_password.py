# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `encrypt_db_password`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: encrypt_db_password
short_description: Encrypt the database password as Workbench does
version_added: 1.0.0
description:
  - Does on the controller what C(rstudio-server encrypt-password) does on a node.
  - Every encryption gives another text. With O(current) the text in use is kept as long as it says the same.
positional: key, current
options:
  _input:
    description: The password.
    type: str
    required: true
  key:
    description:
      - The bytes of the file C(secure-cookie-key), base64 encoded. A final newline is part of the key.
      - Fails for fewer than 32 bytes.
    type: str
    required: true
  current:
    description:
      - The stored password as found in C(database.conf).
      - Returned unchanged when it was encrypted with O(key) and says the same password.
    type: str
requirements:
  - cryptography
seealso:
  - plugin: workbench.cluster.decrypt_db_password
    plugin_type: filter
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Store the password encrypted
  ansible.builtin.set_fact:
    stored: "{{ password | workbench.cluster.encrypt_db_password(keys.cookie_key, current=stored_now) }}"
  no_log: true
"""

RETURN = r"""
_value:
  description: The text for C(password) in C(database.conf).
  type: str
"""

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import encrypt
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered


def encrypt_db_password(password: str, key: str, current: str | None = None) -> str:
    return encrypt(password, base64.b64decode(key), current)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"encrypt_db_password": filtered(encrypt_db_password)}
