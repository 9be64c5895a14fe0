# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge shared storage: mounts, and what is seen through them. Pure. **PRIVATE** to the collection.

Source: Admin Guide, Load Balancing / Configuration (requirements 5 and 6, NFS volume mounting problems).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._verify_evidence import (
    FAIL,
    LOCAL,
    NOTE,
    PASS,
    UNKNOWN,
    Evidence,
    Finding,
    counted,
    finding,
    listed,
    odd,
    odd_sources,
    spread,
    under,
)


def paths(e: Evidence) -> tuple[list[str], list[str]]:
    """The shared paths that hold homes, and those that hold `server-shared-storage-path`; one may be both."""
    every = [str(path) for path in e.policy.get("paths") or []]
    storage = {e.option(host, "rserver.conf", "server-shared-storage-path") for host in e.nodes}
    shared = [path for path in every if any(under(wanted, path) for wanted in storage)]
    users = e.policy.get("users") or []
    dirs = {
        node["accounts"]["users"][user]["home"]
        for node in e.nodes.values()
        for user in users
        if user in node["accounts"]["users"]
    }
    homes = [path for path in every if any(under(home, path) for home in dirs)]
    return homes or [path for path in every if path not in shared] or every, shared


def homes(e: Evidence) -> list[Finding]:
    roots = paths(e)[0]
    found = _mounted(e, roots, "homes")
    for user in e.policy.get("users") or []:
        dirs = {
            host: node["accounts"]["users"][user]["home"]
            for host, node in e.nodes.items()
            if user in node["accounts"]["users"]
        }
        outside = {
            host: home
            for host, home in dirs.items()
            if not any(under(home, root) for root in e.policy.get("paths") or [])
        }
        if outside or len(set(dirs.values())) > 1:
            found.append(
                finding(
                    FAIL,
                    f"The home of {user} is not on shared storage" if outside else f"{user} has different homes",
                    outside or odd(dirs),
                    measured=spread(outside or dirs),
                    wanted=f"one directory under {listed(roots)}",
                    remedy="Move it there and change the account (usermod --home), or name its directory in "
                    f"verify_paths ({user}).",
                )
            )
    return found


def shared_storage(e: Evidence) -> list[Finding]:
    found = []
    values = {host: e.option(host, "rserver.conf", "server-shared-storage-path") for host in e.nodes}
    unset = [host for host, value in values.items() if not value]
    remedy = (
        "Set server-shared-storage-path in rserver.conf to a directory on shared storage (server_shared_storage_path)."
    )
    if unset:
        found.append(
            finding(
                FAIL,
                "server-shared-storage-path is not set",
                unset,
                wanted="a directory on shared storage",
                remedy=remedy,
            )
        )
    every = e.policy.get("paths") or []
    outside = {host: value for host, value in values.items() if value and not any(under(value, path) for path in every)}
    if outside:
        found.append(
            finding(
                FAIL,
                "server-shared-storage-path is not on shared storage",
                outside,
                measured=spread(outside),
                wanted=f"a directory under {listed(every)}",
                remedy=remedy,
            )
        )
    return found + _open_to_all(e, list(outside)) + _mounted(e, paths(e)[1], "shared storage")


def _open_to_all(e: Evidence, others: t.Container[str]) -> list[Finding]:
    """The directory itself: with project sharing, which is on by default, all write to it (Admin Guide, Project Sharing)."""
    closed, absent, untold = {}, {}, {}
    for host in e.nodes:
        directory = e.start(host).get("shared_storage")
        if not directory or host in others:
            continue
        if directory["directory"] is None:
            untold[host] = str(directory["error"])
        elif not directory["directory"]:
            absent[host] = f"{directory['path']} is no directory"
        elif (
            e.on(host, "rserver.conf", "server-project-sharing", default=True)
            and int(directory["mode"], 8) & 0o1777 != 0o1777
        ):
            closed[host] = f"{directory['path']} has mode {directory['mode']}"
    wanted = "a directory that all users may write to, sticky (mode 1777): no node starts again without it"
    found = []
    if absent:
        remedy = "Make it on shared storage, mode 1777 (playbook site), or mount what holds it."
        found.append(
            finding(
                FAIL,
                "The directory of server-shared-storage-path is missing",
                absent,
                measured=spread(absent),
                wanted=wanted,
                remedy=remedy,
            )
        )
    if closed:
        found.append(
            finding(
                FAIL,
                "The directory of server-shared-storage-path is closed to users",
                closed,
                measured=spread(closed),
                wanted=wanted,
                remedy="chmod 1777 on one node (playbook site), or server-project-sharing=0 in rserver.conf.",
            )
        )
    if untold:
        found.append(
            finding(
                UNKNOWN,
                "The directory of server-shared-storage-path does not answer",
                untold,
                measured=spread(untold),
                wanted=wanted,
                remedy="See that the file server answers, and mount it again.",
            )
        )
    return found


