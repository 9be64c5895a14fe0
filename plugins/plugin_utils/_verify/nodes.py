# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is who: members of the inventory, rows of `list-nodes`, entries of `/load-balancer/status`. Pure.

The inventory may call a node what it likes, the product shows it by a name and an address of its own. Each member says
under which names it goes; whoever goes by none of them is a stranger.
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.sessions import HOME_PAGE
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ListedNode, StatusNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import SeenNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence, split_port


class Somebody(t.NamedTuple):
    """A member, or a stranger: the names and addresses it goes by, and its row in `list-nodes`."""

    host: str
    member: bool
    names: set[str]
    listed: ListedNode | None

    def shown_in(self, entry: ListedNode | StatusNode) -> bool:
        """Whether a row of `list-nodes`, or an entry of the status endpoint, is about this one."""
        return not self.names.isdisjoint(_names(entry))


def node_rows(e: Evidence) -> list[SeenNode]:
    """Members, then strangers in list-nodes, then those in the status endpoint only, with what is known of each."""
    return [_row(e, somebody) for somebody in _everybody(e)]


def session_users(e: Evidence) -> dict[str, list[str]]:
    """Whose sessions each node has, as the status endpoint that shows most of them says; one that none shows is left out."""
    found: dict[str, list[str]] = {}
    for somebody in _everybody(e):
        entries = [entry for cluster in e.clusters.values() for entry in cluster["status"] if somebody.shown_in(entry)]
        if entries:
            most = max(entries, key=lambda entry: len(entry["sessions"]))
            found[somebody.host] = [one["user"] for one in most["sessions"] if one["process"] != HOME_PAGE]
    return found


def _everybody(e: Evidence) -> list[Somebody]:
    listed: list[ListedNode] = next((cluster["nodes"] for cluster in e.clusters.values() if cluster.get("nodes")), [])
    everybody = [_member(host, names, listed) for host, names in _own_names(e).items()]
    for row in listed:
        if not any(somebody.shown_in(row) for somebody in everybody):
            everybody.append(Somebody(str(row["host"]), False, _names(row), row))
    for cluster in e.clusters.values():
        for entry in cluster.get("status") or []:
            if not any(somebody.shown_in(entry) for somebody in everybody):
                everybody.append(Somebody(str(entry["host"]), False, _names(entry), None))
    return everybody


def _member(host: str, names: set[str], listed: t.Iterable[ListedNode]) -> Somebody:
    """A member also goes by the names of its row in list-nodes: the status endpoint may use others than the member does."""
    unlisted = Somebody(host, True, names, None)
    row = next((row for row in listed if unlisted.shown_in(row)), None)
    return Somebody(host, True, names | _names(row), row) if row else unlisted


def _own_names(e: Evidence) -> dict[str, set[str]]:
    """Names and addresses of each member; what two members go by tells neither (a bridge's 172.17.0.1)."""
    claims = {member: _claims(e, member) for member in e.members}
    uses = collections.Counter(name for names in claims.values() for name in names)
    return {member: {name for name in names if uses[name] == 1} for member, names in claims.items()}


def _claims(e: Evidence, member: str) -> set[str]:
    """What a member may be listed under: by the inventory, by its own word, and as the others resolve its name."""
    cluster = e.clusters.get(member)
    hostname = (cluster["hostname"] if cluster else None) or e.hostname(member)
    names = {member, e.advertised(member), str(e.addresses.get(member) or member), hostname}
    names |= {_up_to_its_dot(name) for name in (member, hostname)}
    if cluster:
        names |= {split_port(cluster["www_host_name"] or "")[0], *map(str, cluster["addresses"])}
    for node in e.nodes.values():
        peer = (node.get("peers") or {}).get(member)
        names.update(peer["address"] if peer else [])
    return {name.lower() for name in names if name}


def _up_to_its_dot(name: str) -> str:
    """A name without its domain; an address is whole."""
    return name if ":" in name or name.replace(".", "").isdigit() else name.partition(".")[0]


def _names(entry: ListedNode | StatusNode) -> set[str]:
    return {str(name).lower() for name in (entry["host"], entry.get("ipv4")) if name}


def _row(e: Evidence, somebody: Somebody) -> SeenNode:
    host, member, __, listed = somebody
    seen: dict[str, list[StatusNode]] = {
        asker: [entry for entry in cluster["status"] if somebody.shown_in(entry)]
        for asker, cluster in e.clusters.items()
        if cluster.get("status")
    }
    entries = [entry for own in seen.values() for entry in own]
    loads = [entry["load"] for entry in entries if not entry["flag"]]
    return {
        "host": host,
        "member": member,
        "id": listed["id"] if listed else None,
        "listed": f"{listed['host']}:{listed['port']}" if listed else None,
        "status": listed["status"] if listed else None,
        "last_seen": listed["last_seen"] if listed else None,
        "flags": {asker: own[-1]["flag"] for asker, own in seen.items() if own},
        "unseen_by": [asker for asker, own in seen.items() if not own] if member else [],
        "services": dict(e.services(host)) if member else {},
        "sessions": max((len(entry["sessions"]) for entry in entries), default=None),
        "load": loads[-1] if loads else None,
    }
