# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the product says of its nodes: all members are Online and reach each other, and there are no others. Pure.

Source: Admin Guide, Load Balancing / Configuration (Checking cluster status).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product import releases
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Licence
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import SeenNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.nodes import node_rows

REQUIREMENT = Requirement(
    id="status",
    title="All members are Online, and no others",
    source=f"{GUIDE}, Checking cluster status",
    needs=("clusters",),
)

APART = Fault(
    "The nodes are not in one cluster",
    wanted="one list of nodes: all nodes use one database",
    remedy="Point database.conf of these nodes at the same database: see configuration and database.",
)
UNHEALTHY = Fault(
    "{host} is not healthy",
    measured="{troubles}",
    wanted="Online, and reachable by all nodes",
    remedy="{remedies}",
)
BLIND = Fault(
    "{asker} does not know the others",
    measured="/load-balancer/status of {asker} does not show {unseen}",
    wanted="all members of the cluster",
    remedy="Right for seconds after its start: run again. Else see rserver.log of {asker}, and restart it: systemctl restart "
    "rstudio-server.",
)
OFF = Fault(
    "Load balancing is off",
    measured="load-balancing-enabled is not 1 in rserver.conf",
    wanted="load-balancing-enabled=1 on all nodes",
    remedy="Set load-balancing-enabled=1 in rserver.conf and restart the node.",
)
MASKED = Fault(
    "A service is masked, so that it cannot start again",
    wanted="enabled",
    remedy="systemctl unmask and systemctl enable it, or run the playbook site.",
)
NOT_AT_BOOT = Fault(
    "A service does not start with its host",
    wanted="enabled",
    remedy="systemctl enable it, unless something else starts it after a boot.",
    verdict=NOTE,
)
NO_LIST = Fault(
    "No node lists the cluster",
    wanted="rstudio-server list-nodes",
    remedy="Run rstudio-server list-nodes on a node, and mend what it says; see database and configuration.",
    verdict=UNKNOWN,
)
LISTS_NOTHING = Fault(
    "list-nodes does not show the cluster here",
    wanted="the list that the other nodes show",
    remedy="Run rstudio-server list-nodes there as root, and see rserver.log: such a node would hardly start again.",
)
# Something else has the remedy, another requirement or finding; what was measured says which.
EXPLAINED = Fault(
    "The cluster could not be listed here", wanted="rstudio-server list-nodes", remedy="{remedy}", verdict=UNKNOWN
)
NO_ENDPOINT = Fault(
    "/load-balancer/status did not answer",
    remedy="See rserver.log of the node, and that it answers on its own www-address and www-port; then run again.",
    verdict=UNKNOWN,
)
SERVICES_UNTOLD = Fault(
    "Whether the services run could not be read",
    remedy="See what systemctl status rstudio-server rstudio-launcher says there, and run again.",
    verdict=UNKNOWN,
)
HEALTHY = Fault("All members are Online and reach each other", measured="{nodes}, {sessions}", verdict=PASS)

LICENSED = Fault("The licence is {status}, {days}", verdict=PASS)
ENDS = Fault(
    "The licence ends in {days}",
    wanted="a licence that lasts",
    remedy="Get another from the vendor, name it in the inventory (server_license_source) and run the playbook site.",
    verdict=NOTE,
)
ENDED = Fault(
    "The licence has ended",
    measured="{said}",
    wanted="Status: Activated",
    remedy="Get another from the vendor, name it in the inventory (server_license_source) and run the playbook site; on the "
    "node: rstudio-server license-manager status.",
)

