# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what the product says of itself: database, launcher, status of the nodes. Pure. **PRIVATE** to the collection.

Sources: Admin Guide, Load Balancing / Configuration (requirements 7 and 8, Checking cluster status, Node Database Statuses).
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._connection_uri import database_of, weakened
from ansible_collections.workbench.cluster.plugins.module_utils._verify_evidence import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Evidence,
    Finding,
    counted,
    finding,
    grouped,
    listed,
    odd,
    split_port,
    spread,
)

MINIMUM_POSTGRESQL = 11
# Every server has them, for its own use.
MAINTENANCE = ("postgres", "template0", "template1")
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


def database(e: Evidence) -> list[Finding]:
    found = []
    providers = {host: e.option(host, "database.conf", "provider", "sqlite").lower() for host in e.nodes}
    other = {host: provider for host, provider in providers.items() if provider != "postgresql"}
    if other:
        found.append(
            finding(
                FAIL,
                "Workbench does not use PostgreSQL",
                other,
                measured=spread(other),
                wanted="provider=postgresql in database.conf",
                remedy="Set it in database.conf (role server writes it), and migrate what SQLite holds: "
                "rstudio-server migrate-db.",
            )
        )
    names = {host: _database_name(e, host) for host in e.nodes if host not in other}
    foreign = {host: name for host, name in names.items() if name in MAINTENANCE}
    if foreign:
        found.append(
            finding(
                FAIL,
                "Workbench has no database of its own",
                foreign,
                measured=spread(foreign),
                wanted="an empty database that the user of database.conf owns",
                remedy="Make one (role database, database_name), and name it in database.conf of all nodes; the tables of "
                "Workbench in the old one can be moved with pg_dump, all nodes stopped.",
            )
        )
    answers = {host: node["database"] for host, node in e.nodes.items() if node.get("database") and host not in other}
    down = {
        host: f"{answer['host']}:{answer['port']}: {answer.get('error') or 'no answer'}"
        for host, answer in answers.items()
        if answer["reachable"] is False
    }
    if down:
        found.append(
            finding(
                FAIL,
                "The database cannot be reached",
                down,
                measured=spread(down),
                wanted="an answer to every node",
                remedy="Start PostgreSQL, open its port to the node, and let the node in by pg_hba.conf "
                "(role database).",
            )
        )
    untold = {
        host: str((node.get("database") or {}).get("error") or "not asked")
        for host, node in e.nodes.items()
        if host not in other and (answers.get(host) or {}).get("reachable") is None
    }
    if untold:
        found.append(finding(UNKNOWN, "The database was not asked", untold, measured=spread(untold)))
    versions = {host: str(answer["server_version"]) for host, answer in answers.items() if answer.get("server_version")}
    old = {host: number for host, number in versions.items() if _major(number) < MINIMUM_POSTGRESQL}
    if old:
        found.append(
            finding(
                FAIL,
                "PostgreSQL is too old",
                old,
                measured=spread(old),
                wanted=f"version {MINIMUM_POSTGRESQL} or later",
                remedy="Upgrade the database server.",
            )
        )
    elif answers and not versions:
        found.append(
            finding(
                NOTE,
                "The version of PostgreSQL could not be read",
                answers,
                measured=spread({host: answer["error"] for host, answer in answers.items() if answer.get("error")}),
                wanted=f"version {MINIMUM_POSTGRESQL} or later",
                remedy="Install python3-psycopg2, and python3-cryptography for an encrypted password, on a node, for the "
                "Python that Ansible uses there: verify then asks with the login of database.conf. Or ask yourself: "
                "psql -c 'SHOW server_version'.",
            )
        )
    found += _certificates(e, answers) + _protocol(e)
    if not any(item["verdict"] in (FAIL, UNKNOWN) for item in found) and answers:
        answer = next(iter(answers.values()))
        number = next(iter(versions.values()), "")
        found.append(
            finding(
                PASS,
                f"PostgreSQL {number}".strip() + f" at {answer['host']}:{answer['port']} answers every node",
                answers,
            )
        )
    return found


