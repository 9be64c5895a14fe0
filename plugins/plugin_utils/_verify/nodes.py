# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is who in list-nodes. Pure."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence, split_port


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
