# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers a cluster needs besides its nodes, before the first build. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Target
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import HostVars
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import hosts_of, member_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import default
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.preflight import DATABASE, FILES

Groups = t.Mapping[str, t.Sequence[str]]
NFS = 2049


def managed(groups: Groups, cluster: str) -> list[str]:
    """Those that the inventory has a host for: they are built here, and need not run yet."""
    built = {DATABASE: "database", FILES: "storage"}
    return [name for name, kind in built.items() if hosts_of(cluster, [kind], groups)]


def servers(cluster: str, groups: Groups, hostvars: HostVars, given: t.Mapping[str, object]) -> list[Target]:
    """Each server that is named.

    `given` are the variables `storage_server`, `database_host` and `database_port`; for none, the first host of the group
    stands in.
    """

    def host(variable: str, kind: str) -> str:
        first = member_addresses(hosts_of(cluster, [kind], groups)[:1], hostvars)
        chosen = given.get(variable)
        return str(chosen) if chosen is not None else next(iter(first), "")

    port = str(given.get("database_port") or default("database_port"))
    if not port.isdecimal():
        raise Failure(f"database_port={port} must be a number")
    found: list[Target] = [
        {"name": DATABASE, "host": host("database_host", "database"), "ports": [int(port)]},
        {"name": FILES, "host": host("storage_server", "storage"), "ports": [NFS]},
    ]
    return [server for server in found if server["host"]]