def _certificates(e: Evidence, hosts: t.Iterable[str]) -> list[Finding]:
    asked = {
        host: weakened(e.option(host, "database.conf", "connection-uri"), e.option(host, "database.conf", "password"))
        for host in hosts
    }
    other = {host: f"sslmode={mode}" for host, mode in asked.items() if mode}
    if not other:
        return []
    return [
        finding(
            NOTE,
            "Workbench checks the database server's certificate otherwise than connection-uri asks",
            other,
            measured=spread(other),
            wanted="sslmode=verify-ca, which Workbench always uses for a login by certificate",
            remedy="Write verify-ca, so that the file says what happens. The name in the certificate is not compared: keep "
            "others from answering at that address, or log in with a password, for which sslmode counts as written.",
        )
    ]


def _database_name(e: Evidence, host: str) -> str:
    """The database that a node names."""
    uri = e.option(host, "database.conf", "connection-uri")
    if not uri:
        return e.option(host, "database.conf", "database") or "rstudio"
    return database_of(uri)


def _major(number: str) -> int:
    head = number.partition(".")[0]
    return int(head) if head.isdigit() else 0


def _protocol(e: Evidence) -> list[Finding]:
    """The cluster's row in the database holds the protocol of the node that made it."""
    listed_as = {
        host: str(cluster["protocol"]).lower()
        for host, cluster in e.clusters.items()
        if cluster.get("protocol") and host in e.nodes
    }
    differs = {}
    for host, protocol in listed_as.items():
        secure = "https" if e.on(host, "load-balancer", "verify-ssl-certs", default=True) else "https no verify"
        wanted = secure if e.on(host, "rserver.conf", "ssl-enabled") else "http"
        if protocol.replace("-", " ") != wanted:
            differs[host] = f"{protocol}, configured {wanted}"
    if not differs:
        return []
    older = e.older("configuration")
    if all("rstudio-server" in older.get(host, {}) for host in differs):
        return [
            finding(
                UNKNOWN,
                "The protocol in the database is that of older files",
                differs,
                measured=spread(differs),
                wanted="the cluster's row says what ssl-enabled and verify-ssl-certs say",
                remedy="See configuration: restart, or take the change back.",
            )
        ]
    return [
        finding(
            FAIL,
            "The protocol in the database is not the configured one",
            differs,
            measured=spread(differs),
            wanted="the cluster's row says what ssl-enabled and verify-ssl-certs say",
            remedy="rstudio-server reset-cluster on one running node, then restart all nodes, that one first.",
        )
    ]


def launcher(e: Evidence) -> list[Finding]:
    """Requirement 8; keys and ports, which belong to it, have requirements of their own."""
    used = [host for host in e.nodes if e.uses_launcher(host)]
    found = []
    hostnames = {host: str(node["hostname"]) for host, node in e.nodes.items()}
    twins = {host: name for host, name in hostnames.items() if list(hostnames.values()).count(name) > 1}
    if twins:
        found.append(
            finding(
                FAIL,
                "Hostnames are not unique",
                twins,
                measured=spread(twins),
                wanted="a hostname of its own on each node",
                remedy="hostnamectl set-hostname, and restart the services.",
            )
        )
    for host in used:
        address = e.option(host, "launcher.conf", "server.address", "localhost")
        if address == "localhost" or address.startswith("127."):
            found.append(
                finding(
                    FAIL,
                    "The launcher answers its own node only",
                    [host],
                    measured=f"address={address} in launcher.conf",
                    wanted="an address the other nodes reach, or 0.0.0.0",
                    remedy="Set address=0.0.0.0 in the [server] section of launcher.conf "
                    "(server_launcher_conf), and restart rstudio-launcher.",
                )
            )
        ports = (e.option(host, "rserver.conf", "launcher-port") or "5559", e.launcher_port(host))
        secure = (
            e.on(host, "rserver.conf", "launcher-use-ssl"),
            e.on(host, "launcher.conf", "server.enable-ssl"),
        )
        if ports[0] != ports[1] or secure[0] != secure[1]:
            found.append(
                finding(
                    FAIL,
                    "Workbench and its launcher are configured differently",
                    [host],
                    measured=f"launcher-port={ports[0]}, launcher-use-ssl={int(secure[0])} in rserver.conf; "
                    f"port={ports[1]}, enable-ssl={int(secure[1])} in launcher.conf",
                    wanted="the same port and the same use of TLS",
                    remedy="Make the two files agree (server_rserver_conf, server_launcher_conf).",
                )
            )
    if not found and e.nodes:
        words = "Launcher sessions are enabled" if used else "Launcher sessions are not enabled"
        detail = "launchers answer other nodes, hostnames are unique; see keys and ports" if used else ""
        found.append(finding(PASS, words, used or e.nodes, measured=detail))
    return found


