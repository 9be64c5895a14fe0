# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a clock and to the share in the middle of a verb does not matter.

What needs neither is in the scenario operate.
"""

from __future__ import annotations

import typing as t

from operated import STARTED, Sessions, Verb, none_is_lost
from walked import LATER, NODES, all_answer

if t.TYPE_CHECKING:
    from conftest import Lab

VERSION = {"server_version": LATER}
BRING = "Bring the node into its state"


def test_a_clock_that_jumps_during_a_drain_loses_nothing(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    def jump() -> None:
        lab.sh("node2", "date -s '20 seconds' >/dev/null")

    verb("drain_node", "--limit", "node2", at=(BRING, jump), **VERSION)
    none_is_lost(lab, sessions, "node1")
    lab.sh("node2", "chronyc makestep")
    verb("undrain_node", "--limit", "node2", **VERSION)
    assert all_answer()
    none_is_lost(lab, sessions, "node2")


def test_a_share_that_hangs_for_half_a_minute_is_waited_for(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    before = lab.each(NODES, STARTED)

    def hang() -> None:
        lab.sh(
            "store1", "nohup sh -c 'sleep 1; ip link set eth0 down; sleep 30; ip link set eth0 up' >/dev/null 2>&1 &"
        )

    verb("restart", at=(BRING, hang), **VERSION)
    after = lab.each(NODES, STARTED)
    assert all(before[node] != after[node] for node in NODES)
    assert all_answer()
    none_is_lost(lab, sessions, "node1")
