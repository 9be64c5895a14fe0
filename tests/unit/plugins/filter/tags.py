# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters as a template calls them: by name, with values as ansible-core tags them."""

from __future__ import annotations

import types
import typing as t

from ansible.template import trust_as_template


def load_filters(*plugins: types.ModuleType) -> dict[str, t.Callable[..., t.Any]]:
    """The filters of these plugins by their names."""
    return {name: call for plugin in plugins for name, call in plugin.FilterModule().filters().items()}


def tagged(value: t.Any) -> t.Any:
    """`value` with every text in it tagged, as text from an inventory is."""
    if isinstance(value, dict):
        return {tagged(key): tagged(item) for key, item in value.items()}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value
