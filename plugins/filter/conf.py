# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of Workbench."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import services
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import entries
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.callback import callback_address
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import (
    client_copies,
    database_options,
    login_question,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.load_balancer import (
    known_options,
    load_balancer,
    node_addresses,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.plugin_files import plugin_files
from ansible_collections.workbench.cluster.plugins.plugin_utils._protocol import protocol_change


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            "to_conf": filtered(to_conf),
            "to_sectioned_conf": filtered(to_sectioned_conf),
            "_callback_address": filtered(callback_address),
            "_protocol_change": filtered(protocol_change),
            "_database_options": filtered(database_options),
            "_client_copies": filtered(client_copies),
            "_login_question": filtered(login_question),
            "_known_options": filtered(known_options),
            "_load_balancer": filtered(load_balancer),
            "_node_addresses": filtered(node_addresses),
            "_plugin_files": filtered(plugin_files),
            "_config_entries": filtered(entries),
            "_config_services": filtered(services),
        }
