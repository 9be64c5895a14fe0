# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring all nodes to another release, and back to the former one while the database is still that one's. Pure.

The vendor advises to take all nodes offline: nodes of two releases "may cause brief glitches", and the first that starts with
the newer one moves the database's schema, one way. Which releases share a schema is not documented; those of one line, as of
2026.04, are taken to. A run that was cut off is told by the records that nodes keep.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product import releases
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import UpgradeRecord
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import PlannedChange
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
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed

# Of operate_former_package: an upgrade that cannot go back.
NONE = "none"


def upgrade(state: State, told: Told) -> Decision:
    target, rolling = told.options["version"], told.options["upgrade"] == "rolling"
    nodes = [node for node in chosen_nodes(state, told) if node.installed]
    changing = [node for node in nodes if _differs(node, told)]
    # Those that have a record of an upgrade are not done before it is put away.
    acting = [node for node in nodes if node in changing or _record(node, told)]
    if not target:
        said = "upgrade brings all nodes to server_version, which says nothing: set it to the release that they are to have."
        return Decision([said], [], {})
    # One that went offline for it may show its sessions on no page; it ends them all the same.
    fresh = [node for node in changing if not _record(node, told)]
    problems = [*_untold(nodes, told), *unlisted(acting), *untold_sessions(fresh), *_others(state, told, changing)]
    problems += [*_wrong_way(acting, told), *_unrecorded(changing, told)]
    drained = [node.host for node in acting if _was_drained(node, told)]
    # Those that went for an upgrade that was cut off.
    gone = [node for node in acting if _record(node, told) and not node.has_people and node.host not in drained]
    if rolling:
        problems += [*_one_line(acting, told), *nobody_left(state, told, changing, gone)]
    # The first starts alone, and people come to it.
    ordered = sorted(
        acting,
        key=lambda node: (node.host in drained, node not in gone, node in changing and not node.has_people),
    )
    former = _former(acting, told)
    leads_back = (
        bool(former) and former != target and told.options["former_package"] != NONE and not _moved(state, told)
    )
    changes = [_step(node, told, number == 0 and not rolling) for number, node in enumerate(ordered)]
    notes = {node.host: [f"has {target}"] for node in nodes if node not in acting}
    notes.update({node.host: ["is not installed yet"] for node in state.members if not node.installed})
    return Decision(
        problems,
        changes,
        notes,
        # It goes offline, and comes online.
        seconds_for(told.options) + told.options["wait"],
        together=not rolling,
        plays={"first": [] if rolling else [node.host for node in ordered[:1]]},
        warning=_warning(former, target, leads_back, rolling) if acting else "",
        upgrade={
            "target": target,
            "former": former if leads_back else "",
            "hosts": [node.host for node in changing],
            "drained": drained,
        },
    )


def _step(node: NodeState, told: Told, first: bool) -> PlannedChange:
    target = told.options["version"]
    what = f"{node.version or 'an unknown version'} → {target}" if _differs(node, told) else "its upgrade is completed"
    stops = _differs(node, told) and node.is_running
    interrupts = "" if not stops else "its sessions end" if node.users is None else ending(node, told.options)
    return step("upgrade", node, what + (", starts first, alone" if first else ""), how_it_is(node), interrupts)


def _warning(former: str, target: str, leads_back: bool, rolling: bool) -> str:
    if former == target:
        back = f"The nodes go back to {target}: the database has its schema."
    elif leads_back:
        back = f"If it fails before the database's schema has moved, the nodes go back to {former}."
    else:
        back = "If it fails, nothing leads back by itself."
    people = "" if rolling else " Nobody can work until the first node is Online."
    return (
        f"{back} Back up the database before (playbook backup): a schema moves one way.{people} "
        "The seconds are without those in which packages are installed."
    )


def _record(node: NodeState, told: Told) -> UpgradeRecord | None:
    found = told.upgrades.get(node.host)
    return found["record"] if found else None


