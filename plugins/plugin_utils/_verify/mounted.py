# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mounted at a shared path, with which options, and whether Workbench can write to it. Pure.

Homes and the shared storage are judged by this alike, and either may be both.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Mount, ShareTest
from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import (
    LOCAL,
    Evidence,
    odd_sources,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
)

NOWHERE = Fault(
    "There is no {path}",
    wanted="the directory for {purpose}",
    remedy="Name the directories on shared storage in verify_paths.",
    verdict=UNKNOWN,
)
NOT_SHARED = Fault(
    "{path} is not shared storage",
    wanted="the same network file system on all nodes, for {purpose}",
    remedy="Stop the node's services, mount it (role storage, or /etc/fstab), start them; sessions that ran meanwhile wrote into "
    "the local directory.",
)
OTHER_EXPORT = Fault(
    "{path} is another export",
    wanted="the same export on all nodes",
    remedy="The vendor's full reset: stop Workbench on all nodes, unmount, mount the right export, start (NFS volume mounting "
    "problems).",
)
ON_DEMAND = Fault(
    "{path} is mounted on demand (autofs), so that it is no file system itself",
    remedy="Name what is mounted in it in verify_paths, such as {path}/{user}.",
    verdict=UNKNOWN,
)
OTHER_OPTIONS = Fault(
    "{path} is mounted with different options",
    wanted="the same options on all nodes",
    remedy="Set storage_options for all nodes.",
    verdict=NOTE,
)
ONE_EXPORT = Fault("{path} is one export on all nodes", verdict=PASS)
SQUASHED = Fault(
    "Root is squashed on {path}",
    measured="a file made by root belongs to somebody else, or root may not write",
    wanted="no_root_squash: Workbench creates and owns files as root",
    remedy="Export it with no_root_squash (nfs_server_options) and run exportfs -ra on the file server.",
)
READ_ONLY = Fault(
    "{path} cannot be written",
    wanted="writable",
    remedy="Mount it read-write, and see that the file system is neither full nor read-only on the server.",
)
MODES_LOST = Fault(
    "{path} does not keep file modes",
    measured="chmod 0600 was not kept",
    wanted="mode 0600 kept: secrets of sessions lie in homes",
    remedy="Use a file system with POSIX modes; on SMB mount with the unix extensions.",
)
UNTRIED = Fault(
    "Writing to {path} was not tried",
    remedy="See that the file server answers, and run verify again, without --check.",
    verdict=UNKNOWN,
)

# Mount options that change what nodes see of each other; addresses and sizes do not.
NOTABLE = {"ro", "rw", "hard", "soft", "noac", "nolock", "actimeo", "acregmax", "vers", "local_lock"}


def judge(e: Evidence, roots: t.Iterable[str], purpose: str) -> t.Iterator[Finding]:
    """What is wrong with each of some shared paths, or that it is one export; `purpose` says what they are for."""
    for path in roots:
        mounts = {host: e.mounted(host, path) for host in e.nodes}
        if mounts and all(_nowhere(e, host, path) for host in mounts):
            yield NOWHERE(mounts, path=path, purpose=purpose)
            continue
        there = {host: mount for host, mount in mounts.items() if mount and mount["fstype"] not in LOCAL}
        absent = {host: _shown(mount) for host, mount in mounts.items() if host not in there}
        found = [*_not_shared(absent, path, purpose), *_otherwise(e, there, path)]
        yield from found
        if there and not any(item["verdict"] in (FAIL, UNKNOWN) for item in found):
            first, *__ = there.values()
            yield ONE_EXPORT(there, measured=_shown(first), path=path)


def paths(e: Evidence) -> tuple[list[str], list[str]]:
    """The shared paths that hold homes, and those that hold `server-shared-storage-path`; one may be both."""
    storage = {e.option(host, "rserver.conf", "server-shared-storage-path") for host in e.nodes}
    dirs = {home for user in e.users for home in homes(e, user).values()}
    shared = [path for path in e.paths if any(under(wanted, path) for wanted in storage)]
    held = [path for path in e.paths if any(under(home, path) for home in dirs)]
    return held or [path for path in e.paths if path not in shared] or e.paths, shared


def homes(e: Evidence, user: str) -> dict[str, str]:
    """The home of a user, on each node that knows the user."""
    users = {host: node["accounts"]["users"] for host, node in e.nodes.items()}
    return {host: its[user]["home"] for host, its in users.items() if user in its}


def _nowhere(e: Evidence, host: str, path: str) -> bool:
    """Whether a node has no such directory at all, which is more often a wrong name than a mount that is missing."""
    test = e.share_test(host, path)
    return not e.mounted(host, path) and test is not None and "No such file or directory" in str(test.get("error"))


def _shown(mount: Mount | None) -> str:
    return f"{mount['fstype']} {mount['source']}" if mount else "nothing is mounted"


def _not_shared(absent: t.Mapping[str, str], path: str, purpose: str) -> t.Iterator[Finding]:
    if absent:
        yield NOT_SHARED(absent, measured=spread(absent), path=path, purpose=purpose)


def _otherwise(e: Evidence, there: t.Mapping[str, Mount], path: str) -> t.Iterator[Finding]:
    """What is mounted and is another export, no file system yet, not writable, or has other options."""
    strangers = odd_sources(e, path)
    on_demand = [host for host, mount in there.items() if mount["fstype"] == "autofs"]
    options = {host: _notable(mount["options"]) for host, mount in there.items()}
    if strangers:
        sources = {host: mount["source"] for host, mount in there.items()}
        yield OTHER_EXPORT(strangers, measured=spread(sources), path=path)
    if on_demand:
        yield ON_DEMAND(on_demand, path=path, user=e.users[0] if e.users else "ada")
    yield from _written(e, path, [host for host in there if host not in (*strangers, *on_demand)])
    if len(set(options.values())) > 1:
        yield OTHER_OPTIONS(odd(options), measured=spread(options), path=path)


def _notable(options: t.Iterable[str]) -> str:
    return ",".join(sorted(option for option in options if option.partition("=")[0] in NOTABLE))


def _written(e: Evidence, path: str, hosts: t.Iterable[str]) -> t.Iterator[Finding]:
    """What became of the file that each host made there; none is made in check mode."""
    tests = {host: e.share_test(host, path) for host in hosts}
    made = {host: test for host, test in tests.items() if test and test["written"] is not None}
    yield from _made(path, made)
    untried = {
        host: (test["error"] if test else None) or "no answer" for host, test in tests.items() if host not in made
    }
    if untried:
        yield UNTRIED(untried, measured=spread(untried), path=path)


def _made(path: str, made: t.Mapping[str, ShareTest]) -> t.Iterator[Finding]:
    squashed = [host for host, test in made.items() if test["root_squashed"]]
    failed = {host: test["error"] or "write failed" for host, test in made.items() if not test["written"]}
    denied = {host: error for host, error in failed.items() if host not in squashed}
    modeless = [host for host, test in made.items() if test["chmod_kept"] is False]
    if squashed:
        yield SQUASHED(squashed, path=path)
    if denied:
        yield READ_ONLY(denied, measured=spread(denied), path=path)
    if modeless:
        yield MODES_LOST(modeless, path=path)