# Parts of UNHEALTHY: what is wrong with a member, and what to do.
DOWN = Fault(
    "{states}", remedy="Start it: systemctl start {units}, and read why it stopped: journalctl --unit {first}."
)
UNLISTED = Fault(
    "list-nodes does not show it",
    remedy="See rserver.log of the node; its database.conf must name the database of the others.",
)
NOT_ONLINE = Fault("list-nodes shows {status}", remedy="{advice}")
OFFLINE = Fault("offline as {askers} sees it", remedy="{advice}")
FLAGGED = Fault(
    "{flag} as {askers} sees it",
    remedy="See whether the node runs, then its network and rstudio-server.service. A node gone for good: rstudio-server "
    "delete-node.",
)
UNSEEN = Fault(
    "/load-balancer/status of {askers} does not show it",
    remedy="Right for seconds after {host} has started: run again. Else restart rstudio-server on {askers}.",
)
# By status of list-nodes; what the vendor's table of statuses advises.
ADVICE = {
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
OTHER_ADVICE = "See rserver.log of the node."

MEMBERS_ONLY = "the members of the inventory and no others"
IN_LIST = "ID {id}, {status}, last seen {last_seen}"
IN_ENDPOINT = "{askers} show it, list-nodes does not"
LIVING = Fault(
    "{host} is listed, but is no member",
    measured=IN_LIST,
    wanted=MEMBERS_ONLY,
    remedy="It runs: add it to the inventory. Or stop rstudio-server there, and then on a running node: rstudio-server "
    "delete-node {id}.",
)
STRANGER = Fault(
    "{host} is listed, but is no member",
    measured=IN_LIST,
    wanted=MEMBERS_ONLY,
    remedy="If it is gone for good, on a running node: rstudio-server delete-node {id}. If it belongs here, add it to the "
    "inventory.",
)
LISTED = Fault(
    "{host} is among the [nodes] of load-balancer, but is no member",
    measured="shown as {status}",
    wanted=MEMBERS_ONLY,
    remedy="Stop rstudio-server there, and run the playbook site, which writes the list of all nodes; or add it to the "
    "inventory.",
)
GHOST = Fault(
    "{host} is in /load-balancer/status, but is no member",
    measured=IN_ENDPOINT,
    wanted=MEMBERS_ONLY,
    remedy="Right for seconds after it was deleted: run again. Else restart rstudio-server on {askers}; if it belongs here, "
    "see rserver.log of {host}.",
)
PERHAPS_LISTED = Fault(
    "{host} is listed, and may be {either}",
    measured=f"{IN_LIST}; {{silent}} did not answer",
    wanted=MEMBERS_ONLY,
    remedy="Bring {silent} up and run again.",
    verdict=UNKNOWN,
)
PERHAPS_SHOWN = Fault(
    "{host} is in /load-balancer/status, and may be {either}",
    measured=f"{IN_ENDPOINT}; {{silent}} did not answer",
    wanted=MEMBERS_ONLY,
    remedy="Bring {silent} up and run again.",
    verdict=UNKNOWN,
)

# Days before the end of a licence when it is spoken of.
SOON = 30
UNITS = ("rstudio-server", "rstudio-launcher")
# States of unit files (systemctl, is-enabled) that do not last or do nothing at a boot.
NOT_ENABLED = ("disabled", "enabled-runtime", "linked", "linked-runtime")


def judge(e: Evidence) -> t.Iterator[Finding]:
    rows = node_rows(e)
    found = [*_apart(e), *_nodes(e, rows), *_off(e), *_lists_nothing(e), *_untold(e)]
    yield from found
    if rows and not found:
        sessions = sum(row["sessions"] or 0 for row in rows)
        yield HEALTHY(e.members, nodes=counted(len(rows), "node"), sessions=counted(sessions, "session"))
    yield from _not_enabled(e)
    yield from _licences(e)


def _licences(e: Evidence) -> t.Iterator[Finding]:
    """What each node says of its licence, where it says something: without the key."""
    told: dict[str, Licence] = {
        host: licence
        for host, cluster in e.clusters.items()
        if (licence := cluster.get("licence")) and licence["status"]
    }
    ended = [host for host, licence in told.items() if _has_ended(licence)]
    for (status, days), hosts in grouped(
        {host: (str(x["status"]), x["days_left"]) for host, x in told.items()}
    ).items():
        left = "no end is told" if days is None else f"{counted(days, 'day')} left"
        if hosts[0] in ended:
            yield ENDED(hosts, said=f"{status}, {left}")
        elif days is not None and days < SOON:
            yield ENDS(hosts, days=counted(days, "day"), measured=status)
        else:
            yield LICENSED(hosts, status=status, days=left)


def _has_ended(licence: Licence) -> bool:
    return licence["days_left"] == 0 or str(licence["status"]).lower() in ("expired", "invalid", "deactivated")


def _apart(e: Evidence) -> t.Iterator[Finding]:
    lists = {
        host: listed(sorted(f"{node['id']} {node['host']}" for node in cluster["nodes"]))
        for host, cluster in e.clusters.items()
        if cluster.get("nodes")
    }
    if len(set(lists.values())) > 1:
        yield APART(odd(lists), measured=spread(lists))


def _nodes(e: Evidence, rows: t.Sequence[SeenNode]) -> t.Iterator[Finding]:
    blind = _blind(rows)
    listed_in_database = _is_listed_in_database(e)
    has_list = any(cluster.get("nodes") for cluster in e.clusters.values())
    strangers = [row for row in rows if not row["member"]]
    # Only a node itself knows all its names, so a silent member may be one of the strangers.
    silent = [row["host"] for row in rows if strangers and _is_nameless(e, row)]
    for row in rows:
        if row["member"]:
            yield from _member(e, row, has_list and row["host"] not in silent, blind)
        elif silent:
            yield _perhaps_a_member(row, silent)
        else:
            yield (
                _stranger(row) if listed_in_database else LISTED([row["host"]], host=row["host"], status=row["status"])
            )
    for asker, unseen in blind.items():
        yield BLIND([asker], asker=asker, unseen=listed(unseen))


def _is_listed_in_database(e: Evidence) -> bool:
    """Before 2021.09 each node had the list in a file."""
    return all(releases.nodes_in_database(e.version(host)) for host in e.clusters)


def _blind(rows: t.Iterable[SeenNode]) -> dict[str, list[str]]:
    """`{asker: [members it does not see]}` of those that miss more than half: the fault is theirs."""
    expected = [row for row in rows if _is_expected(row)]
    unseen: dict[str, list[str]] = {}
    for row in expected:
        for asker in row["unseen_by"]:
            unseen.setdefault(asker, []).append(row["host"])
    return {asker: hosts for asker, hosts in unseen.items() if len(hosts) * 2 > len(expected)}


def _is_expected(row: SeenNode) -> bool:
    """Whether the status endpoint has to show a member: one that is not Online has a finding already."""
    return row["member"] and row["status"] == "Online"


def _is_nameless(e: Evidence, row: SeenNode) -> bool:
    """A member that is not listed, as far as its names are known without its own answer."""
    return row["member"] and row["id"] is None and row["host"] not in e.clusters and row["host"] not in e.nodes


def _member(e: Evidence, row: SeenNode, is_listed: bool, blind: t.Container[str]) -> t.Iterator[Finding]:
    """One finding with everything that is wrong with a member; `blind` askers have one of their own."""
    host, parts = row["host"], list(_troubles(row, is_listed, blind))
    if parts:
        troubles = [part["what"] for part in parts]
        if host not in e.nodes and host not in e.clusters:
            troubles.append(f"it {e.why_silent(host)}")
        remedies = dict.fromkeys(part["remedy"] for part in parts)
        yield UNHEALTHY([host], host=host, troubles="; ".join(troubles), remedies=" ".join(remedies))


def _troubles(row: SeenNode, is_listed: bool, blind: t.Container[str]) -> t.Iterator[Finding]:
    host, status = row["host"], row["status"]
    down = [unit for unit in UNITS if row["services"].get(unit) not in (None, "active")]
    if down:
        states = listed(f"{unit} is {row['services'][unit]}" for unit in down)
        yield DOWN([host], states=states, units=" ".join(down), first=down[0])
    if is_listed and status is None:
        yield UNLISTED([host])
    elif status not in (None, "Online"):
        yield NOT_ONLINE([host], status=status, advice=ADVICE.get(str(status), OTHER_ADVICE))
    for flag, askers in grouped(row["flags"]).items():
        if flag == "offline":
            yield OFFLINE([host], askers=listed(askers), advice=ADVICE["Offline"])
        elif flag:
            yield FLAGGED([host], flag=flag, askers=listed(askers))
    unseen_by = [asker for asker in row["unseen_by"] if asker not in blind]
    if unseen_by and _is_expected(row):
        yield UNSEEN([host], askers=listed(unseen_by), host=host)


def _perhaps_a_member(row: SeenNode, silent: t.Sequence[str]) -> Finding:
    host, either, names = row["host"], " or ".join(silent), listed(silent)
    if row["id"] is None:
        return PERHAPS_SHOWN([host], host=host, either=either, silent=names, askers=listed(row["flags"]))
    status, last_seen = row["status"], row["last_seen"]
    return PERHAPS_LISTED(
        [host], host=host, either=either, silent=names, id=row["id"], status=status, last_seen=last_seen
    )


def _stranger(row: SeenNode) -> Finding:
    host, status, last_seen = row["host"], row["status"], row["last_seen"]
    if row["id"] is None:
        return GHOST([host], host=host, askers=listed(row["flags"]))
    if status == "Online" and row["flags"] and not any(row["flags"].values()):
        return LIVING([host], host=host, id=row["id"], status=status, last_seen=last_seen)
    return STRANGER([host], host=host, id=row["id"], status=status, last_seen=last_seen)


def _off(e: Evidence) -> t.Iterator[Finding]:
    off = [host for host in e.nodes if not _is_balanced(e, host)]
    if off:
        yield OFF(off)


def _is_balanced(e: Evidence, host: str) -> bool:
    """An existing load-balancer file turns it on where the option is not set (before 2023.09)."""
    return e.on(host, "rserver.conf", "load-balancing-enabled", default="load-balancer" in e.nodes[host]["config"])


def _lists_nothing(e: Evidence) -> t.Iterator[Finding]:
    """Members on which `list-nodes` shows nothing: broken where others list the cluster, unless something else says why."""
    errors = {host: _errors(e, host) for host, cluster in e.clusters.items() if not cluster.get("nodes")}
    if len(errors) == len(e.clusters):
        yield NO_LIST(errors, measured=spread(errors))
        return
    reasons = {host: _why_it_lists_nothing(e, host) for host in errors}
    failed = {host: error for host, error in errors.items() if not reasons[host]}
    if failed:
        yield LISTS_NOTHING(failed, measured=spread(failed))
    explained = {host: why for host, why in reasons.items() if why}
    if explained:
        yield EXPLAINED(explained, measured=spread(explained), remedy="")


def _errors(e: Evidence, host: str) -> str:
    return listed(e.clusters[host].get("errors") or []) or "no nodes"


def _why_it_lists_nothing(e: Evidence, host: str) -> str:
    """What another requirement, or another finding, says already."""
    if not e.clusters[host]["installed"]:
        return "Workbench is not installed: see version"
    if e.refused(host):
        return "Workbench refuses its configuration: see configuration"
    if host in e.nodes and e.nodes[host]["database"]["reachable"] is False:
        return "the database cannot be reached: see database"
    if e.foreign_key(host):
        return "the database's password cannot be read: see keys"
    return "load balancing is off" if host in e.nodes and not _is_balanced(e, host) else ""


def _untold(e: Evidence) -> t.Iterator[Finding]:
    no_endpoint = {
        host: _errors(e, host)
        for host, cluster in e.clusters.items()
        if cluster.get("nodes") and not cluster.get("status") and e.active(host, "rstudio-server")
    }
    if no_endpoint:
        yield NO_ENDPOINT(no_endpoint, measured=spread(no_endpoint))
    unread = {
        host: _errors(e, host)
        for host, cluster in e.clusters.items()
        if any(not state for state in (cluster.get("services") or {}).values())
    }
    if unread:
        yield SERVICES_UNTOLD(unread, measured=spread(unread))


def _not_enabled(e: Evidence) -> t.Iterator[Finding]:
    """Units that would not come back: a masked one cannot be started at all, another one not by a boot."""
    masked, off = _units_that_are(e, ["masked"]), _units_that_are(e, NOT_ENABLED)
    if masked:
        yield MASKED(masked, measured=spread(masked))
    if off:
        yield NOT_AT_BOOT(off, measured=spread(off))


def _units_that_are(e: Evidence, states: t.Container[str]) -> dict[str, str]:
    units = {
        host: listed(unit for unit, state in e.units(host).items() if state["enabled"] in states) for host in e.nodes
    }
    return {host: names for host, names in units.items() if names}
