# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host of a cluster has of ours, from what the playbook teardown registered of it. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.files import FOUND
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import mark
from ansible_collections.workbench.cluster.plugins.module_utils._product.licence import MARK
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseServer, Made
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_taken import MountsTaken, plan_taken
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed

# What a look is registered as, and which field of it tells.
TELLS = {"mounts": "report", "database": "server", "firewall": "rules"}
NOTHING: Made = {"goes": [], "back": [], "left": {}, "disabled": [], "told": []}
NO_MOUNTS: MountsTaken = {"unmount": [], "lines": [], "left": {}, "busy": [], "stays": False}


class Asked(t.TypedDict):
    """What the inventory says, as the playbook hands it on."""

    mounts: list[dict[str, t.Any]]
    defaults: dict[str, t.Any]
    database: str
    role: str
    schema: str
    seat: bool  # whether the licence is one that the vendor counts
    users: list[str]


class HostMade(t.NamedTuple):
    """`access_file`: the pg_hba.conf that has rules of ours, or whose change nobody has read, and the `mark` around them.

    `database`: what of it is our role's to drop, in words; `silence`: why that is not told.
    `problem`: why it is not told; `outside`: it was not asked.
    """

    made: Made = NOTHING
    homes: t.Sequence[str] = ()
    homes_left: t.Mapping[str, str] = {}
    accounts: t.Sequence[str] = ()
    mounts: MountsTaken = NO_MOUNTS
    access_file: str = ""
    mark: str = ""
    database: str = ""
    silence: str = ""
    firewall: bool = False
    seat: bool = False
    notes: t.Sequence[str] = ()
    problem: str = ""
    outside: bool = False


def host_made(variables: t.Mapping[str, t.Any]) -> HostMade:
    """`variables` of a host of the cluster."""
    found = variables.get("__teardown_made")
    if found is None:
        return HostMade(outside=True)
    if "made" not in found:
        return HostMade(problem=str(found.get("msg") or "it did not answer"))
    asked = t.cast("Asked", plain(variables["__teardown"]))
    mounts, database, firewall = (_register(variables, name) for name in TELLS)
    server: DatabaseServer | None = plain(database.get("server"))
    access_file, whose, notes = _database(server, asked) if server and server["state"] == "running" else ("", "", [])
    failed = [str(one["msg"]) for one in (mounts, database, firewall) if one.get("msg")]
    return HostMade(
        plain(found["made"]),
        plain(found["homes"]),
        plain(found["homes_left"]),
        plain(found["accounts"]),
        plan_taken(plain(mounts["report"]), asked["mounts"], asked["defaults"]) if "report" in mounts else NO_MOUNTS,
        access_file,
        mark(asked["database"], asked["role"]),
        whose,
        str(server["error"]) if server and server["state"] == "silent" else "",
        bool(firewall.get("diff", {}).get("before")),
        asked["seat"] and MARK in found["made"]["left"],
        notes,
        listed(failed),
    )


def _register(variables: t.Mapping[str, t.Any], name: str) -> t.Mapping[str, t.Any]:
    """What a look told, or why it did not as `msg`; empty where it was skipped."""
    found = variables.get(f"__teardown_{name}") or {}
    if found.get("skipped"):
        return {}
    return found if not found or TELLS[name] in found else {"msg": found.get("msg") or "it did not answer"}


def _database(server: DatabaseServer, asked: Asked) -> tuple[str, str, list[str]]:
    """The file that has rules of ours, what of the database is our role's, in words, and what is left, of a server that runs."""
    block, database, file = server["access_block"], server["database"], server["access_file"]
    notes = [f"{file}{FOUND}: beside a file that others may have changed since"] if server["access_kept"] else []
    if block is not None and not block["whole"]:
        notes.append(f"{file}: the marks around our rules are no pair, so that they stay")
    # Cut off between the file and the reload, which nobody but a run of ours can have begun.
    unread = block is None and server["access_kept"] and not server["access_loaded"]
    ours = file if unread or (block is not None and block["whole"]) else ""
    if asked["schema"]:
        owner, what = database["schema_owner"] if database else None, f"schema {asked['schema']}"
    elif database is None:  # cut off between the two, or never there
        owner, what = (asked["role"], f"role {asked['role']}") if server["role"] else (None, "")
    else:
        owner, what = database["owner"], f"database {asked['database']}"
    if owner not in (None, asked["role"]):
        return ours, "", [*notes, f"{what} belongs to {owner}, and stays"]
    return ours, what if owner else "", notes
