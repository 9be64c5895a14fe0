# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of a cluster."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import first_known
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import member_versions, own_addresses


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            "_first_known": filtered(first_known),
            "_member_addresses": filtered(own_addresses),
            "_member_versions": filtered(member_versions),
        }
