# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests under the key of a run: two sides that have it can compare what neither shows the other. Pure."""

from __future__ import annotations

import hmac
import json
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import canonical


def digest(key: str, content: bytes) -> str:
    """64 hexadecimal digits of the bytes of a file."""
    return digest_of(key, [content])


def digest_of(key: str, parts: t.Iterable[bytes]) -> str:
    """The same of a file that comes in parts."""
    made = hmac.new(key.encode(), digestmod="sha256")
    for part in parts:
        made.update(part)
    return made.hexdigest()


def sense(key: str, name: str, content: bytes) -> str | None:
    """A digest of what the product reads from a file of this name, `None` where its grammar is not sure.

    Two texts have the same if `grammar.says_the_same` says so.
    """
    read = canonical(name, content)
    return None if read is None else digest(key, json.dumps(read, sort_keys=True).encode())
