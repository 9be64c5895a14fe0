# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure this node's clock. **PRIVATE** to the collection.

The clock to compare with is the file server's: a session finds a lock stale when `now - mtime` exceeds a limit, and the
one is the node's, the other the server's (rstudio/rstudio, LinkBasedFileLock.cpp). Offsets are seconds, node minus
reference: positive when this node is ahead.

Of the network file systems only NFS lets the server fill in "now" (RFC 8881, SET_TO_SERVER_TIME4). Clients of
others, CephFS for one, may send their own time, so that a node would be compared with itself.
"""

from __future__ import annotations

import ctypes
import os
import socket
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils import _node_share as share
from ansible_collections.workbench.cluster.plugins.module_utils._clock_daemons import read_daemon
from ansible_collections.workbench.cluster.plugins.module_utils._node_child import as_user
from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure, Run

SECOND = 1_000_000_000
# Kernels stamp files with the time of their last tick: 10 ms at the least frequent (CONFIG_HZ=100).
TICK = SECOND // 100
STA_UNSYNC = 0x40


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


def offset(samples: t.Sequence[Sample], grain: int) -> dict[str, t.Any]:
    """`{offset, bound, samples: [{offset, round_trip}]}` in seconds, from the sample with the shortest round trip.

    The stamp was taken at some time of the round trip, and is up to `grain` nanoseconds late: the offset is the middle
    of what is possible, `bound` half of its width.
    """
    offsets = [
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


def against_storage(path: str, token: str, user: str | None, count: int, ttl: float) -> dict[str, t.Any]:
    """`offset` of this node against the file server of `path`. Raises `Failure` when it cannot be asked."""
    # A directory: of a file that it alone uses, an NFS 4.2 client may be allowed to make up the time itself.
    folder = share.folder(path, token, user, f"clock {socket.gethostname()} {os.getpid()}")

    def work() -> list[Sample]:
        try:
            with share.made(folder) as (descriptor, _new):

                def stamp() -> int:
                    os.utime(descriptor)  # "now", which the server fills in
                    return os.fstat(descriptor).st_mtime_ns

                return sample(stamp, count)
        finally:
            share.remove(folder)

    try:
        rows = as_user(user, work, share.PATIENCE)
    except Failure:
        as_user(user, lambda: share.guard([folder], ttl), share.PATIENCE)  # it may have been killed
        raise
    samples = [Sample(*row) for row in rows]
    return offset(samples, granularity(samples))


class _Timeval(ctypes.Structure):
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_usec", ctypes.c_long)]


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2); its end is padding."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", _Timeval),
        ("rest", ctypes.c_long * 32),
    ]


def read_kernel() -> dict[str, t.Any]:
    """`{synchronized, max_error}` as the kernel has it from whoever steers the clock; only read (modes = 0)."""
    state = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state)) == -1:
        raise Failure(f"adjtimex failed: {os.strerror(ctypes.get_errno())}")
    return {"synchronized": not state.status & STA_UNSYNC, "max_error": state.maxerror / 1e6}


def read_clock(
    run: Run, measure: t.Callable[[], dict[str, t.Any]] | None, kernel: t.Callable[[], dict[str, t.Any]] = read_kernel
) -> dict[str, t.Any]:
    """All of `clock` but its path; `measure` returns `{offset, bound, samples}` against the storage, `None` for no storage."""
    errors = []
    clock: dict[str, t.Any] = {"reference": "none", "offset": None, "bound": None, "samples": []}
    if measure is not None:
        try:
            clock.update(measure(), reference="storage")
        except Failure as failure:
            errors.append(f"The file server's clock could not be measured: {failure}")
    daemon = read_daemon(run)
    if daemon["error"]:
        errors.append(daemon["error"])
    try:
        state = kernel()
    except Failure as failure:
        state = {"synchronized": None, "max_error": None}
        errors.append(str(failure))
    return {**clock, "daemon": daemon, "kernel": state, "errors": errors}
