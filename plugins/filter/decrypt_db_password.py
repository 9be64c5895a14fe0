# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `decrypt_db_password`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: decrypt_db_password
short_description: Decrypt the database password of Workbench
version_added: 1.0.0
description:
  - Reads the C(password) of C(database.conf), in the form with a fingerprint and in the bare form of 1.4 to 2021.
  - Text without a fingerprint that does not decrypt is the password itself, as the product takes it.
  - Fails with both fingerprints when the text was encrypted with another key.
positional: key
options:
  _input:
    description: The stored password.
    type: str
    required: true
  key:
    description: The bytes of the file C(secure-cookie-key), base64 encoded. A final newline is part of the key.
    type: str
    required: true
requirements:
  - cryptography
seealso:
  - plugin: workbench.cluster.encrypt_db_password
    plugin_type: filter
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Find the password that is in use
  ansible.builtin.set_fact:
    password: "{{ stored | workbench.cluster.decrypt_db_password(keys.cookie_key) }}"
  no_log: true
"""

RETURN = r"""
_value:
  description: The password.
  type: str
"""

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered


def decrypt_db_password(text: str, key: str) -> str:
    return decrypt(text, base64.b64decode(key))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"decrypt_db_password": filtered(decrypt_db_password)}
