# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The offset and its bound: whatever the round trip and the server's ticks, the truth lies between them."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._clock import arithmetic as clock_arithmetic
from ansible_collections.workbench.cluster.plugins.module_utils._clock.arithmetic import (
    SECOND,
    TICK,
    Sample,
    granularity,
    offset,
)

MS = SECOND // 1000
NOW = 1_794_230_912 * SECOND + 123_456_789


def answer(ahead: int, grain: int, going: int, coming: int, at: int = NOW) -> Sample:
    """A sample of a node `ahead` of a server that stamps with its last tick; the ways there and back take their time."""
    server = at + going
    stamp = server - server % grain
    return Sample(at + ahead + (going + coming) // 2, going + coming, stamp)


@pytest.mark.parametrize("ahead", [0, 3 * SECOND, -3 * SECOND, 300 * MS, -1])
@pytest.mark.parametrize("grain", [1, MS, 4 * MS, 10 * MS, SECOND])
@pytest.mark.parametrize(("going", "coming"), [(0, 0), (MS // 5, MS // 5), (40 * MS, 0), (0, 40 * MS), (MS, 9 * MS)])
def test_truth_is_within_the_bound(ahead: int, grain: int, going: int, coming: int) -> None:
    samples = [answer(ahead, grain, going, coming, NOW + number * 7 * MS) for number in range(8)]
    measured = offset(samples, granularity(samples))
    known, bound = measured["offset"], measured["bound"]
    assert known is not None
    assert bound is not None
    assert abs(known - ahead / SECOND) <= bound + 1e-6


def test_shortest_round_trip_counts() -> None:
    samples = [answer(0, 1, 50 * MS, 0), answer(0, 1, MS, MS), answer(0, 1, 0, 30 * MS)]
    measured = offset(samples, 0)
    assert (measured["offset"], measured["bound"]) == (0, 0.001)
    assert [one["round_trip"] for one in measured["samples"]] == [0.05, 0.002, 0.03]


def test_stamps_of_whole_seconds_are_recognised() -> None:
    whole = [answer(0, SECOND, MS, MS, NOW + number * MS) for number in range(8)]
    assert granularity(whole) == SECOND
    assert granularity([*whole, answer(0, MS, MS, MS)]) == TICK
    assert offset(whole, SECOND)["bound"] == pytest.approx(0.501)


def test_sampling_times_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    wall, ticks = itertools.count(NOW, 10 * MS), itertools.count(0, 2 * MS)
    monkeypatch.setattr("time.time_ns", lambda: next(wall))
    monkeypatch.setattr("time.monotonic_ns", lambda: next(ticks))
    assert clock_arithmetic.sample(lambda: 42, 2) == [
        Sample(NOW + MS, 2 * MS, 42),
        Sample(NOW + 11 * MS, 2 * MS, 42),
    ]
