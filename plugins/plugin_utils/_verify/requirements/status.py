# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what the product says of its nodes. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.nodes import node_rows

REQUIREMENT = Requirement(
    id="status",
    title="All members are Online, and no others",
    source=f"{GUIDE}, Checking cluster status",
    needs=("clusters",),
)

UNITS = ("rstudio-server", "rstudio-launcher")
# States of unit files (systemctl, is-enabled) that do not last or do nothing at a boot.
NOT_ENABLED = ("disabled", "enabled-runtime", "linked", "linked-runtime")
# What the vendor's table of statuses advises.
REMEDIES = {
    "Offline": "Bring it back: rstudio-server online, and rstudio-server start.",
    "Missed check-in": "See whether the node runs and reaches the database (rserver.log). "
    "If it is gone for good: rstudio-server delete-node.",
    "Failed to resolve": "Set www-host-name in load-balancer to a name or address that resolves (server_www_host_name).",
    "Invalid secure cookie key": "Copy the key of the other nodes to it, byte for byte, and restart it: see keys.",
    "Invalid permissions on secure cookie key": "chmod 0600 /etc/rstudio/secure-cookie-key, and restart it.",
    "Error reading launcher key": "See rserver.log of the node, and keys.",
    "Invalid launcher key": "Copy launcher.pem and launcher.pub of the other nodes to it, and restart it: see keys.",
    "Invalid license": "The licence allows fewer nodes to be Online.",
}


def judge(e: Evidence) -> list[Finding]:
    found = []
    lists = {
        host: listed(sorted(f"{node['id']} {node['host']}" for node in cluster["nodes"]))
        for host, cluster in e.clusters.items()
        if cluster.get("nodes")
    }
    if len(set(lists.values())) > 1:
        found.append(
            finding(
                FAIL,
                "The nodes are not in one cluster",
                odd(lists),
                measured=spread(lists),
                wanted="one list of nodes: all nodes use one database",
                remedy="Point database.conf of these nodes at the same database: see configuration and database.",
            )
        )
    table = node_rows(e)
    blind = _blind(table)
    strangers = [row["host"] for row in table if not row["member"]]
    # Only a node itself knows all its names, so a silent member may be one of the strangers.
    silent = [row["host"] for row in table if _nameless(e, row)] if strangers else []
    for row in table:
        if not row["member"]:
            found += _stranger(row, silent)
        else:
            found += _member(e, row, bool(lists) and row["host"] not in silent, blind)
    for asker, unseen in blind.items():
        found.append(
            finding(
                FAIL,
                f"{asker} does not know the others",
                [asker],
                measured=f"/load-balancer/status of {asker} does not show {listed(unseen)}",
                wanted="all members of the cluster",
                remedy=f"Right for seconds after its start: run again. Else see rserver.log of {asker}, and restart it: "
                "systemctl restart rstudio-server.",
            )
        )
    off = [host for host in e.nodes if not _balanced(e, host)]
    if off:
        found.append(
            finding(
                FAIL,
                "Load balancing is off",
                off,
                measured="load-balancing-enabled is not 1 in rserver.conf",
                wanted="load-balancing-enabled=1 on all nodes",
                remedy="Set load-balancing-enabled=1 in rserver.conf and restart the node.",
            )
        )
    found += _mute(e)
    unseen = [
        host
        for host, cluster in e.clusters.items()
        if cluster.get("nodes") and not cluster.get("status") and e.active(host, "rstudio-server")
    ]
    if unseen:
        found.append(
            finding(
                UNKNOWN,
                "/load-balancer/status did not answer",
                unseen,
                measured=spread({host: _errors(e, host) for host in unseen}),
                remedy="See rserver.log of the node, and that it answers on its own www-address and www-port; then run again.",
            )
        )
    unread = {
        host: _errors(e, host)
        for host, cluster in e.clusters.items()
        if any(not state for state in (cluster.get("services") or {}).values())
    }
    if unread:
        found.append(
            finding(
                UNKNOWN,
                "Whether the services run could not be read",
                unread,
                measured=spread(unread),
                remedy="See what systemctl status rstudio-server rstudio-launcher says there, and run again.",
            )
        )
    if not found and table:
        sessions = sum(row["sessions"] or 0 for row in table)
        found.append(
            finding(
                PASS,
                "All members are Online and reach each other",
                e.members,
                measured=f"{counted(len(table), 'node')}, {counted(sessions, 'session')}",
            )
        )
    return found + _disabled(e)


