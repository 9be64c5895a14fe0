# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what is seen of another node's files. Pure."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    PASS,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="visibility",
    title="A file written here is read there",
    source=f"{GUIDE}, NFS volume mounting problems",
    needs=("nodes",),
)


def _writable(e: Evidence, path: str, hosts: list[str]) -> list[Finding]:
    found = []
    share = {host: (e.nodes[host].get("share") or {}).get(path) or {} for host in hosts}
    squashed = [host for host, test in share.items() if test.get("root_squashed")]
    unwritten = {
        host: str(test.get("error") or "write failed") for host, test in share.items() if test.get("written") is False
    }
    unkept = [host for host, test in share.items() if test.get("chmod_kept") is False]
    untold = {
        host: str(test.get("error") or "no answer") for host, test in share.items() if test.get("written") is None
    }
    if squashed:
        found.append(
            finding(
                FAIL,
                f"Root is squashed on {path}",
                squashed,
                measured="a file made by root belongs to somebody else, or root may not write",
                wanted="no_root_squash: Workbench creates and owns files as root",
                remedy="Export it with no_root_squash (nfs_server_options) and run exportfs -ra on the file server.",
            )
        )
    failed = {host: error for host, error in unwritten.items() if host not in squashed}
    if failed:
        words = "Mount it read-write, and see that the file system is neither full nor read-only on the server."
        found.append(
            finding(FAIL, f"{path} cannot be written", failed, measured=spread(failed), wanted="writable", remedy=words)
        )
    if unkept:
        found.append(
            finding(
                FAIL,
                f"{path} does not keep file modes",
                unkept,
                measured="chmod 0600 was not kept",
                wanted="mode 0600 kept: secrets of sessions lie in homes",
                remedy="Use a file system with POSIX modes; on SMB mount with the unix extensions.",
            )
        )
    if untold:
        found.append(
            finding(
                UNKNOWN,
                f"Writing to {path} was not tried",
                untold,
                measured=spread(untold),
                remedy="See that the file server answers, and run verify again, without --check.",
            )
        )
    return found


def judge(e: Evidence) -> list[Finding]:
    """A marker of each member is read by each other one, with the owner and mode it was made with."""
    found, delays = [], []
    for path in e.policy.get("paths") or []:
        sharing = [host for host in e.nodes if e.shared(host, path)]
        unwritten = [
            host for host in sharing if ((e.nodes[host].get("share") or {}).get(path) or {}).get("written") is not True
        ]
        if unwritten and len(sharing) > 1:
            found.append(
                finding(UNKNOWN, f"No file was made in {path}", unwritten, remedy="See homes and shared-storage.")
            )
        unseen: dict[str, dict[str, str]] = {}
        owners: dict[str, dict[str, str]] = {}
        unasked: dict[str, list[str]] = {}
        for host in sharing:
            seen = (e.nodes[host].get("seen") or {}).get(path) or {}
            for peer in sharing:
                if peer == host or ((e.nodes[peer].get("share") or {}).get(path) or {}).get("written") is not True:
                    continue
                marker = seen.get(peer)
                if marker is None:
                    unasked.setdefault(peer, []).append(host)
                    continue
                if marker.get("delay") is None:
                    unseen.setdefault(peer, {})[host] = str(marker.get("error") or "not seen")
                else:
                    delays.append(float(marker["delay"]))
                    owners.setdefault(peer, {})[host] = f"uid {marker['uid']}, mode {marker['mode']}"
        for peer, askers in unasked.items():
            found.append(
                finding(
                    UNKNOWN,
                    f"A file of {peer} in {path} was not looked for",
                    askers,
                    remedy="See that these nodes answer all the time, and run verify again.",
                )
            )
        for peer, hosts in unseen.items():
            found.append(
                finding(
                    FAIL,
                    f"A file of {peer} in {path} is not seen",
                    hosts,
                    measured=spread(hosts),
                    wanted="seen by all nodes",
                    remedy="Compare the mounts (source, options); a long attribute cache (actimeo) delays, "
                    "two exports never show it.",
                )
            )
        for peer, views in owners.items():
            if len(set(views.values())) > 1:
                found.append(
                    finding(
                        FAIL,
                        f"A file of {peer} in {path} has different owners or modes",
                        odd(views),
                        measured=spread(views),
                        wanted="the same owner and mode on all nodes",
                        remedy="Repair the id mapping of NFSv4 (Domain in /etc/idmapd.conf, or sec=sys with "
                        "numeric ids).",
                    )
                )
        left_out = [host for host in e.nodes if host not in sharing]
        if left_out:
            found.append(
                finding(
                    UNKNOWN,
                    f"{path} is not the shared directory here",
                    left_out,
                    remedy="See homes and shared-storage.",
                )
            )
    if delays and not found:
        measured = f"{counted(len(delays), 'file')}, each looked for {max(delays):.2f} s at most"
        found.append(finding(PASS, "Every file of a node was read on all others", e.nodes, measured=measured))
    elif not found and len(e.members) == 1:
        found.append(finding(PASS, "There is one node only", e.nodes))
    return found
