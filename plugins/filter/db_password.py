# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password of the database, as Workbench stores it."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import (
    decrypt,
    encrypt,
    replace_password,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered


def encrypt_db_password(password: str, key: str, current: str | None = None) -> str:
    return encrypt(password, base64.b64decode(key), current)


def decrypt_db_password(text: str, key: str) -> str:
    return decrypt(text, base64.b64decode(key))


def replace_db_password(text: str, password: str) -> str:
    return base64.b64encode(replace_password(base64.b64decode(text), password)).decode("ascii")


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            "encrypt_db_password": filtered(encrypt_db_password),
            "decrypt_db_password": filtered(decrypt_db_password),
            "_replace_db_password": filtered(replace_db_password),
        }
