# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two texts of a file, in words. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import grammar
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import without_secrets
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options

NAMED = 3


def differences(name: str, before: str, after: str) -> str:
    """Which options of a file of this name differ, without secrets; where none does, that the texts do."""
    parse = grammar(name)
    options = _options(without_secrets(name, parse(before)), without_secrets(name, parse(after))) if parse else []
    return few(options) or "differs"


def _options(were: Options, now: Options) -> list[str]:
    said = []
    for key in [*now, *(key for key in were if key not in now)]:
        old, new = (", ".join(options.get(key, [])) for options in (were, now))
        if key not in were:
            said.append(f"with {key} {new}".rstrip())
        elif key not in now:
            said.append(f"without {key}")
        elif old != new:
            said.append(f"{key} {old} → {new}")
    return said


def few(said: t.Sequence[str]) -> str:
    """The first of many, and how many more there are."""
    more = len(said) - NAMED
    return ", ".join([*said[:NAMED], *([f"{more} more"] if more > 0 else [])])