def _errors(e: Evidence, host: str) -> str:
    return listed(e.clusters[host].get("errors") or []) or "no nodes"


def _mute(e: Evidence) -> list[Finding]:
    """Members on which `list-nodes` shows nothing: broken where others list the cluster, unless something else says why."""
    mute = {host: _errors(e, host) for host, cluster in e.clusters.items() if not cluster.get("nodes")}
    if len(mute) == len(e.clusters):
        words = "No node lists the cluster"
        remedy = "Run rstudio-server list-nodes on a node, and mend what it says; see database and configuration."
        return [finding(UNKNOWN, words, mute, measured=spread(mute), wanted="rstudio-server list-nodes", remedy=remedy)]
    explained = {host: why for host, why in ((host, _why_mute(e, host)) for host in mute) if why}
    failed = {host: said for host, said in mute.items() if host not in explained}
    found = []
    if failed:
        found.append(
            finding(
                FAIL,
                "list-nodes does not show the cluster here",
                failed,
                measured=spread(failed),
                wanted="the list that the other nodes show",
                remedy="Run rstudio-server list-nodes there as root, and see rserver.log: such a node would hardly start again.",
            )
        )
    if explained:
        words = "The cluster could not be listed here"
        found.append(finding(UNKNOWN, words, explained, measured=spread(explained), wanted="rstudio-server list-nodes"))
    return found


def _why_mute(e: Evidence, host: str) -> str:
    """What another requirement, or another finding, says already."""
    if not e.clusters[host]["installed"]:
        return "Workbench is not installed: see version"
    if e.refused(host):
        return "Workbench refuses its configuration: see configuration"
    if ((e.nodes.get(host) or {}).get("database") or {}).get("reachable") is False:
        return "the database cannot be reached: see database"
    if e.foreign_key(host):
        return "the database's password cannot be read: see keys"
    return "load balancing is off" if host in e.nodes and not _balanced(e, host) else ""


def _disabled(e: Evidence) -> list[Finding]:
    """Units that would not come back: a masked one cannot be started at all, another one not by a boot."""
    units = {host: e.start(host).get("units") or {} for host in e.nodes}
    masked = {host: listed(unit for unit in its if its[unit]["enabled"] == "masked") for host, its in units.items()}
    masked = {host: names for host, names in masked.items() if names}
    off = {host: listed(unit for unit in its if its[unit]["enabled"] in NOT_ENABLED) for host, its in units.items()}
    off = {host: names for host, names in off.items() if names}
    found = []
    if masked:
        found.append(
            finding(
                FAIL,
                "A service is masked, so that it cannot start again",
                masked,
                measured=spread(masked),
                wanted="enabled",
                remedy="systemctl unmask and systemctl enable it, or run the playbook site.",
            )
        )
    if off:
        found.append(
            finding(
                NOTE,
                "A service does not start with its host",
                off,
                measured=spread(off),
                wanted="enabled",
                remedy="systemctl enable it, unless something else starts it after a boot.",
            )
        )
    return found


def _balanced(e: Evidence, host: str) -> bool:
    """An existing load-balancer file turns it on where the option is not set (before 2023.09)."""
    return e.on(host, "rserver.conf", "load-balancing-enabled", default="load-balancer" in e.nodes[host]["config"])


def _expected(row: t.Mapping[str, t.Any]) -> bool:
    """Whether the status endpoint has to show a member: one that is not Online has a finding already."""
    return bool(row["member"]) and row["status"] == "Online"


