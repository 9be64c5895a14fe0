# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: replace_db_password
short_description: Another stored password in a database.conf that is otherwise kept
version_added: 1.0.0
author: [The workbench.cluster founders]
description:
  - A new cookie key makes a stored password unreadable. With this both are replaced in one step, so that a run cut off in
    between loses no password.
positional: password
options:
  _input:
    description: Base64 of the file C(database.conf).
    type: str
    required: true
  password:
    description: The password as it is to be stored, from P(workbench.cluster.encrypt_db_password#filter).
    type: str
    required: true
"""

EXAMPLES = """
- name: Keep the password under a new key
  ansible.builtin.set_fact:
    database_conf: "{{ revealed.database_conf | workbench.cluster.replace_db_password(ciphertext) }}"
  no_log: true
"""

RETURN = """
_value:
  description: Base64 of the file with the new password; unchanged where it has none.
  type: str
"""

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import replace_password
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered


def replace_db_password(text: str, password: str) -> str:
    return base64.b64encode(replace_password(base64.b64decode(text), password)).decode("ascii")


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"replace_db_password": filtered(replace_db_password)}
