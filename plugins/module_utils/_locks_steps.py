# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the lock test, each complete in itself. **PRIVATE** to the collection.

A lock lies in a folder of its own, with a file that names its holder. The holder is a detached process: it has the lock
before the step returns, and ends on a release file, when the folder is gone, or by itself after its time to live. What it
leaves then, the folder's guard removes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils import _node_share as share
from ansible_collections.workbench.cluster.plugins.module_utils._locks import (
    AdvisoryLock,
    Busy,
    Lock,
    Unsupported,
    make_lock,
)
from ansible_collections.workbench.cluster.plugins.module_utils._locks_tester import Tester
from ansible_collections.workbench.cluster.plugins.module_utils._node_child import (
    Report,
    as_user,
    detach,
    sentence,
)
from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure

PAUSE = 0.1
# The kind that Workbench's own program tests. It ends in its own way only, so it is never killed or found stale.
TESTER, TESTER_STEPS = "locktester", ("hold", "try", "release")


class Settings(t.NamedTuple):
    """Who tests in which run; and seconds, `refresh` and `timeout` being refresh-rate and timeout-interval of file-locks."""

    token: str
    user: str | None
    refresh: float
    timeout: float
    ttl: float
    wait: float


class Place:
    """Where a lock of one type lies."""

    def __init__(self, path: str, token: str, kind: str) -> None:
        self.parent = share.folder(path, token)
        self.path, self.kind = path, kind
        self.folder = os.path.join(self.parent, kind)
        self.lock = os.path.join(self.folder, "lock")
        self.holder = os.path.join(self.folder, "holder")
        self.end = os.path.join(self.folder, "release")

    def make(self, settings: Settings) -> Lock:
        return Tester(self.lock) if self.kind == TESTER else make_lock(self.kind, self.lock, settings.timeout)


def run_step(step: str, paths: t.Sequence[str], kinds: t.Sequence[str], settings: Settings) -> list[dict[str, t.Any]]:
    """`{step, type, path, outcome, holder, seconds, error}` of each lock, those of a path together."""
    wanted = [kind for kind in kinds if kind != TESTER or step in TESTER_STEPS]
    places = [Place(path, settings.token, kind) for path in paths for kind in wanted]

    def work() -> list[dict[str, t.Any]]:
        if step == "hold":
            _prepare(places, settings)
        if step in ("takeover", "stale"):
            return _wait(step, places, settings)
        return [_once(step, place, settings) for place in places]

    try:
        return t.cast("list[dict[str, t.Any]]", as_user(settings.user, work, settings.wait + share.PATIENCE))
    except Failure as failure:
        return [_result(step, place, "error", error=str(failure)) for place in places]


def clean(paths: t.Sequence[str], token: str, user: str | None, ttl: float) -> list[dict[str, t.Any]]:
    """`{step, type, path, outcome, …}` of each path: `gone`, or `error` with what was left over."""
    results = []
    for path in paths:
        share.folder(path, token)
        result = {
            "step": "clean",
            "type": None,
            "path": path,
            "outcome": "gone",
            "holder": None,
            "seconds": None,
            "error": None,
        }
        try:
            left = share.clean(path, token, [None] if user is None else [user, None], ttl)
        except Failure as failure:
            result.update(outcome="error", error=f"{path} could not be cleaned: {failure}")
        else:
            if left:
                result.update(outcome="error", error=f"could not be removed: {', '.join(left)}")
        results.append(result)
    return results


def _prepare(places: t.Sequence[Place], settings: Settings) -> None:
    """Folders, and their guard: a crashed holder removes nothing. What cannot be made fails where it is used."""
    made = []
    for place in places:
        if place.parent in made:
            continue
        try:
            share.make(place.parent)
        except OSError:
            continue
        made.append(place.parent)
    share.guard(made, settings.ttl)


def _once(step: str, place: Place, settings: Settings) -> dict[str, t.Any]:
    """One step on one lock; what it meets becomes an outcome."""
    started = time.monotonic()
    try:
        if step != "hold":
            share.touch(place.parent)
        result = ACTIONS[step](place, settings)
    except Busy:
        result = _result(step, place, "refused")
    except Unsupported as error:
        result = _result(step, place, "unsupported", error=str(error))
    except (Failure, OSError) as error:
        result = _result(step, place, "error", error=sentence(error))
    if step != "stale":
        result["seconds"] = round(time.monotonic() - started, 3)
    return result


def _wait(step: str, places: t.Sequence[Place], settings: Settings) -> list[dict[str, t.Any]]:
    """Ask again and again, all locks at once, until each has what is waited for or `wait` is over."""
    started, pause = time.monotonic(), PAUSE
    pending, results = list(places), t.cast("dict[Place, dict[str, t.Any]]", {})
    while pending:
        over = time.monotonic() - started >= settings.wait
        for place in list(pending):
            result = results[place] = _once(step, place, settings)
            if result["outcome"] not in ("refused", "live") or over:
                pending.remove(place)
                if step == "takeover":
                    result["seconds"] = round(time.monotonic() - started, 3)
        if pending:
            time.sleep(pause)
            pause = min(2 * pause, 1)  # all nodes ask, and each question is one to the file server
    return [results[place] for place in places]


