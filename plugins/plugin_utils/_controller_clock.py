# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without storage whose server stamps the files, a node's clock is measured against the controller's."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._clock.arithmetic import (
    SECOND,
    Sample,
    offset,
    server_stamps,
)
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import words
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Clock

# A module's own start would take longer than all the rest (measured: 0.2 s).
DATE = "date +%s.%N"


def is_asked(path: object, clock: Clock) -> bool:
    """Whether the controller is to measure this clock: not where the file server of `path` does, or nobody can tell."""
    return not path or not (clock["fstype"] is None or server_stamps(clock["fstype"]))


def moment(done: t.Mapping[str, t.Any]) -> int:
    """What `DATE` answered, in nanoseconds. Raises `Failure` where that is no time."""
    found = re.search(r"^(\d+)\.(\d{9})\s*$", done["stdout"], re.MULTILINE)
    if done["rc"] != 0 or not found:
        raise Failure(f"date answered: {words(done['stdout'], done['stderr'])}")
    return int(found.group(1)) * SECOND + int(found.group(2))


def measured(clock: Clock, ask: t.Callable[[], t.Sequence[Sample]]) -> Clock:
    """The clock with its offset from the controller's. The answer is its own time, the middle of the question the other's."""
    try:
        samples = ask()
    except Failure as failure:
        clock["errors"].append(f"The clock could not be measured from the controller: {failure}")
        return clock
    turned = [Sample(middle=one.stamp, round_trip=one.round_trip, stamp=one.middle) for one in samples]
    return {**clock, **offset(turned, 0), "reference": "controller"}
