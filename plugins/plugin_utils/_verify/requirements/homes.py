# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Homes of the users: what is mounted for them, and whether they lie in it. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 5).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import mounted
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="homes", title="Homes are on shared storage", source=f"{GUIDE}, requirement 5", needs=("nodes",)
)

BELOW = "one directory under {roots}"
MOVE = "Move it there and change the account (usermod --home), or name its directory in verify_paths ({user})."
ELSEWHERE = Fault("The home of {user} is not on shared storage", wanted=BELOW, remedy=MOVE)
DIFFERENT = Fault("{user} has different homes", wanted=BELOW, remedy=MOVE)


def judge(e: Evidence) -> t.Iterator[Finding]:
    roots = mounted.paths(e)[0]
    yield from mounted.judge(e, roots, "homes")
    for user in e.users:
        homes = mounted.homes(e, user)
        outside = {host: home for host, home in homes.items() if not any(under(home, root) for root in e.paths)}
        if outside:
            yield ELSEWHERE(outside, measured=spread(outside), user=user, roots=listed(roots))
        elif len(set(homes.values())) > 1:
            yield DIFFERENT(odd(homes), measured=spread(homes), user=user, roots=listed(roots))