def _hold(place: Place, settings: Settings) -> dict[str, t.Any]:
    os.makedirs(place.folder, 0o700, exist_ok=True)

    def work(report: Report) -> None:
        lock = place.make(settings)
        try:
            lock.acquire()
        except Busy:
            report({"outcome": "refused"})
        except Unsupported as error:
            report({"outcome": "unsupported", "error": str(error)})
        except OSError as error:
            report({"outcome": "error", "error": sentence(error)})
        else:
            me = {"host": socket.gethostname(), "pid": os.getpid()}
            share.write(place.holder, json.dumps({**me, "started": _started(os.getpid())}))
            report({"outcome": "held"})
            _keep(lock, place, settings)

    return _result("hold", place, **detach(work, share.PATIENCE))


def _keep(lock: Lock, place: Place, settings: Settings) -> None:
    started = refreshed = time.monotonic()
    ordered = False
    while time.monotonic() < started + settings.ttl and os.path.exists(place.folder) and not ordered:
        time.sleep(PAUSE)
        if time.monotonic() >= refreshed + settings.refresh and os.path.exists(lock.path):
            lock.refresh()
            refreshed = time.monotonic()
        ordered = os.path.exists(place.end)
    lock.release()
    if ordered:
        os.unlink(place.end)
        os.unlink(place.holder)  # the last: this is what release waits for


def _try(place: Place, settings: Settings) -> dict[str, t.Any]:
    """Whether this node gets the lock. It leaves another's lock in place, so that every node tries the same one."""
    lock = place.make(settings)
    if place.kind != "advisory" and lock.state() == "stale":
        age = _age(place)
        if age is None or age >= settings.timeout:
            return _result("try", place, "stale", error=f"nobody has refreshed the lock for {age} s")
        words = f"this node's clock makes the lock look stale {age:.1f} s after its last refresh"
        return _result("try", place, "acquired", error=words)
    there = os.path.lexists(place.lock)
    lock.acquire()
    if isinstance(lock, AdvisoryLock) and there:
        lock.let_go()
    else:
        lock.release()
    return _result("try", place, "acquired")


def _take_over(place: Place, settings: Settings) -> dict[str, t.Any]:
    lock = place.make(settings)
    lock.acquire()
    lock.release()
    return _result("takeover", place, "acquired")


def _look(place: Place, settings: Settings) -> dict[str, t.Any]:
    """Whether this node would take the lock from its holder; `seconds` is its age by the file server's clock."""
    state = place.make(settings).state()
    return _result("stale", place, state, seconds=None if place.kind == "advisory" else _age(place))


def _release(place: Place, settings: Settings) -> dict[str, t.Any]:
    if not _alive(_holder_here(place)):
        return _result("release", place, "gone", error="the holder has ended before")
    os.close(os.open(place.end, os.O_WRONLY | os.O_CREAT, 0o600))
    until = time.monotonic() + max(settings.wait, 10)
    while os.path.exists(place.holder):
        if time.monotonic() > until:
            raise Failure("the holder does not release the lock")
        time.sleep(PAUSE / 5)
    return _result("release", place, "released")


def _crash(place: Place, settings: Settings) -> dict[str, t.Any]:
    """Kill the holder so that it can clean nothing up."""
    holder = _holder_here(place)
    if not _alive(holder):
        return _result("crash", place, "error", error="the holder has ended before")
    os.kill(holder["pid"], signal.SIGKILL)
    until = time.monotonic() + 10
    while _alive(holder):
        if time.monotonic() > until:
            raise Failure(f"process {holder['pid']} does not die")
        time.sleep(PAUSE / 5)
    return _result("crash", place, "gone")


ACTIONS: dict[str, t.Callable[[Place, Settings], dict[str, t.Any]]] = {
    "hold": _hold,
    "try": _try,
    "release": _release,
    "takeover": _take_over,
    "crash": _crash,
    "stale": _look,
}


def _result(
    step: str, place: Place, outcome: str, *, seconds: float | None = None, error: str | None = None
) -> dict[str, t.Any]:
    holder = _holder(place)
    return {
        "step": step,
        "type": place.kind,
        "path": place.path,
        "outcome": outcome,
        "holder": {"host": holder["host"], "pid": holder["pid"]} if holder else None,
        "seconds": seconds,
        "error": error,
    }


def _holder(place: Place) -> dict[str, t.Any] | None:
    try:
        with open(place.holder, encoding="utf-8") as file:
            return t.cast("dict[str, t.Any]", json.loads(file.read() or "null"))
    except OSError:
        return None


def _holder_here(place: Place) -> dict[str, t.Any]:
    holder = _holder(place)
    if holder is None:
        raise Failure("nobody holds the lock")
    if holder["host"] != socket.gethostname():
        raise Failure(f"the lock is held by {holder['host']}: take this step there")
    return holder


def _alive(holder: t.Mapping[str, t.Any]) -> bool:
    return bool(_started(holder["pid"]) == holder["started"])


def _started(pid: int) -> str | None:
    """When a process began, in ticks since boot: a number may be given to another process. `None` when it is dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _age(place: Place) -> float | None:
    """Seconds since the lock was refreshed, by the file server's clock."""
    try:
        written = os.stat(place.lock).st_mtime
    except FileNotFoundError:
        return None
    return round(share.touch(place.folder) - written, 3)