def _mounted(e: Evidence, roots: list[str], words: str) -> list[Finding]:
    found: list[Finding] = []
    for path in roots:
        mounts = {host: (node.get("mounts") or {}).get(path) for host, node in e.nodes.items()}
        if mounts and all(_nowhere(e, host, path) for host in mounts):
            remedy = "Name the directories on shared storage in verify_paths."
            found.append(
                finding(UNKNOWN, f"There is no {path}", mounts, wanted=f"the directory for {words}", remedy=remedy)
            )
            continue
        absent = [host for host, mount in mounts.items() if not mount or mount["fstype"] in LOCAL]
        there = {host: mount for host, mount in mounts.items() if mount and host not in absent}
        before = len(found)
        if absent:
            local = {
                host: f"{mount['fstype']} {mount['source']}" if mount else "nothing is mounted"
                for host, mount in mounts.items()
                if host in absent
            }
            found.append(
                finding(
                    FAIL,
                    f"{path} is not shared storage",
                    absent,
                    measured=spread(local),
                    wanted=f"the same network file system on all nodes, for {words}",
                    remedy="Stop the node's services, mount it (role storage, or /etc/fstab), start them; "
                    "sessions that ran meanwhile "
                    "wrote into the local directory.",
                )
            )
        strangers = odd_sources(e, path)
        if strangers:
            found.append(
                finding(
                    FAIL,
                    f"{path} is another export",
                    strangers,
                    measured=spread({host: mount["source"] for host, mount in there.items()}),
                    wanted="the same export on all nodes",
                    remedy="The vendor's full reset: stop Workbench on all nodes, unmount, mount the right "
                    "export, start (NFS volume mounting problems).",
                )
            )
        on_demand = [host for host, mount in there.items() if mount["fstype"] == "autofs"]
        if on_demand:
            found.append(
                finding(
                    UNKNOWN,
                    f"{path} is mounted on demand (autofs), so that it is no file system itself",
                    on_demand,
                    remedy=f"Name what is mounted in it in verify_paths, such as {path}/{(e.policy.get('users') or ['ada'])[0]}.",
                )
            )
        found += _writable(e, path, [host for host in there if host not in [*strangers, *on_demand]])
        options = {host: _notable(mount["options"]) for host, mount in there.items()}
        if len(set(options.values())) > 1:
            found.append(
                finding(
                    NOTE,
                    f"{path} is mounted with different options",
                    odd(options),
                    measured=spread(options),
                    wanted="the same options on all nodes",
                    remedy="Set storage_options for all nodes.",
                )
            )
        if there and not any(item["verdict"] in (FAIL, UNKNOWN) for item in found[before:]):
            source = next(iter(there.values()))
            found.append(
                finding(
                    PASS, f"{path} is one export on all nodes", there, measured=f"{source['fstype']} {source['source']}"
                )
            )
    return found


def _nowhere(e: Evidence, host: str, path: str) -> bool:
    """Whether a node has no such directory at all, which is more often a wrong name than a mount that is missing."""
    share = (e.nodes[host].get("share") or {}).get(path) or {}
    return not (e.nodes[host].get("mounts") or {}).get(path) and "No such file or directory" in str(share.get("error"))


def _notable(options: t.Iterable[str]) -> str:
    """Mount options that change what nodes see of each other; addresses and sizes do not."""
    kept = ("ro", "rw", "hard", "soft", "noac", "nolock", "actimeo", "acregmax", "vers", "local_lock")
    return ",".join(sorted(option for option in options if option.partition("=")[0] in kept))


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
        found.append(finding(UNKNOWN, f"Writing to {path} was not tried", untold, measured=spread(untold)))
    return found


def visibility(e: Evidence) -> list[Finding]:
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
            found.append(finding(UNKNOWN, f"A file of {peer} in {path} was not looked for", askers))
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
