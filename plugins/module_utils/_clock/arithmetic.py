# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far one clock is from another, with the bound of the error. Pure."""

from __future__ import annotations

import time
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ClockOffset, ClockSample


SECOND = 1_000_000_000
# Kernels stamp files with the time of their last tick: 10 ms at the least frequent (CONFIG_HZ=100).
TICK = SECOND // 100


class Sample(t.NamedTuple):
    """Nanoseconds: our time in the middle of the question, how long the answer took, and the answer."""

    middle: int
    round_trip: int
    stamp: int


def sample(stamp: t.Callable[[], int], count: int) -> list[Sample]:
    """Ask `stamp` for the other clock's time, `count` times."""
    samples = []
    for _number in range(count):
        before, started = time.time_ns(), time.monotonic_ns()
        answer = stamp()
        round_trip = time.monotonic_ns() - started
        samples.append(Sample(before + round_trip // 2, round_trip, answer))
    return samples


def granularity(samples: t.Iterable[Sample]) -> int:
    """Nanoseconds by which a file server's time stamp may be behind its clock."""
    return SECOND if all(one.stamp % SECOND == 0 for one in samples) else TICK


def offset(samples: t.Sequence[Sample], grain: int) -> ClockOffset:
    """The offset of the sample with the shortest round trip.

    The stamp was taken at some time of the round trip, and is up to `grain` nanoseconds late: the offset is the middle
    of what is possible, `bound` half of its width.
    """
    offsets: list[ClockSample] = [
        {"offset": _seconds(one.middle - one.stamp - grain // 2), "round_trip": _seconds(one.round_trip)}
        for one in samples
    ]
    best = min(range(len(samples)), key=lambda number: samples[number].round_trip)
    bound = _seconds((samples[best].round_trip + grain) // 2)
    return {"offset": offsets[best]["offset"], "bound": bound, "samples": offsets}


def _seconds(nanoseconds: int) -> float:
    return round(nanoseconds / SECOND, 6)


def server_stamps(fstype: str) -> bool:
    """Whether files of such a file system are stamped by its server for certain."""
    return fstype.startswith("nfs")
