# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Project sharing lets others in by access control lists: what one node grants is granted on all. Pure.

Source: Admin Guide, Project Sharing: the directories of projects (homes, and `server-project-sharing-root-dir`) need POSIX
ACLs (NFSv3) or NFSv4 ACLs; `nfs-acl-version` in rsession.conf says which.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ShareTest
from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import mounted
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements.visibility import NOT_SHARED

REQUIREMENT = Requirement(
    id="sharing",
    title="Users can share projects",
    source="Admin Guide, Project Sharing",
    needs=("nodes",),
)

# What the product calls the kinds that a node reports.
VERSIONS = {"posix": "nfsv3", "nfs4": "nfsv4"}
WANTED = "POSIX or NFSv4 access control lists, by which project sharing lets others in"
NO_LISTS = Fault(
    "{path} keeps no access control lists",
    wanted=WANTED,
    remedy="Mount it without noacl, from a file system that has them; or set server-project-sharing=0 in rserver.conf "
    "(server_rserver_conf).",
)
OTHER_LISTS = Fault(
    "rsession.conf has nfs-acl-version={said}, and {path} keeps others",
    wanted="nfs-acl-version={kept} in rsession.conf",
    remedy="Set it there, on all nodes, or mount {path} with the other version of NFS.",
)
UNSAID = Fault(
    "{path} keeps NFSv4 access control lists, and rsession.conf does not say so",
    wanted="nfs-acl-version=nfsv4 in rsession.conf, and nfs4_setfacl (nfs4-acl-tools) on the nodes",
    remedy="Set it where projects are shared.",
    verdict=NOTE,
)
UNSEEN = Fault(
    "What {peer} grants in {path} is not granted here",
    wanted="the same access control lists on all nodes",
    remedy="Compare the mounts (version of NFS, noacl, source).",
)
UNTOLD = Fault(
    "Whether {path} keeps access control lists cannot be told",
    wanted=WANTED,
    remedy="See what the file server takes for the name of an account: numbers, or names with a domain (/etc/idmapd.conf).",
    verdict=UNKNOWN,
)
OFF = Fault("Project sharing is off", measured="server-project-sharing=0", verdict=PASS)
KEPT = Fault("What one node grants in {path}, all nodes grant", verdict=PASS)


def applies(e: Evidence) -> bool:
    """Whether a node tried: none does in check mode, and none did in reports of old."""
    return any("acls" in test for host in e.nodes for test in (e.nodes[host].get("share") or {}).values())


def judge(e: Evidence) -> t.Iterator[Finding]:
    sharing = [host for host in e.nodes if e.on(host, "rserver.conf", "server-project-sharing", default=True)]
    if not sharing:
        yield OFF(e.nodes)
    for path in _places(e):
        outside = [host for host in sharing if not e.shared(host, path)]
        if outside:
            yield NOT_SHARED(outside, path=path)
        yield from _judge(e, path, _tried(e, path, [host for host in sharing if host not in outside]))


def _places(e: Evidence) -> list[str]:
    """Where projects lie: in homes, and in one more directory that may be named."""
    roots = {e.option(host, "rserver.conf", "server-project-sharing-root-dir") for host in e.nodes} - {""}
    homes = mounted.paths(e)[0]
    return [path for path in e.paths if path in homes or any(under(named, path) for named in roots)]


def _tried(e: Evidence, path: str, hosts: t.Iterable[str]) -> dict[str, ShareTest]:
    """What came of it where a file could be written at all; where not, `homes` and `shared-storage` say so."""
    tests = {host: e.share_test(host, path) for host in hosts}
    return {host: test for host, test in tests.items() if test and "acls" in test and test["written"]}


def _judge(e: Evidence, path: str, tests: t.Mapping[str, ShareTest]) -> t.Iterator[Finding]:
    kept = {host: test["acls"] for host, test in tests.items() if test["acls"]}
    without = [host for host in tests if host not in kept]
    untold = {host: error for host in without if (error := tests[host].get("acl_error"))}
    none = {host: _options(e, host, path) for host in without if host not in untold}
    found = [*_said(e, path, kept), *_seen(e, path, kept)]
    if untold:
        yield UNTOLD(untold, measured=spread(untold), path=path)
    if none:
        yield NO_LISTS(none, measured=spread(none), path=path)
    yield from found
    if kept and not without and all(item["verdict"] == NOTE for item in found):
        yield KEPT(kept, measured=spread({host: _kinds(kinds) for host, kinds in kept.items()}), path=path)


def _kinds(kinds: t.Iterable[str]) -> str:
    return " and ".join({"posix": "POSIX", "nfs4": "NFSv4"}[kind] for kind in kinds)


def _options(e: Evidence, host: str, path: str) -> str:
    mount = e.mounted(host, path)
    return f"{mount['fstype']} {mount['source']} {','.join(mount['options'])}" if mount else "no report of the mount"


def _said(e: Evidence, path: str, kept: t.Mapping[str, list[str]]) -> t.Iterator[Finding]:
    """What rsession.conf says, held against what the file system keeps."""
    wrong: dict[tuple[str, str], list[str]] = {}
    unsaid = []
    for host, kinds in kept.items():
        said, versions = e.option(host, "rsession.conf", "nfs-acl-version"), [VERSIONS[kind] for kind in kinds]
        if said and versions and said not in versions:
            wrong.setdefault((said, " or ".join(versions)), []).append(host)
        elif not said and versions == ["nfsv4"]:
            unsaid.append(host)
    for (said, versions_kept), hosts in wrong.items():
        yield OTHER_LISTS(hosts, said=said, kept=versions_kept, path=path)
    if unsaid:
        yield UNSAID(unsaid, path=path)


def _seen(e: Evidence, path: str, hosts: t.Collection[str]) -> t.Iterator[Finding]:
    """By the node that granted, who sees its file and not the grant; who sees no file is told by `visibility`."""
    for peer in hosts:
        seen = {
            host: marker for host in hosts if (marker := e.seen(host, path).get(peer)) and marker["delay"] is not None
        }
        blind = [host for host, marker in seen.items() if not marker.get("acls")]
        if blind:
            yield UNSEEN(blind, peer=peer, path=path)
