# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of Workbench."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import client_copies
from ansible_collections.workbench.cluster.plugins.plugin_utils._protocol import protocol_change


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            "to_conf": filtered(to_conf),
            "to_sectioned_conf": filtered(to_sectioned_conf),
            "_protocol_change": filtered(protocol_change),
            "_client_copies": filtered(client_copies),
        }