def rows(e: Evidence) -> list[dict[str, t.Any]]:
    """Members, then strangers in list-nodes, then those in the status endpoint only, with what is known of each.

    `{host, member, id, listed, status, last_seen, flags: {asker: flag}, unseen_by: [askers], services, sessions, load}`;
    `id` and `listed` are `None` where list-nodes does not show it.
    """
    table: list[dict[str, t.Any]] = []
    nodes: list[dict[str, t.Any]] = next(
        (cluster["nodes"] for cluster in e.clusters.values() if cluster.get("nodes")), []
    )
    identities = _identities(e)
    for member in e.members:
        row = next((node for node in nodes if _is(identities[member], node)), None)
        identities[member] |= _names(row) if row else set()
        table.append(_row(e, member, True, row, identities[member]))
    known = list(identities.values())
    for node in nodes:
        if not any(_is(identity, node) for identity in known):
            known.append(_names(node))
            table.append(_row(e, str(node["host"]), False, node, known[-1]))
    for cluster in e.clusters.values():
        for seen in cluster.get("status") or []:
            if not any(_is(identity, seen) for identity in known):
                known.append(_names(seen))
                table.append(_row(e, str(seen["host"]), False, None, known[-1]))
    return table


def _identities(e: Evidence) -> dict[str, set[str]]:
    """Names and addresses each member may be listed under; what two members go by tells neither (a bridge's 172.17.0.1)."""
    claims = {member: _claims(e, member) for member in e.members}
    uses = collections.Counter(name for names in claims.values() for name in names)
    return {member: {name for name in names if uses[name] == 1} for member, names in claims.items()}


def _claims(e: Evidence, member: str) -> set[str]:
    cluster = e.clusters.get(member) or {}
    hostname = str(cluster.get("hostname") or (e.nodes.get(member) or {}).get("hostname") or "")
    names = {member, e.advertised(member), str(e.addresses.get(member) or member), hostname}
    names |= {_short(name) for name in (member, hostname)}
    names.add(split_port(str(cluster.get("www_host_name") or ""))[0])
    names.update(map(str, cluster.get("addresses") or []))
    for node in e.nodes.values():
        names.update((node.get("peers") or {}).get(member, {}).get("address") or [])
    return {name.lower() for name in names if name}


def _short(name: str) -> str:
    """A name up to its first dot; an address is whole."""
    return name if ":" in name or name.replace(".", "").isdigit() else name.partition(".")[0]


def _names(row: t.Mapping[str, t.Any]) -> set[str]:
    return {str(name).lower() for name in (row["host"], row.get("ipv4")) if name}


def _is(identity: set[str], node: t.Mapping[str, t.Any]) -> bool:
    return str(node["host"]).lower() in identity or str(node.get("ipv4") or "-").lower() in identity


def _row(
    e: Evidence, host: str, member: bool, node: t.Mapping[str, t.Any] | None, identity: set[str]
) -> dict[str, t.Any]:
    flags, unseen_by, sessions, load = {}, [], None, None
    for asker, cluster in e.clusters.items():
        shown = cluster.get("status") or []
        if shown and not any(_is(identity, seen) for seen in shown):
            unseen_by.append(asker)
        for seen in shown:
            if _is(identity, seen):
                flags[asker] = seen["flag"]
                sessions = max(sessions or 0, len(seen["sessions"]))
                if not seen["flag"]:
                    load = seen["load"]
    return {
        "host": host,
        "member": member,
        "id": node["id"] if node else None,
        "listed": f"{node['host']}:{node['port']}" if node else None,
        "status": node["status"] if node else None,
        "last_seen": node["last_seen"] if node else None,
        "flags": flags,
        "unseen_by": unseen_by if member else [],
        "services": dict((e.clusters.get(host) or {}).get("services") or {}) if member else {},
        "sessions": sessions,
        "load": load,
    }


def status(e: Evidence) -> list[Finding]:
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
    table = rows(e)
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
            )
        )
    unread = {
        host: _errors(e, host)
        for host, cluster in e.clusters.items()
        if any(not state for state in (cluster.get("services") or {}).values())
    }
    if unread:
        found.append(finding(UNKNOWN, "Whether the services run could not be read", unread, measured=spread(unread)))
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
        return [finding(UNKNOWN, words, mute, measured=spread(mute), wanted="rstudio-server list-nodes")]
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
