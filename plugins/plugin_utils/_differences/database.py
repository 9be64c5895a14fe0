# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role database would change on a host, by one look at it. Pure; there are no secrets in it."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import shortened
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import KEPT
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseServer, HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change, Diff, Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import (
    Plan,
    others_of,
    plan_database,
    refusals,
    rule_words,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import Wanted as Parameters
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted

NEW = "new"
STOPPED = "does not run: what it lacks is seen when it does"
NOT_FIRST = "rules of others stand above ours in {file}, and decide first"


class Wanted(Parameters):
    packages: list[str]
    units: list[str]


def differences(asked: t.Mapping[str, t.Any], report: HostReport) -> Differences:
    """What would be changed, in the role's order. `asked` is a `Wanted`."""
    wanted = t.cast("Wanted", asked)
    if refused := refusals(wanted):
        return Differences(problems=refused)
    changes = host.packages(wanted["packages"], report) + host.units(wanted["units"], report)
    if "database" not in report:
        return Differences([*changes, Change("PostgreSQL", host.untold(report, "database"))])
    server = report["database"]["server"]
    plan = plan_database(report["database"], wanted)
    if plan["errors"]:
        return Differences(problems=plan["errors"])
    if server["state"] == "absent":
        return Differences([*changes, *_all_new(plan, wanted)])
    if plan["silence"]:
        return (
            Differences([*changes, Change("PostgreSQL", STOPPED)])
            if changes
            else Differences(problems=[plan["silence"]])
        )
    first = server["access_block"]["first"] if server["access_block"] else True
    return Differences(
        [
            *changes,
            *_restarting(plan, server),
            *host.copied(plan["copied"]),
            *_settings(plan, server),
            *_owner(plan, wanted, server),
            *_copy(plan, server),
            *_access(plan, wanted, server),
        ],
        notes=[] if first else [NOT_FIRST.format(file=plan["access_file"])],
        diff=_diff(plan, wanted, server),
    )


def _all_new(plan: Plan, wanted: Wanted) -> list[Change]:
    """Of a server that is not there yet; nobody uses it, so that nothing is interrupted."""
    topics = [
        *plan["restarting"],
        *(path.rpartition("/")[2] for path in plan["copied"]),
        *plan["settings"],
        f"role {wanted['user']}",
        f"database {wanted['name']}",
        *([f"schema {wanted['schema']}"] if wanted["schema"] else []),
        f"pg_hba.conf{KEPT}",
    ]
    rules = [_named(_addresses(plan["rules"], wanted))] if plan["rules"] else []
    return [Change(topic, NEW) for topic in [*topics, *rules]]


def _restarting(plan: Plan, server: DatabaseServer) -> list[Change]:
    """The first of the settings restarts the server for all of them."""
    others, connections = others_of(server), server["connections"]
    interrupts = [
        "restarts PostgreSQL",
        f"cuts {counted(connections, 'connection')}" if connections else "",
        f"interrupts {others}" if others else "",
    ]
    unit = (plan["unit"],) if plan["unit"] else ()
    was = {"listen_addresses": server["listen_addresses"] or "nothing", "max_connections": server["max_connections"]}
    changes = [Change(name, f"{was[name]} → {value}") for name, value in plan["restarting"].items()]
    felt = ", ".join(filter(None, interrupts))
    return [change._replace(interrupts=felt, restarts=unit) for change in changes[:1]] + changes[1:]


def _settings(plan: Plan, server: DatabaseServer) -> list[Change]:
    """What PostgreSQL is told of TLS. Connections that are there go on as they are."""
    interrupts = "" if plan["restarting"] else "reload"
    if not plan["settings"] and (plan["copied"] or not server["tls_loaded"]):
        return [Change("certificate", "not in force", interrupts)]
    return [
        Change(name, f"{server['tls'][name] or 'nothing'} → {value}", interrupts)
        for name, value in plan["settings"].items()
    ]


def _owner(plan: Plan, wanted: Wanted, server: DatabaseServer) -> list[Change]:
    """The role and its database."""
    changes = []
    if plan["role"] != "keep":
        changes.append(Change(f"role {wanted['user']}", ", ".join(plan["reasons"]) or NEW))
    if plan["database"] != "keep":
        was = server["database"]
        changes.append(Change(f"database {wanted['name']}", f"owner {was['owner']} → {wanted['user']}" if was else NEW))
    if plan["schema"] != "keep":
        changes.append(Change(f"schema {wanted['schema']}", NEW))
    return changes


def _copy(plan: Plan, server: DatabaseServer) -> list[Change]:
    path = f"{plan['access_file']}{KEPT}"
    return [] if server["access_kept"] else [Change(f"pg_hba.conf{KEPT}", NEW, path=path)]


def _access(plan: Plan, wanted: Wanted, server: DatabaseServer) -> list[Change]:
    """Rules that come and go. They come into force by the restart, where there is one."""
    block = server["access_block"]
    are, to_be = block["rules"] if block else [], plan["rules"]
    come = _addresses([rule for rule in to_be if rule not in are], wanted)
    go = _addresses([rule for rule in are if rule not in to_be], wanted)
    said = [(_named(which), why) for which, why in ((come, NEW), (go, "goes" if len(go) == 1 else "go")) if which]
    if not said and _differs(plan, server):
        said = [("pg_hba", host.REWORDED)]
    if not said and not server["access_loaded"] and not plan["restarting"]:
        said = [("pg_hba", "not in force")]
    interrupts = "" if plan["restarting"] else "reload"
    return [Change(what, why, interrupts, path=plan["access_file"] or "") for what, why in said]


def _differs(plan: Plan, server: DatabaseServer) -> bool:
    """Whether ansible.builtin.blockinfile would write: without rules it leaves no block."""
    block = server["access_block"]
    return block["rules"] != plan["rules"] or not plan["rules"] if block else bool(plan["rules"])


def _addresses(rules: t.Iterable[str], wanted: Wanted) -> list[str]:
    """Whom rules let in; what others wrote between our marks is not shown: it may hold a password."""
    addresses = [rule_words(wanted, rule) for rule in rules]
    foreign = addresses.count(None)
    return [one for one in addresses if one] + ([f"{counted(foreign, 'line')} of another hand"] if foreign else [])


def _named(addresses: t.Sequence[str]) -> str:
    return f"pg_hba: {shortened(addresses, 5)}"


def _diff(plan: Plan, wanted: Wanted, server: DatabaseServer) -> list[Diff]:
    if not _differs(plan, server):
        return []
    block, path = server["access_block"], plan["access_file"] or ""
    before = _text(block["rules"], plan, wanted) if block else ""
    after = _text(plan["rules"], plan, wanted) if plan["rules"] else ""
    return [{"before_header": path, "after_header": path, "before": before, "after": after}]


def _text(rules: t.Sequence[str], plan: Plan, wanted: Wanted) -> str:
    shown = [rule if rule_words(wanted, rule) else "(a line of another hand)" for rule in rules]
    return "\n".join([plan["mark"].format(mark="BEGIN"), *shown, plan["mark"].format(mark="END"), ""])
