# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role server would change on a node. Pure."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import shortened
from ansible_collections.workbench.cluster.plugins.module_utils._product.licence import shown, step
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER, UNITS
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Cluster, HostReport, Trial
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host, tls
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import PROTOCOL, Change, Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import client_copies
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_login import login_problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_tls import lacking
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.fit import misfits, vendors_python, vendors_r
from ansible_collections.workbench.cluster.plugins.plugin_utils._protocol import (
    RSERVER,
    as_listed,
    of_entries,
    protocol_of_files,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed

Wanted = t.Mapping[str, t.Any]  # `__server_wanted`
# Names of users whose sessions are suspended; more would hide the rest of the plan.
NAMED = 3
LOAD_BALANCER, BALANCER = "/etc/rstudio/load-balancer", "/etc/rstudio/rserver-balancer"


def differences(wanted: Wanted, report: HostReport) -> Differences:
    """`wanted` is `__server_wanted`. Problems are why the role may not begin."""
    problems = misfits(wanted["fit"], report) + login_problems(wanted["login"], report)
    if "cluster" not in report:
        return Differences([Change("Workbench", host.untold(report, "cluster"))], problems)
    entries, remove, cluster = wanted["files"], wanted["remove"], report["cluster"]
    told, notes = _told(wanted, report, cluster)
    protocol = _protocol(wanted, report, cluster)
    problems += [problem for change in protocol for problem in _not_now(wanted, change.why)]
    licence, more = _licence(wanted["licence"], report, cluster)
    changing = host.changing(entries, remove, report)
    problems += _refused_balancer(wanted, report, changing)
    return Differences(
        changes=[
            *protocol,
            *_runtimes(wanted, report, cluster),
            *_package(wanted, report, cluster),
            *_migration(wanted, report, cluster),
            *host.copied(
                lacking(client_copies(wanted["login"]), report["login"]["files"]) if "login" in report else {}
            ),
            *host.directories(_directories(wanted, report), report),
            *host.joined(host.files(entries, remove, report), told),
            *licence,
            *_units(changing, report),
        ],
        problems=problems,
        notes=[*notes, *more, *_other_lists(wanted, changing), *_doubtful(wanted, report, changing)],
        diff=host.diff(entries, remove, report),
    )


def _directories(wanted: Wanted, report: HostReport) -> list[dict[str, t.Any]]:
    """On a new node the share is older than the account, of which there is the number that this run gives it."""
    given = json.loads(wanted["accounts"])["users"] if wanted["accounts"] else []
    numbers = {user["name"]: str(user["uid"]) for user in given}
    found = report.get("directories", {})
    owners = {path: state["owner"] for path, state in found.items() if state}
    return [
        {**entry, "owner": numbers[entry["owner"]]}
        if entry["owner"] in numbers and owners.get(entry["path"]) == numbers[entry["owner"]]
        else entry
        for entry in wanted["directories"]
    ]


def _refused_balancer(wanted: Wanted, report: HostReport, changing: t.Sequence[str]) -> list[str]:
    """The script is tried where it is to replace another."""
    return [
        f"{wanted['fit']['host']}: server_balancer_script is refused: {trial['said']}."
        for trial in _trials(report)
        if trial["passed"] is False and BALANCER in changing
    ]


def _doubtful(wanted: Wanted, report: HostReport, changing: t.Sequence[str]) -> list[str]:
    if not wanted["trials"]:
        return []
    if BALANCER not in changing:
        refused = (trial["said"] for trial in _trials(report) if trial["passed"] is False)
        return [f"server_balancer_script is there, and would be refused now: {said}" for said in refused]
    why = next((trial["said"] for trial in _trials(report)), host.untold(report, "balancer"))
    untried = all(trial["passed"] is None for trial in _trials(report))
    return [f"server_balancer_script is tried when the run comes to it: {why}"] if untried else []


def _trials(report: HostReport) -> list[Trial]:
    trial = report["balancer"]["trial"] if "balancer" in report else None
    return [trial] if trial else []


def _other_lists(wanted: Wanted, changing: t.Sequence[str]) -> list[str]:
    """Before 2021.09 every node has the list of all."""
    if not (wanted["lists"] and wanted["absent"]) or LOAD_BALANCER not in changing:
        return []
    return [
        f"load-balancer of {listed(wanted['absent'])} stays as it is, for they are not in this run: nodes of this "
        "version know each other by that file only. Run again without --limit."
    ]


def _runtimes(wanted: Wanted, report: HostReport, cluster: Cluster) -> list[Change]:
    r, there = wanted["fit"]["r"], cluster["runtimes"]
    changes = host.packages([r["system"]] if r["system"] else [], report)
    changes += [Change(f"R {version}", "new") for version in r["versions"] if vendors_r(version) not in there["r"]]
    pythons = [version for version in wanted["pythons"] if vendors_python(version) not in there["python"]]
    return changes + [Change(f"Python {version}", "new") for version in pythons]


def _package(wanted: Wanted, report: HostReport, cluster: Cluster) -> list[Change]:
    """As the role decides: by the program, and by what dpkg says of a package that a run cut off left."""
    name, version = "rstudio-server", wanted["fit"]["version"]
    package = report.get("packages", {}).get(name)
    if package is None or package["state"] == "unpacked":
        return host.packages([name], report)
    return [] if cluster["installed"] else [Change(f"package {name}", f"new, {version}" if version else "new")]


def _migration(wanted: Wanted, report: HostReport, cluster: Cluster) -> list[Change]:
    """What a single server has in SQLite, where the run is to move it; else the role refuses it."""
    sqlite = report["options"]["sqlite"] if "options" in report else None
    if not wanted["migrates"] or sqlite is None or sqlite["state"] not in ("data", "moving"):
        return []
    why = "→ PostgreSQL, a copy is kept" + (", a run was cut off" if sqlite["state"] == "moving" else "")
    stops = f"stops {SERVER}, its sessions are suspended" if cluster["services"].get(SERVER) == "active" else ""
    return [Change(f"data in {sqlite['path']}", why, stops)]


def _licence(wanted: Wanted, report: HostReport, cluster: Cluster) -> tuple[list[Change], list[str]]:
    """What becomes of the licence, without a key, and what is said of one that stays as it is."""
    if wanted["source"] in ("none", "file"):
        return [], []
    if not cluster["installed"]:
        return [Change("licence", f"new ({shown(wanted['source'], wanted['what'])})")], []
    found = report.get("licence")
    if found is None:
        return [Change("licence", host.untold(report, "licence"))], []
    todo = step(wanted, found)
    return [Change("licence", todo.why)] if todo.activate else [], [f"The licence {todo.note}."] if todo.note else []


def _told(wanted: Wanted, report: HostReport, cluster: Cluster) -> tuple[list[Change], list[str]]:
    """Services that restart or read their files again, and what is said of those that may not."""
    written = [*wanted["files"], *wanted["keys"]]
    changed = host.changing(written, wanted["remove"], report)
    changed += tls.changing(wanted["tls"], report) if wanted["tls"] else []
    found = host.services(wanted["services"], report, changed)
    if wanted["restart"] == "never" and cluster["services"].get(SERVER) == "active":
        return [], [
            f"{change.what} goes on as it is until a run with server_restart=rolling: {change.why}" for change in found
        ]
    return [
        change._replace(interrupts=f"{change.interrupts}, {_suspended(wanted, cluster)}")
        if change.what == SERVER and change.restarts
        else change
        for change in found
    ], []


def _protocol(wanted: Wanted, report: HostReport, cluster: Cluster) -> list[Change]:
    """Nodes that run speak one protocol. It is that of their files, unless a run was cut off after it wrote them."""
    if cluster["services"].get(SERVER) != "active":
        return []
    states = {path: state for path, state in report.get("files", {}).items() if state}
    texts = {path: state["content"] for path, state in states.items() if state["content"] is not None}
    was, now = as_listed(cluster["protocol"]), of_entries(wanted["files"])
    if not was and RSERVER in states and RSERVER not in texts:
        return []  # a file that the product would not read alike
    was = was or protocol_of_files(texts)
    interrupts = "stops all nodes together, for all speak one protocol: every session is suspended"
    return [Change(PROTOCOL, f"{was} → {now}", interrupts, (SERVER,))] if was != now else []


def _not_now(wanted: Wanted, change: str) -> t.Iterator[str]:
    """Half a cluster cannot change: those that go on would keep the others out."""
    if wanted["restart"] == "never":
        yield f"The protocol between the nodes changes, {change}, for which all of them stop: not with server_restart=never."
    if wanted["absent"]:
        yield (
            f"The protocol between the nodes changes, {change}, for which all of them stop, and {listed(wanted['absent'])} "
            "would go on: run without --limit."
        )


def _suspended(wanted: Wanted, cluster: Cluster) -> str:
    """Whose sessions a restart of this node touches, as its own page shows them."""
    name = re.sub(r"^([^:]+):[0-9]+$", r"\1", cluster["www_host_name"] or wanted["www_host_name"])
    rows = [node["sessions"] for node in cluster["status"] if node["host"] == name]
    if not rows:
        return "how many sessions are suspended is not known"
    users = [session["user"] for sessions in rows for session in sessions]
    if not users:
        return "no session is suspended"
    verb = "is" if len(users) == 1 else "are"
    return f"{counted(len(users), 'session')} {verb} suspended ({shortened(list(dict.fromkeys(users)), NAMED)})"


def _units(changed: t.Sequence[str], report: HostReport) -> list[Change]:
    """All of a node's services run, as systemd's files are; a drop-in that is written is read as a part of that."""
    changes = host.units(UNITS, report)
    if changes or any(path.startswith("/etc/systemd/") for path in changed):
        return changes
    unread = [unit for unit in UNITS if report["units"][f"{unit}.service"]["unread"]]
    return [Change(unit, "systemd has not read its files as they are") for unit in unread]
