# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where locks are tried. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence


def lock_home(e: Evidence, user: str) -> str:
    """The home of a user on the first node that answered; empty without such a user."""
    first = next(iter(e.nodes.values()), None)
    accounts = first.get("accounts") if first else None
    account = accounts["users"].get(user) if accounts else None
    return account["home"] if account else ""


def lock_paths(home: str, paths: t.Iterable[str]) -> list[str]:
    """Locks are tried in the user's own home, as the product does, and in the shared directories that are not above it."""
    roots = [path.rstrip("/") or "/" for path in paths]
    return [home, *(root for root in roots if not under(home, root))] if home else roots
