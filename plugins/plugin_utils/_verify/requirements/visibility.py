# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node sees of the files of the others: each marker is read by each other node, with its owner and mode. Pure.

Source: Admin Guide, Load Balancing / Configuration, NFS volume mounting problems.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import SeenMarker
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    ONE_NODE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="visibility",
    title="A file written here is read there",
    source=f"{GUIDE}, NFS volume mounting problems",
    needs=("nodes",),
)

UNMADE = Fault("No file was made in {path}", remedy="See homes and shared-storage.", verdict=UNKNOWN)
UNASKED = Fault(
    "A file of {peer} in {path} was not looked for",
    remedy="See that these nodes answer all the time, and run verify again.",
    verdict=UNKNOWN,
)
UNSEEN = Fault(
    "A file of {peer} in {path} is not seen",
    wanted="seen by all nodes",
    remedy="Compare the mounts (source, options); a long attribute cache (actimeo) delays, two exports never show it.",
)
OTHER_OWNER = Fault(
    "A file of {peer} in {path} has different owners or modes",
    wanted="the same owner and mode on all nodes",
    remedy="Repair the id mapping of NFSv4 (Domain in /etc/idmapd.conf, or sec=sys with numeric ids).",
)
NOT_SHARED = Fault("{path} is not the shared directory here", remedy="See homes and shared-storage.", verdict=UNKNOWN)
SEEN = Fault(
    "Every file of a node was read on all others",
    measured="{files}, each looked for {seconds:.2f} s at most",
    verdict=PASS,
)


class Look(t.NamedTuple):
    """What `host` saw of the marker of `peer`; None when it did not look."""

    host: str
    peer: str
    marker: SeenMarker | None


def judge(e: Evidence) -> t.Iterator[Finding]:
    found: list[Finding] = []
    delays: list[float] = []
    for path in e.paths:
        sharing = [host for host in e.nodes if e.shared(host, path)]
        looks = _looks(e, path, sharing)
        found += [*_markers(e, path, sharing), *_views(path, looks), *_outside(e, path, sharing)]
        delays += [float(look.marker["delay"]) for look in looks if look.marker and look.marker["delay"] is not None]
    yield from found
    if delays and not found:
        yield SEEN(e.nodes, files=counted(len(delays), "file"), seconds=max(delays))
    elif not found and len(e.members) == 1:
        yield ONE_NODE(e.nodes)


def _made(e: Evidence, host: str, path: str) -> bool:
    test = e.share_test(host, path)
    return test is not None and test["written"] is True


def _looks(e: Evidence, path: str, sharing: t.Collection[str]) -> list[Look]:
    """What each node that shares a path saw of the marker of each other one that made one."""
    seen = {host: e.seen(host, path) for host in sharing}
    makers = [host for host in sharing if _made(e, host, path)]
    return [Look(host, peer, seen[host].get(peer)) for host in sharing for peer in makers if peer != host]


def _markers(e: Evidence, path: str, sharing: t.Collection[str]) -> t.Iterator[Finding]:
    unmade = [host for host in sharing if not _made(e, host, path)]
    if unmade and len(sharing) > 1:
        yield UNMADE(unmade, path=path)


def _views(path: str, looks: t.Iterable[Look]) -> t.Iterator[Finding]:
    """By the node that made the marker: who did not look, who saw nothing, and who saw another owner or mode."""
    unasked: dict[str, list[str]] = {}
    unseen: dict[str, dict[str, str]] = {}
    owners: dict[str, dict[str, str]] = {}
    for host, peer, marker in looks:
        if marker is None:
            unasked.setdefault(peer, []).append(host)
        elif marker["delay"] is None:
            unseen.setdefault(peer, {})[host] = str(marker["error"] or "not seen")
        else:
            owners.setdefault(peer, {})[host] = f"uid {marker['uid']}, mode {marker['mode']}"
    for peer, hosts in unasked.items():
        yield UNASKED(hosts, peer=peer, path=path)
    for peer, errors in unseen.items():
        yield UNSEEN(errors, measured=spread(errors), peer=peer, path=path)
    for peer, views in owners.items():
        if len(set(views.values())) > 1:
            yield OTHER_OWNER(odd(views), measured=spread(views), peer=peer, path=path)


def _outside(e: Evidence, path: str, sharing: t.Collection[str]) -> t.Iterator[Finding]:
    outside = [host for host in e.nodes if host not in sharing]
    if outside:
        yield NOT_SHARED(outside, path=path)