def _blind(table: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, list[str]]:
    """`{asker: [members it does not see]}` of those that miss more than half: the fault is theirs."""
    expected = [row for row in table if _expected(row)]
    unseen: dict[str, list[str]] = {}
    for row in expected:
        for asker in row["unseen_by"]:
            unseen.setdefault(asker, []).append(row["host"])
    return {asker: hosts for asker, hosts in unseen.items() if len(hosts) * 2 > len(expected)}


def _nameless(e: Evidence, row: t.Mapping[str, t.Any]) -> bool:
    """A member that is not listed, as far as its names are known without its own answer."""
    return bool(row["member"]) and row["id"] is None and row["host"] not in e.clusters and row["host"] not in e.nodes


def _stranger(row: t.Mapping[str, t.Any], silent: t.Sequence[str]) -> list[Finding]:
    host, number, askers = row["host"], row["id"], list(row["flags"])
    wanted = "the members of the inventory and no others"
    gone = f"on a running node: rstudio-server delete-node {number}"
    if number is not None:
        what, measured = "listed", f"ID {number}, {row['status']}, last seen {row['last_seen']}"
    else:
        what, measured = "in /load-balancer/status", f"{listed(askers)} show it, list-nodes does not"
    if silent:
        return [
            finding(
                UNKNOWN,
                f"{host} is {what}, and may be {' or '.join(silent)}",
                [host],
                measured=f"{measured}; {listed(silent)} did not answer",
                wanted=wanted,
                remedy=f"Bring {listed(silent)} up and run again.",
            )
        ]
    if number is None:
        remedy = (
            "Right for seconds after it was deleted: run again. Else restart rstudio-server on "
            f"{listed(askers)}; if it belongs here, see rserver.log of {host}."
        )
    elif row["status"] == "Online" and askers and not any(row["flags"].values()):
        remedy = f"It runs: add it to the inventory. Or stop rstudio-server there, and then {gone}."
    else:
        remedy = f"If it is gone for good, {gone}. If it belongs here, add it to the inventory."
    return [
        finding(FAIL, f"{host} is {what}, but is no member", [host], measured=measured, wanted=wanted, remedy=remedy)
    ]


def _member(e: Evidence, row: t.Mapping[str, t.Any], is_listed: bool, blind: t.Container[str]) -> list[Finding]:
    """One finding with everything that is wrong with a member; `blind` askers have one of their own."""
    host, said, remedies = row["host"], [], []
    down = [unit for unit in UNITS if row["services"].get(unit) not in (None, "active")]
    if down:
        said.append(listed(f"{unit} is {row['services'][unit]}" for unit in down))
        remedies.append(
            f"Start it: systemctl start {' '.join(down)}, and read why it stopped: journalctl --unit {down[0]}."
        )
    if is_listed and row["status"] is None:
        said.append("list-nodes does not show it")
        remedies.append("See rserver.log of the node; its database.conf must name the database of the others.")
    elif row["status"] not in (None, "Online"):
        said.append(f"list-nodes shows {row['status']}")
        remedies.append(REMEDIES.get(row["status"], "See rserver.log of the node."))
    for flag, askers in grouped(row["flags"]).items():
        if flag:
            said.append(f"{flag} as {listed(askers)} sees it")
            remedies.append(
                REMEDIES["Offline"]
                if flag == "offline"
                else "See whether the node runs, then its network and rstudio-server.service. A node gone "
                "for good: rstudio-server delete-node."
            )
    unseen_by = [asker for asker in row["unseen_by"] if asker not in blind] if _expected(row) else []
    if unseen_by:
        said.append(f"/load-balancer/status of {listed(unseen_by)} does not show it")
        remedies.append(
            f"Right for seconds after {host} has started: run again. Else restart rstudio-server on {listed(unseen_by)}."
        )
    if not said:
        return []
    if host not in e.nodes and host not in e.clusters:
        said.append(f"it {e.why_silent(host)}")
    return [
        finding(
            FAIL,
            f"{host} is not healthy",
            [host],
            measured="; ".join(said),
            wanted="Online, and reachable by all nodes",
            remedy=" ".join(dict.fromkeys(remedies)),
        )
    ]
