# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take everything away that we made, and nothing else. Pure. Cut off, what is left on the hosts says what is left to do.

What can be told to be ours goes: files that say so, mounts and rules that are word for word ours, rows, seats. What cannot,
keys, packages, the database, goes on request; accounts and homes where each user is named.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.licence import MARK
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.plan import PlannedChange, planned_change
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import (
    Decision,
    Taken,
    Told,
    ending,
    how_it_is,
    row_of,
    seconds_for,
    step,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.made import HostMade
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import NodeState, State
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed

VERB, EXPORTS = "teardown", "/etc/exports.d/workbench.exports"
KEYS, DATABASE, PACKAGES = "keys", "database", "packages"


def teardown(state: State, told: Told) -> Decision:
    nodes = [node for node in state.members if not node.unread and not told.made[node.host].outside]
    asked = told.options["teardown"]
    staying = [host for host, made in told.made.items() if made.mounts["stays"]]
    silent = [node.host for node in state.members if node.unread]
    kept = [host for host, made in told.made.items() if EXPORTS in made.made["goes"] and (staying or silent)]
    running = [node for node in nodes if node.is_running]
    forgotten = [node for node in nodes if node.seen["id"] is not None and node not in running[:1]]
    rows = [row_of(node) for node in forgotten] if running and DATABASE not in asked else []
    changes = [step(VERB, node, "stops, for good", how_it_is(node), ending(node, told.options)) for node in running]
    if rows:
        gone = listed(str(row["id"]) for row in rows)
        change = Change(f"rows {gone} are deleted", "of nodes that stopped")
        changes.append(planned_change(running[0].host, VERB, change))
    homes = [node.host for node in nodes if told.made[node.host].homes][:1]
    for host, made in told.made.items():
        changes += _goes(host, made, asked, host in kept, host in homes)
    packages = [node.host for node in nodes if node.installed] if PACKAGES in asked else []
    changes += [planned_change(host, VERB, Change("package rstudio-server", "goes, as asked")) for host in packages]
    return Decision(
        [*_problems(state, told)],
        changes,
        _notes(state, told, kept, staying or silent),
        seconds_for(told.options),
        together=True,
        rows=rows,
        plays={
            "stop": [node.host for node in running if not rows or node is not running[0]],
            "forget": [running[0].host] if rows else [],
            "homes": homes,
            "mounts": [host for host, made in told.made.items() if made.mounts["lines"]],
            "rules": [host for host, made in told.made.items() if made.access_file],
            "database": [host for host, made in told.made.items() if made.database and DATABASE in asked],
            "firewall": [host for host, made in told.made.items() if made.firewall],
            "seat": [host for host, made in told.made.items() if made.seat],
            "files": [*told.made] if changes else [],
            "exports": kept,
            "packages": packages,
        },
        warning=" ".join(_warnings(told, running, rows != [])),
        taken={host: _taken(made) for host, made in told.made.items()},
    )


def _taken(made: HostMade) -> Taken:
    mounts = made.mounts
    return {
        "unmount": mounts["unmount"],
        "lines": mounts["lines"],
        "access_file": made.access_file,
        "mark": made.mark,
    }


def _goes(host: str, made: HostMade, asked: t.Sequence[str], exports: bool, homes: bool) -> t.Iterator[PlannedChange]:
    def change(what: str, why: str, interrupts: str = "") -> PlannedChange:
        return planned_change(host, VERB, Change(what, why, interrupts))

    for home in made.homes if homes else ():
        yield change(home, "goes with all that is in it, as asked")
    for line in made.mounts["lines"]:
        yield change(line["path"], f"unmounted, its line of /etc/fstab goes: {line['src']}")
    if made.access_file:
        yield change("pg_hba.conf", "rules of ours go")
    if made.database and DATABASE in asked:
        yield change(made.database, "goes with all that is in it, as asked")
    if made.firewall:
        yield change("firewall", "rules of ours go")
    if made.seat:
        yield change("licence", "its seat is given back")
    for path in made.made["back"]:
        yield change(path, "as it was found")
    for path in made.made["goes"]:
        if path != EXPORTS or not exports:
            yield change(path, "goes")
    for unit in made.made["disabled"]:
        yield change(unit, "starts with the host no more")
    for place in made.made["told"]:
        yield change(place, "an earlier run was cut off: who reads it is told")
    for user in made.accounts:
        yield change(f"account {user}", "goes, as asked")


def _problems(state: State, told: Told) -> t.Iterator[str]:
    for node in state.members:
        if node.unread:
            continue
        if told.made[node.host].outside:
            yield f"{node.host} is outside this run, and would lose its share and its database: run without --limit."
        elif node.is_running and node.users is None and told.options["sessions"] != "product":
            yield (
                f"Which sessions {node.host} has is not told: /load-balancer/status does not show it on any node. Stop it "
                "whatever they do: -e operate_sessions=product."
            )
    unread = [node.host for node in state.members if node.unread]
    for host, made in told.made.items():
        if made.problem and host not in unread:
            yield f"What was made on {host} is not told: {made.problem}. Mend it, or leave it out: --limit 'all:!{host}'."
    for host, made in told.made.items():
        if made.silence and DATABASE in told.options["teardown"]:
            yield f"PostgreSQL on {host} does not answer, and is to drop a database: {made.silence}"
    for variable in ("teardown_accounts", "teardown_homes"):
        strangers = [name for name in told.options[variable] if name not in told.users]
        if strangers:
            yield f"operate_{variable} names {listed(strangers)}: none of accounts_users."


def _notes(
    state: State, told: Told, kept: t.Collection[str], users_of_exports: t.Iterable[str]
) -> dict[str, list[str]]:
    notes = {
        node.host: [f"is not touched, for {node.unread}; it has the keys, so see that it does not start again"]
        for node in state.members
        if node.unread
    }
    for host, made in told.made.items():
        if host in notes:
            continue
        left = {**made.mounts["left"], **made.homes_left, **made.made["left"]}
        if made.seat:
            left.pop(MARK, None)
        said = ["is outside this run, and stays as it is"] if made.outside else []
        if made.silence:
            said.append(f"PostgreSQL does not answer ({made.silence}): rules of ours and the database stay")
        said += [*made.notes, *(f"{what}: {why}" for what, why in left.items())]
        if host in kept:
            said.append(f"{EXPORTS}: {listed(users_of_exports)} still mounts what it exports")
        if said:
            notes[host] = said
    return notes


def _warnings(told: Told, running: t.Sequence[NodeState], forgets: bool) -> t.Iterator[str]:
    options = told.options
    stays = [
        *([] if options["teardown_homes"] else ["homes"]),
        *([] if DATABASE in options["teardown"] else ["the database"]),
        *([] if KEYS in options["teardown"] else ["keys"]),
        *([] if options["teardown_accounts"] else ["accounts"]),
        *([] if PACKAGES in options["teardown"] else ["packages"]),
        "backups",
    ]
    yield "Nobody has Workbench any more." if running else "Workbench runs on no node."
    yield f"What stays, for it was not asked for by name: {listed(stays)}."
    if forgets:
        yield f"The row of {running[0].host}, which stops last, stays in the database."
    for host, made in told.made.items():
        if made.mounts["busy"]:
            yield f"In use besides on {host}, and to be ended before: {listed(made.mounts['busy'])}."
