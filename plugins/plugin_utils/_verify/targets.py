# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a run need to know of the steps before: who answered, whom each node looks at, and where locks are tried."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Target
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import HostVars
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import LOOK, look_report
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Gathered, LockTimes
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.lock_paths import lock_home, lock_paths
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.measured import verify_measured
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.servers import Groups, servers


class VerifyTargets(t.TypedDict):
    peers: list[Target]
    holder: str  # the first that answered, who holds the locks; empty when nobody did
    others: list[str]  # who try them
    answered: list[str]  # all of them
    versions: dict[str, str]  # of Workbench, by node
    built: bool  # a file on a node says that this collection manages it
    lock_paths: list[str]
    lock_times: LockTimes
    seen: bool  # the holder saw the test files of all that answered: it can remove them


def verify_targets(
    members: t.Sequence[str], hostvars: HostVars, paths: t.Sequence[str], user: str = ""
) -> VerifyTargets:
    """What there is to ask once the nodes have reported themselves."""
    measured = verify_measured(members, hostvars)
    e = Evidence(measured)
    return {
        "peers": peers(measured),
        "holder": next(iter(e.nodes), ""),
        "others": list(e.nodes)[1:],
        "answered": list(e.nodes),
        "versions": {host: version for host in e.nodes if (version := e.version(host))},
        "built": any(_is_built(hostvars[host]) for host in e.members),
        "lock_paths": lock_paths(lock_home(e, user), paths),
        "lock_times": measured["lock_times"],
        "seen": _sees_all(e, paths),
    }


def _sees_all(e: Evidence, paths: t.Iterable[str]) -> bool:
    holder, *others = e.nodes or [""]
    markers = [e.seen(holder, path).get(host) for path in paths for host in others] if holder else [None]
    return all(marker is not None and marker["delay"] is not None for marker in markers)


def _is_built(variables: t.Mapping[str, t.Any]) -> bool:
    files = look_report(variables.get(LOOK) or {}).get("files", {})
    return any(state is not None and state["ours"] for state in files.values())


def preflight_targets(
    members: t.Sequence[str], hostvars: HostVars, groups: Groups, cluster: str, given: t.Mapping[str, object]
) -> list[Target]:
    """The servers and the members, as the inventory has them; `given` as `servers` takes it."""
    return [*servers(cluster, groups, hostvars, given), *peers(verify_measured(members, hostvars))]


def peers(measured: Gathered) -> list[Target]:
    """Where each member is to be reached by the others; the port of what it does not use is left out."""
    e = Evidence(measured)
    return [{"name": member, "host": e.advertised(member), "ports": e.ports(member)} for member in e.members]
