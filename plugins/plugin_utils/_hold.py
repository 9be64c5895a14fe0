# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time: the controller's half.

A run that changes a cluster has two processes beside it. One reads what the holder on a host of the cluster says
(`module_utils/_host/hold.py`), by a connection that ends when that process does. The other ends it when the run has ended,
however it ended. Ansible's own processes fork, so they all have this module as it was when the first play was read.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import select
import signal
import time
import typing as t
from pathlib import Path

from ansible import constants
from ansible_collections.workbench.cluster.plugins.module_utils._host.hold import FOLDER, PULSE

Answer = dict[str, t.Any]
# When the run began, before it looked at any host.
BEGAN = time.monotonic()
TOKEN = secrets.token_hex(8)
# Each process of the run has the second end, those that Ansible forked for a host included: it closes when the last has ended.
ENDED, _RUNS = os.pipe()
# Seconds between two looks at them; after which a controller must have slept, and its connections may be gone; for which a
# connection that broke is tried again.
LOOK, ASLEEP, AGAIN = 1.0, 30.0, 60.0
READ = f"cat {FOLDER}/{PULSE}"


def state() -> t.Literal["", "held", "lost"]:
    """Whether this run holds the cluster, has lost it, or never held it."""
    try:
        descriptor = os.open(_file(), os.O_RDWR)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return "held"
    finally:
        os.close(descriptor)
    return "lost"


def hold(take: t.Callable[[], Answer], read: t.Callable[[], None]) -> Answer:
    """Have `take` answer whether a host lets this run have the cluster, and then `read` from it until the run ends.

    Both are called in a process of their own, which has the connection for itself. An answer has `held`, or `error`.
    """
    readable, writable = os.pipe()
    watcher = os.fork()
    if watcher == 0:
        os.close(readable)
        _alone(lambda: _watch(writable, take, read))
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        said = pipe.read()
    answer: Answer = json.loads(said) if said else {"error": "the process that was to ask has ended"}
    if not answer.get("held"):
        os.waitpid(watcher, 0)
        _file().unlink(missing_ok=True)
    return answer


def refused(host: str, answer: t.Mapping[str, t.Any]) -> str:
    """Why another run is in the way, and what to do."""
    other = answer["holder"]
    who, verb = other["who"], other["verb"]
    if answer["ago"] is None:
        return (
            f"{who} runs {verb} on this cluster since {other['since']}, says {host} (pid {other['pid']} there). "
            "Nothing was changed: run again when it has ended. Where nobody runs it any more: docs/how-to/another-run.md."
        )
    return (
        f"{who} ran {verb} on this cluster until {answer['ago']:.0f} s ago, while this run looked at it. "
        "Nothing was changed: run again."
    )


def candidates(nodes: t.Iterable[str], silent: t.Collection[str], hosts: t.Iterable[str]) -> list[str]:
    """Who is asked for the cluster until one answers: all runs take the nodes in the same order, and hosts of their own last."""
    return list(dict.fromkeys([*(node for node in nodes if node not in silent), *hosts]))


def _file() -> Path:
    """Locked as long as this run holds the cluster; in the folder that Ansible removes when it ends."""
    return Path(t.cast("t.Any", constants).DEFAULT_LOCAL_TMP) / "hold"


def _alone(work: t.Callable[[], None]) -> t.NoReturn:
    """In a child that must never go on as what it was forked from, and that no signal to that one ends."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        work()
    finally:
        os._exit(0)


def _watch(writable: int, take: t.Callable[[], Answer], read: t.Callable[[], None]) -> None:
    os.close(_RUNS)
    lock = os.open(_file(), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    reader = os.fork()
    if reader == 0:
        os.close(lock)
        _alone(lambda: _read(writable, take, read))
    os.close(writable)
    last = time.time()
    while not os.waitpid(reader, os.WNOHANG)[0]:
        ended = select.select([ENDED], [], [], LOOK)[0]
        if ended or time.time() - last > ASLEEP:
            break
        last = time.time()
    _end(reader)


def _end(reader: int) -> None:
    """And what it started, which may be there without it; it has no group of its own in its first moment."""
    try:
        os.killpg(reader, signal.SIGTERM)
    except ProcessLookupError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(reader, signal.SIGTERM)


def _read(writable: int, take: t.Callable[[], Answer], read: t.Callable[[], None]) -> None:
    answer = take()
    os.write(writable, json.dumps(answer).encode())
    os.close(writable)
    while answer.get("held"):
        read()
        until = time.monotonic() + AGAIN
        answer = take()
        while "error" in answer and time.monotonic() < until:
            time.sleep(LOOK)
            answer = take()
