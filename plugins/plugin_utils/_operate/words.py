# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a verb as people read it, in the form of the plan of `site`. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import left_alone, table
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import State
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.verbs import CONFIRMED
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed


def plan_lines(cluster: str, verb: str, state: State, decision: Decision) -> list[str]:
    members = [node.host for node in state.members]
    return [
        f"PLAN {cluster}, {verb}: {counted(len(members), 'node')}",
        *table(decision.changes, {"nodes": members}, members),
        *left_alone(decision.notes),
        *([f"  {decision.warning}"] if decision.warning else []),
        f"  {_sum(state, decision)}",
    ]


def unconfirmed(verb: str, decision: Decision, confirmed: str) -> str:
    """The sentence that asks for a confirmation; empty where none is missing."""
    if verb not in CONFIRMED or not decision.changes or confirmed == verb:
        return ""
    return f"{verb} cannot be undone, and nothing was done. Confirm what is planned: -e operate_confirmed={verb}."


def _sum(state: State, decision: Decision) -> str:
    if not decision.changes:
        return "Nothing to do."
    hosts = list(dict.fromkeys(change["host"] for change in decision.changes))
    how = "" if len(hosts) == 1 else " all together," if decision.together else " one after the other,"
    each = "" if len(hosts) == 1 else " each"
    most = f"at most {decision.seconds} s{each}" if decision.seconds else "and what the plan of site says"
    kind = "node" if set(hosts) <= {node.host for node in state.members} else "host"
    words = f"{counted(len(decision.changes), 'step')} on {counted(len(hosts), kind)},{how} {most}."
    touched = decision.leaving if decision.rows and not decision.together else hosts
    kept = [node.host for node in state.members if node.has_people and node.host not in touched]
    return f"{words} People have {listed(kept)} meanwhile." if kept else words


def what_is_left(cluster: str, decision: Decision) -> list[str]:
    """What nobody but the admin can do once nodes have left."""
    if not decision.leaving:
        return []
    names, them = listed(decision.leaving), "it" if len(decision.leaving) == 1 else "them"
    said = [
        f"Take {names} out of {cluster}_nodes in the inventory, and out of every variable that names {them}: "
        f"the next run of site would build {them} again."
    ]
    dead = [host for host in decision.leaving if host in decision.notes]
    if dead:
        said.append(
            f"{listed(dead)} was not touched. Should it come back, stop rstudio-server there at once: it has the keys of the "
            "cluster. A licence activated there is given back on the vendor's page only."
        )
    return said
