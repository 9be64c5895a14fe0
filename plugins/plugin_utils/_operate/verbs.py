# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verb would do to which node, in which order, and why it may not. Pure.

A verb is a function of the nodes it was told, `chosen`, and of the state of all, in a file of its own. What all have in common,
that nobody acts on what cannot be read, stands here.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.add import add
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision, Told, Verb
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.drain import drain, undrain
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.forget import forget
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.remove import remove
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.reset import reset
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.restart import restart
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.rotate import rotate
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import State
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.teardown import teardown
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.upgrade import upgrade

VERBS: t.Mapping[str, Verb] = {
    "drain_node": drain,
    "undrain_node": undrain,
    "restart": restart,
    "forget_stale_nodes": forget,
    "rotate_keys": rotate,
    "reset_storage": reset,
    "upgrade": upgrade,
    "add_node": add,
    "remove_node": remove,
    "teardown": teardown,
}
# Those that cannot be undone, and so are done only when they are confirmed by name.
CONFIRMED = ("forget_stale_nodes", "rotate_keys", "reset_storage", "upgrade", "remove_node", "teardown")
# Those that take their nodes by operate_nodes, for they touch other hosts as well.
NAMING = ("add_node", "remove_node")
# Those that need no list of the cluster where no server runs any more.
ENDING = ("teardown",)


def decide(verb: str, state: State, told: Told) -> Decision:
    """What the verb does; only what is wrong where it may not."""
    listing = [state.problem] if state.problem else []
    if verb in ENDING and not any(node.is_running for node in state.members):
        listing = []
    problems = [*_unread(verb, state, told), *listing]
    found = VERBS[verb](state, told)
    problems += [problem for problem in found.problems if problem not in problems]
    return Decision(problems, [], {}) if problems else found


def _unread(verb: str, state: State, told: Told) -> t.Iterator[str]:
    for node in state.members:
        if node.unread and node.host in told.options["without"]:
            if node.host in told.chosen and verb not in NAMING:
                yield f"{node.host} is to be left out (operate_without), and was chosen: leave it out of --limit."
        elif node.unread:
            yield (
                f"The state of {node.host} cannot be read: {node.unread}. Mend it, or have the run go on without it: "
                f'-e \'{{"operate_without": ["{node.host}"]}}\'.'
            )
