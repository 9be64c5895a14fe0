# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restart nodes, one after the other or all together. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import (
    Decision,
    Told,
    chosen_nodes,
    ending,
    how_it_is,
    nobody_left,
    seconds_for,
    step,
    unlisted,
    untold_sessions,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import State


def restart(state: State, told: Told) -> Decision:
    nodes, together = chosen_nodes(state, told), told.options["restart"] == "at_once"
    notes = {node.host: ["is not installed yet"] for node in nodes if not node.installed}
    down = [node for node in nodes if node.installed and not node.is_running]
    # Those that do not run first: people have them while the others restart.
    nodes = [*down, *(node for node in nodes if node.is_running)]
    problems = [*unlisted(nodes), *untold_sessions(nodes)]
    # All together is a choice by which nobody is left.
    problems += [] if together else nobody_left(state, told, nodes, down)
    changes = [
        step(
            "restart",
            node,
            f"restarts {SERVER}, rstudio-launcher" if node.is_running else "starts",
            how_it_is(node),
            ending(node, told.options),
        )
        for node in nodes
    ]
    return Decision(problems, changes, notes, seconds_for(told.options), together)
