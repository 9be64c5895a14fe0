# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done, decided for the cluster as a whole of what its members reported."""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered, plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import HostVars
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import (
    member_addresses,
    member_looks,
    member_reports,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts import as_options, maker, plan_accounts
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import plan_database
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_connections import (
    Needed,
    Pool,
    needed,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.fit import misfits
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.key_values import (
    key_values,
    supplied_fingerprints,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import Rotation, plan_keys
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts import plan_mounts
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_reset import plan_reset
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.nfs_options import nfs_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.options import INVENTORY, plan_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.sssd_files import sssd_files
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.tls import due, plan_authority

Plan = t.Mapping[str, object]


def accounts(
    members: list[str], hostvars: HostVars, register: str, wanted: dict[str, t.Any], present: t.Sequence[str]
) -> Plan:
    planned = plan_accounts(member_reports(members, hostvars, register, "accounts"), wanted)
    # As text: Ansible walks all that is in a variable each time it is used, for each host.
    text = json.dumps({"users": [as_options(user) for user in planned["users"]], "groups": planned["groups"]})
    return {"accounts": text, "errors": planned["errors"], "maker": maker(members, present)}


def keys(
    members: list[str],
    hostvars: HostVars,
    register: str,
    given: t.Mapping[str, str] | None = None,
    *,
    policy: str = "adopt",
    adopt_from: str | None = None,
    present: t.Sequence[str] | None = None,
    password: str = "known",
    rotation: Rotation = "",
) -> Plan:
    reports = member_reports(members, hostvars, register, "key_files")
    supplied = supplied_fingerprints(given or {})
    known = bool((given or {}).get("database_password"))
    return plan_keys(
        reports, supplied, policy, adopt_from, present=present, password=password, given=known, rotation=rotation
    )


def options(
    members: list[str],
    hostvars: HostVars,
    register: str,
    ours: dict[str, t.Any],
    *,
    unknown: str = "refuse",
    present: t.Sequence[str] = (),
    migrate: bool = False,
) -> Plan:
    asked = {}
    for host, address in zip(members, member_addresses(members, hostvars)):
        named = {name: plain(hostvars[host][name]) for name in INVENTORY if name in hostvars[host]}
        asked[host] = {**ours.get("asked", {}), **named, "address": address}
    reports = member_reports(members, hostvars, register, "options")
    planned = plan_options(reports, asked, ours, unknown, present, migrate=migrate)
    # For all nodes: each of them tries its login.
    return {**planned, "connections": connections(members, hostvars)}


def connections(members: list[str], hostvars: HostVars) -> Needed:
    """By what the inventory names, else by what a look at each node found."""
    return needed(_pool(hostvars[name], report) for name, report in member_looks(members, hostvars).items())


def _pool(variables: t.Mapping[str, t.Any], report: HostReport) -> Pool:
    named = variables.get("server_database_conf") or {}
    found = report["options"]["files"]["database.conf"]["options"] if "options" in report else {}
    size = plain(named["pool-size"]) if "pool-size" in named else next(iter(found.get("pool-size", [])), None)
    there = report["cluster"]["version"] if "cluster" in report else None
    return Pool(size, report.get("processors"), plain(variables.get("server_version")) or there)


def authority(
    members: list[str], hostvars: HostVars, register: str, source: str, *, present: t.Sequence[str], days: int
) -> t.Mapping[str, object]:
    """Of the members whose certificates are the authority's; `source` is that of a host that nobody has set."""
    asked = [name for name in members if hostvars[name].get("tls_source", source) == "authority"]
    if not asked:
        return {}
    reports = member_reports(asked, hostvars, register, "tls")
    return plan_authority(reports, present, days, datetime.datetime.now(datetime.UTC))


def certificates(wanted: Plan, report: t.Mapping[str, t.Any]) -> t.Mapping[str, object]:
    return due(wanted, report.get("tls"), datetime.datetime.now(datetime.UTC))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            "_plan_accounts": filtered(accounts),
            "_plan_keys": filtered(keys),
            "_key_values": filtered(key_values),
            "_plan_mounts": filtered(plan_mounts),
            "_plan_reset": filtered(plan_reset),
            "_nfs_options": filtered(nfs_options),
            "_plan_database": filtered(plan_database),
            "_database_connections": filtered(connections),
            "_plan_options": filtered(options),
            "_plan_tls": filtered(authority),
            "_tls_due": filtered(certificates),
            "_misfits": filtered(misfits),
            "_sssd_files": filtered(sssd_files),
        }
