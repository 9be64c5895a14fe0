# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time: a process on this host holds the cluster for a run, and lets go when the run ends, however it ends.

The run reads what the process says all the time, by a connection of its own. Where nobody reads any more, there is no run.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import select
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.child import Report, detach

FOLDER = "/run/workbench.cluster"
# The lock, which says who has it, and what its holder says into.
LOCK, PULSE = "hold", "hold.pulse"
# What ps shows of the process.
NAME = b"wb-hold"
BEAT = 0.2
# Seconds for a run that has just ended to be let go, and for a run to begin to read.
ENDING, READING = 3.0, 10.0


class Holder(t.TypedDict):
    """A run: its verb, whose and where it is, the process there, since when by this host's clock, and a word of its own."""

    verb: str
    who: str
    pid: int
    since: str
    token: str


class Held(t.TypedDict):
    """Whether the run that asked holds the cluster; else who does, or did until `ago` seconds before."""

    held: bool
    holder: Holder
    ago: float | None


def take(folder: str, mine: Holder, seen: float, ending: float = ENDING, reading: float = READING) -> Held:
    """Hold the cluster for the run `mine`, which began to look at it `seen` seconds ago.

    Refused where another run holds it, or did since then: what this one saw is not what is there.
    Raises `Failure` or `OSError` where that cannot be told.
    """
    began = time.monotonic() - seen
    os.makedirs(folder, mode=0o755, exist_ok=True)

    def work(report: Report[Held]) -> None:
        lock = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        free = _locked(lock, ending)
        last, alive = _holder(lock), os.fstat(lock).st_mtime
        if last and not free:
            report({"held": False, "holder": last, "ago": None})
        elif last and last["token"] != mine["token"] and began < alive <= time.monotonic():
            report({"held": False, "holder": last, "ago": time.monotonic() - alive})
        else:
            _say(lock, mine)
            pulse = os.path.join(folder, PULSE)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(pulse)
            os.mkfifo(pulse, 0o600)
            report({"held": True, "holder": mine, "ago": None})
            _beat(lock, pulse, reading)
            os.unlink(pulse)

    return detach(work, ending + READING, NAME)


def _locked(lock: int, wait: float) -> bool:
    """Whether this process has the lock, which the one of a run that ended may have for another moment."""
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > until:
                return False
            time.sleep(BEAT / 2)
        else:
            return True


def _holder(lock: int) -> Holder | None:
    """Who wrote the file last; nobody where it is new, or was cut off."""
    try:
        return t.cast("Holder", json.loads(os.pread(lock, 4096, 0)))
    except ValueError:
        return None


def _say(lock: int, mine: Holder) -> None:
    data = json.dumps(mine).encode()
    os.pwrite(lock, data, 0)
    os.ftruncate(lock, len(data))
    _alive(lock)


def _alive(lock: int) -> None:
    """The file's time is that of the last sign of life, since boot: clocks are set in such runs."""
    now = time.monotonic()
    os.utime(lock, (now, now))


def _beat(lock: int, pulse: str, reading: float) -> None:
    """Until nobody reads; `reading` seconds are there to begin."""
    pipe = _opened(pulse, time.monotonic() + reading)
    if pipe is None:
        return
    poll = select.poll()
    poll.register(pipe, 0)  # that nobody reads any more is told all the same
    while not poll.poll(1000 * BEAT):
        try:
            os.write(pipe, b".")
        except BlockingIOError:  # who reads is slow, and there
            pass
        except BrokenPipeError:
            return
        _alive(lock)


def _opened(pulse: str, until: float) -> int | None:
    while True:
        try:
            return os.open(pulse, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > until:
                return None
        time.sleep(BEAT / 4)