def _differs(node: NodeState, told: Told) -> bool:
    found = told.upgrades.get(node.host)
    return node.version != told.options["version"] or (found is not None and found["package"]["state"] != "installed")


def _was_drained(node: NodeState, told: Told) -> bool:
    record = _record(node, told)
    return record["drained"] if record else node.is_offline


def _former(acting: t.Sequence[NodeState], told: Told) -> str:
    """The version that all had before, empty where there is none."""
    found = {record["former"] if (record := _record(node, told)) else node.version for node in acting}
    return str(found.pop()) if len(found) == 1 and None not in found else ""


def _numbers(version: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", version)]


def _wrong_way(acting: t.Sequence[NodeState], told: Told) -> t.Iterator[str]:
    target = told.options["version"]
    before = sorted({record["former"] if (record := _record(node, told)) else str(node.version) for node in acting})
    for node in acting:
        record = _record(node, told)
        if record and target not in (record["former"], record["target"]):
            yield (
                f"{node.host} is on its way from {record['former']} to {record['target']}, and server_version={target}: "
                "finish that, or go back, first."
            )
        elif record and target == record["former"]:
            yield from _went_on(node, record, told)
        elif not record and node.version and _numbers(node.version) > _numbers(target):
            yield f"{node.host} has {node.version}, and server_version={target} is older: no release's schema leads back."
    if len(before) > 1:
        yield f"The nodes have different versions, {listed(before)}: bring those that are behind to one of them first."


def _went_on(node: NodeState, record: UpgradeRecord, told: Told) -> t.Iterator[str]:
    """Why a node may not go back to what it had."""
    now = told.upgrades[node.host]["schema"]
    if record["schema"] is None or now != record["schema"]:
        was, is_ = record["schema"] or "not told", now or "not told"
        yield (
            f"{node.host} cannot go back to {record['former']}: the database's schema was {was}, and is {is_}. Restore "
            "the database as it was before the upgrade, with all nodes stopped, and run this again."
        )


def _moved(state: State, told: Told) -> bool:
    """Whether a node runs with the target, which has moved the schema then."""
    return any(node.is_running and node.version == told.options["version"] for node in state.members)


def _untold(nodes: t.Sequence[NodeState], told: Told) -> t.Iterator[str]:
    for node in nodes:
        if node.host not in told.upgrades:
            yield f"Whether an upgrade of {node.host} is under way cannot be told: see what the node said when it was asked."


def _unrecorded(changing: t.Sequence[NodeState], told: Told) -> t.Iterator[str]:
    """Where it could not be told afterwards whether something leads back."""
    for node in changing if told.options["former_package"] != NONE else ():
        found = told.upgrades.get(node.host)
        if found and found["schema"] is None:
            yield (
                f"Whether {node.host} could go back cannot be told: {found['error']} Mend it, or do without a way back: "
                f"-e operate_former_package={NONE}."
            )


def _others(state: State, told: Told, changing: t.Sequence[NodeState]) -> t.Iterator[str]:
    """Nodes that would go on with another release than the rest."""
    if not changing:
        return
    for node in state.nodes:
        reached = [asker for asker, flag in node.seen["flags"].items() if flag != "unreachable"]
        left = node.seen["member"] and not node.unread and node.host not in told.chosen and node.installed
        if left and node.version != told.options["version"]:
            yield f"{node.host} is not in this run, and would stay at {node.version}; all need one: leave --limit out."
        elif (node.unread or not node.seen["member"]) and reached:
            yield (
                f"{node.host} is left out, and lives: {listed(reached)} reaches it. It would go on with another version than the "
                "rest: stop it, or have it in the inventory."
            )


def _one_line(acting: t.Sequence[NodeState], told: Told) -> t.Iterator[str]:
    target = told.options["version"]
    for version in sorted({node.version for node in acting if node.version}):
        if releases.number(version) != releases.number(target):
            yield (
                f"{version} and {target} are of different lines, whose schemas may differ: nodes of both cannot run beside each "
                "other. Leave operate_upgrade=rolling out."
            )
