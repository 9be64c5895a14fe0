# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a run need to know of the steps before: who answered, whom each node looks at, and where locks are tried."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import HostVars
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.lock_paths import lock_home, lock_paths
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.measured import verify_measured
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.servers import Groups, servers

Target = dict[str, t.Any]


def verify_targets(
    members: t.Sequence[str], hostvars: HostVars, paths: t.Sequence[str], user: str = ""
) -> dict[str, t.Any]:
    """`{peers, holder, others, lock_paths, lock_times}` once the nodes have reported themselves.

    `peers` is what `peers` gives. The first that answered holds the locks that the `others` try; `holder` is empty when
    nobody did. `lock_times` is `{refresh, timeout}`, seconds.
    """
    measured = verify_measured(members, hostvars)
    e = Evidence(measured)
    return {
        "peers": peers(measured),
        "holder": next(iter(e.nodes), ""),
        "others": list(e.nodes)[1:],
        "lock_paths": lock_paths(lock_home(e, user), paths),
        "lock_times": measured["lock_times"],
    }


def preflight_targets(
    members: t.Sequence[str], hostvars: HostVars, groups: Groups, cluster: str, given: t.Mapping[str, t.Any]
) -> list[Target]:
    """`{name, host, ports}` of the servers and the members, as the inventory has them; `given` as `servers` takes it."""
    return [*servers(cluster, groups, hostvars, given), *peers(verify_measured(members, hostvars))]


def peers(measured: t.Mapping[str, t.Any]) -> list[Target]:
    """Where each member is to be reached by the others: `{name, host, ports}`; the port of what it does not use is left out."""
    e = Evidence(measured)
    return [{"name": member, "host": e.advertised(member), "ports": e.ports(member)} for member in e.members]
