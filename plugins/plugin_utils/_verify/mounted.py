# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge one mount: what it is, and what its options allow. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import (
    LOCAL,
    Evidence,
    odd_sources,
    under,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Finding,
    finding,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements.visibility import _writable


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
