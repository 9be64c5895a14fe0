# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a node cannot become what the role server wants, told before its first change. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost, switched_on
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Cluster, HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.releases import release_problems

Wanted = t.Mapping[str, t.Any]  # `__server_fit`
LAUNCHER_SWITCH = "launcher-sessions-enabled"


def misfits(wanted: Wanted, report: HostReport) -> list[str]:
    """A sentence for each reason, as far as the report tells: `cluster` and `packages` of it."""
    found = _broken_package(wanted["host"], report)
    if "cluster" in report:
        found += _no_r(wanted, report["cluster"]) + _other_version(wanted, report["cluster"])
        found += _other_release(wanted, report["cluster"]) + _no_balancer(wanted, report)
    return found


def _broken_package(host: str, report: HostReport) -> list[str]:
    """The program is there as soon as a package is unpacked; dpkg alone knows parts of one."""
    package = report.get("packages", {}).get("rstudio-server")
    if package is None or package["state"] != "broken":
        return []
    return [
        f"{host}: dpkg was cut off while it unpacked rstudio-server. Remove what is left of it by "
        "`dpkg --remove --force-remove-reinstreq rstudio-server` on the node and run again."
    ]


def _no_r(wanted: Wanted, cluster: Cluster) -> list[str]:
    host, r = wanted["host"], wanted["r"]
    comes, there = r["versions"] or r["system"], cluster["runtimes"]["r"]
    found = []
    if has_local_sessions(wanted["launcher"], wanted["sections"]) and not comes and not there:
        found.append(
            f"{host} has no R where Workbench looks for it, and the server does not start without one. Name the vendor's builds "
            "by server_r_versions and server_r_package, the system's package by server_r_system, or an R elsewhere by "
            "server_r_paths. None is needed where the launcher has no cluster of type Local (server_launcher_sections)."
        )
    vendors = {vendors_r(version) for version in r["versions"]}
    absent = [program for program in r["programs"] if program not in vendors and program not in there]
    if absent and not r["system"]:
        found.append(
            f"{host} has no {' and no '.join(absent)}, which server_r_paths or rsession-which-r in server_rserver_conf name. "
            "Name an R that is there."
        )
    return found


def _other_version(wanted: Wanted, cluster: Cluster) -> list[str]:
    there, asked = cluster["version"], wanted["version"]
    if not asked or there in (None, asked):
        return []
    return [
        f"{wanted['host']} has version {there}, server_version={asked}. All nodes must run one version and an upgrade suspends "
        "sessions: it is an act of its own. Set server_version to what is installed, or run the playbook upgrade first."
    ]


def _other_release(wanted: Wanted, cluster: Cluster) -> list[str]:
    """Of a version that nobody asked for, and that is there."""
    if wanted["version"] or not cluster["version"]:
        return []
    return [f"{wanted['host']}: {problem}" for problem in release_problems(cluster["version"], wanted["options"])]


def _no_balancer(wanted: Wanted, report: HostReport) -> list[str]:
    """Nobody brings the program, so it has to be there; the package's own comes with it."""
    balancer = report.get("balancer")
    if balancer is None or balancer["executable"] or balancer["trial"] or not report["cluster"]["installed"]:
        return []
    return [
        f"{wanted['host']}: balancer=custom, and {balancer['program']} is no program there that can be executed. Give its text "
        "in server_balancer_script, or name another in server-balancer-path of server_rserver_conf."
    ]


def has_local_sessions(launcher: object, sections: t.Iterable[t.Mapping[str, t.Any]]) -> bool:
    """Whether sessions run on the node: the launcher starts them, unless it is off, and may have no cluster that does so here.

    `launcher` is the switch as the inventory has it.
    """
    if not switched_on(parse_boost(to_conf({LAUNCHER_SWITCH: launcher})), LAUNCHER_SWITCH):
        return True
    return any(section["options"].get("type") == "Local" for section in sections)


def vendors_r(version: str) -> str:
    """The program of a vendor's build of R."""
    return f"/opt/R/{version}/bin/R"


def vendors_python(version: str) -> str:
    """The program of a vendor's build of Python."""
    return f"/opt/python/{version}/bin/python3"
