# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People behind a front end notice none of the verbs but those that stop all nodes, and those for as long as they last.

Nobody loses a session in any.
"""

from __future__ import annotations

import re
import typing as t

import pytest
from operated import Sessions, Verb, none_is_lost
from walked import LATER, NEW

if t.TYPE_CHECKING:
    from conftest import Lab
    from timeline import Timeline

PATCH = "2026.04.1+600.pro1"
NEEDS = "operate_confirmed"


class Step(t.NamedTuple):
    """A verb and its variables; `limit`: the node that it is about."""

    verb: str
    extra: dict[str, t.Any]
    limit: str = ""

    @property
    def argv(self) -> list[str]:
        return ["--limit", self.limit] if self.limit else []


# In this order.
UNNOTICED = [
    Step("add_node", {"joining": True, "operate_nodes": [NEW]}),
    Step("drain_node", {"joining": True}, "node2"),
    Step("undrain_node", {"joining": True}, "node2"),
    Step("restart", {"joining": True}),
    Step("remove_node", {"joining": True, "operate_nodes": [NEW], NEEDS: "remove_node"}),
    Step("backup", {"operate_backup_passphrase": "correct horse battery staple"}),
    Step("support_bundle", {}),
    Step("forget_stale_nodes", {NEEDS: "forget_stale_nodes"}),
    Step("upgrade", {"server_version": PATCH, "operate_upgrade": "rolling", NEEDS: "upgrade"}),
]
ALL_STOP = [
    Step("rotate_keys", {"server_version": PATCH, NEEDS: "rotate_keys"}),
    Step("reset_storage", {"server_version": PATCH, NEEDS: "reset_storage"}),
    Step("upgrade", {"server_version": LATER, NEEDS: "upgrade"}),
]


@pytest.mark.parametrize("step", UNNOTICED, ids=[step.verb for step in UNNOTICED])
def test_no_request_fails_and_no_session_is_lost(
    lab: Lab, verb: Verb, timeline: Timeline, sessions: Sessions, step: Step
) -> None:
    verb(step.verb, *step.argv, **step.extra)
    timeline.people.settled()
    assert failed_requests(timeline) == []
    none_is_lost(lab, sessions, "node1")


@pytest.mark.parametrize("step", ALL_STOP, ids=[step.verb for step in ALL_STOP])
def test_a_verb_that_stops_all_nodes_is_noticed_while_it_runs_only(
    lab: Lab, verb: Verb, timeline: Timeline, sessions: Sessions, step: Step
) -> None:
    before = len(failed_requests(timeline))
    run = verb(step.verb, **step.extra)
    timeline.people.settled()
    failed = failed_requests(timeline)[before:]
    span = timeline.verbs[-1]
    assert failed, "nodes stopped, and nobody noticed: these people see nothing"
    assert span.begun < min(failed) < max(failed) < span.ended
    if step.verb == "upgrade":
        said = re.search(r"node1 is back (\d+) s after the upgrade began", " ".join(run.output.split()))
        assert said, run.output[-6000:]
        assert max(failed) - min(failed) <= int(said[1]) + 1
    none_is_lost(lab, sessions, "node1")


def failed_requests(timeline: Timeline) -> list[float]:
    """When they began."""
    return sorted(one.begun for one in timeline.people.failed if one.what == "request")
