# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of three nodes that runs, as its nodes tell of it, for tests that each change one thing."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    Cluster,
    ListedNode,
    StatusNode,
    UpgradeRecord,
    UpgradeReport,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Options
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.state import State, state_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import KeysPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_reset import ResetPlan
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

ADDRESSES = {"n1": "10.0.0.1", "n2": "10.0.0.2", "n3": "10.0.0.3"}
NODES = [*ADDRESSES]
VERSION, SCHEMA = "2026.04.0+526.pro2", "20260210090000000000000"
# What a run is told where nobody says otherwise.
OPTIONS: Options = {
    "sessions": "suspend",
    "grace": 0,
    "suspend_wait": 60,
    "wait": 120,
    "last": False,
    "without": [],
    "restart": "rolling",
    "upgrade": "at_once",
    "former_package": "",
    "version": VERSION,
    "nodes": [],
    "teardown": [],
    "teardown_accounts": [],
    "teardown_homes": [],
}


def row(number: int, host: str, status: str = "Online", port: int = 8787) -> ListedNode:
    ipv4 = f"10.0.0.{number}"
    return {
        "id": number,
        "host": host,
        "ipv4": ipv4,
        "port": port,
        "status": status,
        "last_seen": "2026-Nov-21 10:00:00",
    }


def shown(number: int, host: str, *users: str, flag: str | None = None) -> StatusNode:
    sessions = [{"pid": 100 + place, "user": user, "process": "rsession"} for place, user in enumerate(users)]
    entry = {"host": host, "port": 8787, "ipv4": f"10.0.0.{number}", "flag": flag, "load": [0.0, 0.0, 0.0]}
    return t.cast("StatusNode", {**entry, "sessions": sessions})


def keys_plan(
    *,
    begun: bool = False,
    write_to: t.Sequence[str] = NODES,
    losing: t.Sequence[str] = (),
    errors: t.Sequence[str] = (),
) -> KeysPlan:
    """New keys for all, in place of one that all have; or what is left of it."""
    key = {"action": "adopt" if begun else "generate", "source": None, "sha256": None, "write_to": [*write_to]}
    plan = {
        "cookie_key": key,
        "launcher": {**key, "pair": None},
        "database_conf": {"source": None, "key_source": None, "write_to": [*losing]},
        "sources": [],
        "begun": begun,
        "replaced": {"cookie_key": ["1" * 12], "launcher": ["1" * 12]},
        "errors": [*errors],
    }
    return t.cast("KeysPlan", plan)


def mounts_plans(**changes: t.Any) -> dict[str, ResetPlan]:
    """Of each node, which has its homes mounted and does nothing else with them."""
    home: t.Any = {"path": "/home", "src": "files:/home", "fstype": "nfs", "opts": "rw", "state": "mounted"}
    plan = {"errors": [], "unmount": ["/home"], "mounts": [home], "replaced": [], "busy": [], **changes}
    return {host: t.cast("ResetPlan", plan) for host in NODES}


class Running:
    """n1 with two sessions, n2 with one, n3 with none; what is done to it is what all of them tell."""

    def __init__(self, version: str = VERSION) -> None:
        self.rows = [row(number, host) for number, host in enumerate(NODES, 1)]
        self.page = [shown(1, "n1", "ada", "bob"), shown(2, "n2", "ada"), shown(3, "n3")]
        self.silent: set[str] = set()
        self.down: set[str] = set()
        self.bare: set[str] = set()
        self.versions = dict.fromkeys(NODES, version)
        self.records: dict[str, UpgradeRecord] = {}
        self.schema: str | None = SCHEMA

    def flag(self, host: str, flag: str) -> Running:
        for entry in self.page:
            entry["flag"] = flag if entry["host"] == host else entry["flag"]
        return self

    def gone(self, host: str) -> Running:
        """Dead, so that its row stays."""
        self.silent.add(host)
        return self.flag(host, "unreachable")

    def stopped(self, host: str) -> Running:
        self.down.add(host)
        self.page = [entry for entry in self.page if entry["host"] != host]
        for one in self.rows:
            one["status"] = "Offline" if one["host"] == host else one["status"]
        return self

    def stranger(self, status: str, *, flag: str | None = None, on_page: bool = True) -> Running:
        self.rows.append(row(4, "n9", status))
        self.page += [shown(4, "n9", flag=flag)] if on_page else []
        return self

    def told(self, host: str) -> Cluster:
        closed = any(entry["host"] == host and entry["flag"] == "offline" for entry in self.page)
        active = host not in self.down
        return {
            "installed": host not in self.bare,
            "hostname": host,
            "www_host_name": host,
            "addresses": [ADDRESSES[host]],
            "version": self.versions[host],
            "runtimes": {"r": {}, "python": []},
            "services": {"rstudio-server": "active" if active else "inactive", "rstudio-launcher": "active"},
            "protocol": "Http",
            "nodes": copy.deepcopy(self.rows),
            "status": copy.deepcopy(self.page) if active and not closed else [],
            "node_status": None,
            "errors": [],
        }

    def answers(self) -> dict[str, Answer]:
        return {
            host: {"state": "unreachable"}
            if host in self.silent
            else {"state": "reachable", "cluster": self.told(host)}
            for host in NODES
        }

    def upgrades(self) -> dict[str, UpgradeReport]:
        return {
            host: {
                "package": {"state": "installed", "version": self.versions[host]},
                "schema": self.schema,
                "error": None if self.schema else "The database does not tell it.",
                "record": self.records.get(host),
                "seconds": 0.0,
            }
            for host in NODES
            if host not in self.silent
        }

    def state(self) -> State:
        return state_of(NODES, ADDRESSES, self.answers())
