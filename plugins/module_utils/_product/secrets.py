# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints in place of secrets. Pure."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import SWITCHES

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options

SECRETS = ("pass", "pwd", "secret", "token", "credential", "apikey")
USER_INFO = re.compile(r"://([^:/@\s]*):(\S*)@")
QUERY = re.compile(r"([?&](?:ssl)?password=)([^&\s]*)")


def fingerprint(data: bytes) -> str:
    """What stands in for a secret where it can be seen: `sha256:` and twelve hex digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()[:12]}"


def without_secrets(name: str, options: Options) -> Options:
    """The options of a file as they may be shown. What a variable of `env-vars` holds nobody can tell by its name."""
    if name == "env-vars":
        return {key: [fingerprint(value.encode()) for value in values] for key, values in options.items()}
    return {key: [shown(key, value) for value in values] for key, values in options.items()}


def shown(key: str, value: str) -> str:
    """A value as it may be shown: secrets, and passwords in URIs, by their fingerprint."""
    if is_secret(key, value):
        return fingerprint(value.encode())
    masked = USER_INFO.sub(lambda found: f"://{found.group(1)}:{fingerprint(found.group(2).encode())}@", value)
    return QUERY.sub(lambda found: found.group(1) + fingerprint(found.group(2).encode()), masked)


def is_secret(key: str, value: str) -> bool:
    """Whether the value of an option, by its name, is one that nobody may see."""
    words = re.split(r"[-_.]", key.lower())
    if words == ["password"]:
        return bool(value)
    if value.lower() in SWITCHES:  # auth-encrypt-password=1
        return False
    if words[-1] in ("file", "path"):  # where the secret is
        return False
    return any(word in key.lower() for word in SECRETS) or (words[-1] == "key" and not value.startswith("/"))
