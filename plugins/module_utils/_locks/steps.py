# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the lock test, each complete in itself.

A lock lies in a folder of its own, and locks of another name in others. The holder is a detached process: it has the lock
before the step returns, and ends on SIGTERM, when the folder is gone, or by itself after its time to live. What it leaves
then, the folder's guard removes. Who the holder is, its result says; whoever ends it hands that in again. No file on the
share names a process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, sentence
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import Report, as_user, detach
from ansible_collections.workbench.cluster.plugins.module_utils._locks.entries import Busy, Unsupported, look, target_of
from ansible_collections.workbench.cluster.plugins.module_utils._locks.locktester import Tester
from ansible_collections.workbench.cluster.plugins.module_utils._locks.protocols import (
    KINDS,
    AdvisoryLock,
    Lock,
    make_lock,
)
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import LINKS, lock_protocol
from ansible_collections.workbench.cluster.plugins.module_utils._share import folder as share

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Holder, LockStep, Outcome

PAUSE = 0.1
# The kind that Workbench's own program tests. It ends in its own way only, so it is never killed or found stale.
TESTER, TESTER_STEPS = "locktester", ("hold", "try", "release")
# What lock_test may be asked for.
OPTIONS: dict[str, dict[str, t.Any]] = {
    "step": {
        "type": "str",
        "required": True,
        "choices": ["hold", "try", "release", "takeover", "crash", "stale", "clean"],
    },
    "paths": {"type": "list", "elements": "path", "required": True},
    "types": {"type": "list", "elements": "str", "choices": [*KINDS, TESTER], "default": list(KINDS)},
    # Names a folder; it opens nothing.
    "token": {"type": "str", "required": True, "no_log": False},
    "user": {"type": "str"},
    "name": {"type": "str", "default": "locks"},
    "refresh_rate": {"type": "float", "default": 20},
    "timeout_interval": {"type": "float", "default": 30},
    "holders": {"type": "list", "elements": "dict", "default": []},
    "version": {"type": "str"},
    "wait": {"type": "float", "default": 0},
    "ttl": {"type": "float", "default": 60},
}


class Settings(t.NamedTuple):
    """Who tests in which run; and seconds, `refresh` and `timeout` being refresh-rate and timeout-interval of file-locks.

    `name` is that of the locks. `protocol` is that of `lock_protocol`; `holders` are those that step `hold` has returned, by
    path and kind.
    """

    token: str
    user: str | None
    refresh: float
    timeout: float
    ttl: float
    wait: float
    protocol: str = LINKS
    holders: t.Mapping[tuple[str, str], Holder] = {}
    name: str = "locks"


class Taken(t.TypedDict):
    """What became of a hold; the rest is there where it is not None."""

    outcome: Outcome
    holder: Holder | None
    error: str | None


def holders_of(locks: t.Iterable[t.Mapping[str, t.Any]]) -> dict[tuple[str, str], Holder]:
    """Who holds each lock, by its path and type, of what step `hold` returned. Raises `Failure` for what it never does."""
    holders: dict[tuple[str, str], Holder] = {}
    for lock in locks:
        holder = lock.get("holder")
        if not holder:
            continue
        try:
            holders[(str(lock["path"]), str(lock["type"]))] = {
                "host": str(holder["host"]),
                "pid": int(holder["pid"]),
                "started": str(holder["started"]),
            }
        except (KeyError, TypeError, ValueError) as error:
            raise Failure("holders is not what step hold has returned as locks") from error
    return holders


class Place:
    """Where a lock of one type lies."""

    def __init__(self, path: str, kind: str, settings: Settings) -> None:
        self.path, self.kind, self.settings = path, kind, settings
        self.parent = share.folder(path, settings.token, settings.user, settings.name)
        self.lock = os.path.join(self.parent, kind, "lock")

    @contextlib.contextmanager
    def opened(self) -> t.Iterator[Opened]:
        with share.opened(self.parent) as parent:
            folder = os.open(self.kind, share.OPEN, dir_fd=parent)
            try:
                yield Opened(self, parent, folder)
            finally:
                os.close(folder)

    def make(self) -> None:
        """The folder of the lock. `Failure` or `OSError` when it cannot be made, or the run's folder is another's."""
        with share.made(self.parent) as (parent, _new), contextlib.suppress(FileExistsError):
            os.mkdir(self.kind, 0o700, dir_fd=parent)


class Opened(t.NamedTuple):
    """A place whose folders are open."""

    place: Place
    parent: int
    folder: int

    def lock(self) -> Lock:
        place, settings = self.place, self.place.settings
        if place.kind == TESTER:
            return Tester(self.folder, place.lock)
        return make_lock(place.kind, self.folder, place.lock, settings.timeout, settings.protocol)

    def there(self) -> bool:
        """Whether its folder still has its name."""
        try:
            found = look(self.parent, self.place.kind)
            return found is not None and found.st_ino == os.fstat(self.folder).st_ino
        except OSError:  # the file server knows the folder no more
            return False

    def age(self) -> float | None:
        """Seconds since the lock was refreshed, by the file server's clock."""
        name = target_of(self.folder, os.path.dirname(self.place.lock), "lock") or "lock"
        found = look(self.folder, name)
        return None if found is None else round(share.touch(self.folder) - found.st_mtime, 3)


def take(options: t.Mapping[str, t.Any]) -> list[LockStep]:
    """Take the step that `OPTIONS` ask for. Raises `Failure` for a token, or holders, that are none."""
    user = options["user"] or None
    if options["step"] == "clean":
        return clean(options["paths"], options["token"], user, options["ttl"])
    settings = Settings(
        token=options["token"],
        user=user,
        refresh=options["refresh_rate"],
        timeout=options["timeout_interval"],
        ttl=options["ttl"],
        wait=options["wait"],
        protocol=lock_protocol(options["version"] or None),
        holders=holders_of(options["holders"]),
        name=options["name"],
    )
    return run_step(options["step"], options["paths"], options["types"], settings)


def run_step(step: str, paths: t.Sequence[str], kinds: t.Sequence[str], settings: Settings) -> list[LockStep]:
    """Take one step of the test on the locks of all kinds in all paths, as the tested user; what each met.

    Step `stale` with a `wait` tells of a lock that is alive what it is at once, and what it is then.
    """
    wanted = [kind for kind in kinds if kind != TESTER or step in TESTER_STEPS]
    places = [Place(path, kind, settings) for path in paths for kind in wanted]

    def work() -> list[LockStep]:
        if step == "hold":
            _guard(places, settings)
        if step == "takeover":
            return _wait(step, places, settings)
        met = [_once(step, place) for place in places]
        live = [place for place, result in zip(places, met) if result["outcome"] == "live"]
        return [*met, *_wait(step, live, settings)] if step == "stale" and settings.wait else met

    try:
        return as_user(settings.user, work, settings.wait + share.PATIENCE)
    except Failure as failure:
        return [_result(step, place, "error", error=str(failure)) for place in places]


def clean(paths: t.Sequence[str], token: str, user: str | None, ttl: float) -> list[LockStep]:
    """`{step, type, path, outcome, …}` of each path: `gone`, or `error` with what was left over."""
    results = []
    for path in paths:
        share.folder(path, token, user, "locks")  # what is wrong with the token is no state of a path
        result: LockStep = {
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
            result.update({"outcome": "error", "error": f"{path} could not be cleaned: {failure}"})
        else:
            if left:
                result.update({"outcome": "error", "error": f"could not be removed: {', '.join(left)}"})
        results.append(result)
    return results


def _guard(places: t.Sequence[Place], settings: Settings) -> None:
    """Folders, and their guard: a crashed holder removes nothing. What cannot be made fails where it is used."""
    made = []
    for parent in dict.fromkeys(place.parent for place in places):
        with contextlib.suppress(OSError, Failure), share.made(parent):
            made.append(parent)
    share.guard(made, settings.ttl)


def _once(step: str, place: Place) -> LockStep:
    """One step on one lock; what it meets becomes an outcome."""
    started = time.monotonic()
    try:
        if step == "hold":
            place.make()
        with place.opened() as opened:
            share.touch(opened.parent)
            result = ACTIONS[step](opened)
    except Busy:
        result = _result(step, place, "refused")
    except Unsupported as error:
        result = _result(step, place, "unsupported", error=str(error))
    except (Failure, OSError) as error:
        result = _result(step, place, "error", error=sentence(error))
    if step != "stale":
        result["seconds"] = round(time.monotonic() - started, 3)
    return result


def _wait(step: str, places: t.Sequence[Place], settings: Settings) -> list[LockStep]:
    """Ask again and again, all locks at once, until each has what is waited for or `wait` is over."""
    started, pause = time.monotonic(), PAUSE
    pending, results = list(places), t.cast("dict[Place, LockStep]", {})
    while pending:
        over = time.monotonic() - started >= settings.wait
        for place in list(pending):
            result = results[place] = _once(step, place)
            if result["outcome"] not in ("refused", "live") or over:
                pending.remove(place)
                if step == "takeover":
                    result["seconds"] = round(time.monotonic() - started, 3)
        if pending:
            time.sleep(pause)
            pause = min(2 * pause, 1)  # all nodes ask, and each question is one to the file server
    return [results[place] for place in places]


def _hold(opened: Opened) -> LockStep:
    place = opened.place

    def work(report: Report[Taken]) -> None:
        end: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _frame: end.append(number))
        with place.opened() as own:
            lock = own.lock()
            try:
                lock.acquire()
            except Busy:
                report({"outcome": "refused", "holder": None, "error": None})
            except Unsupported as error:
                report({"outcome": "unsupported", "holder": None, "error": str(error)})
            except (Failure, OSError) as error:
                report({"outcome": "error", "holder": None, "error": sentence(error)})
            else:
                me: Holder = {"host": socket.gethostname(), "pid": os.getpid(), "started": _started(os.getpid())}
                report({"outcome": "held", "holder": me, "error": None})
                _keep(lock, own, end)

    return _result("hold", place, **detach(work, share.PATIENCE))


def _keep(lock: Lock, own: Opened, end: list[int]) -> None:
    settings = own.place.settings
    started = refreshed = time.monotonic()
    while time.monotonic() < started + settings.ttl and own.there() and not end:
        time.sleep(PAUSE)
        if time.monotonic() >= refreshed + settings.refresh and look(own.folder, "lock"):
            lock.refresh()
            refreshed = time.monotonic()
    lock.release()


def _try(opened: Opened) -> LockStep:
    """Whether this node gets the lock. It leaves another's lock in place, so that every node tries the same one."""
    place, lock = opened.place, opened.lock()
    if place.kind != "advisory" and lock.state() == "stale":
        age = opened.age()
        if age is None or age > place.settings.timeout - 1:  # whole seconds decide
            return _result("try", place, "stale", error=f"nobody has refreshed the lock for {age} s")
        words = f"this node's clock makes the lock look stale {age:.1f} s after its last refresh"
        return _result("try", place, "acquired", error=words)
    there = look(opened.folder, "lock") is not None
    lock.acquire()
    if isinstance(lock, AdvisoryLock) and there:
        lock.let_go()
    else:
        lock.release()
    return _result("try", place, "acquired")


def _take_over(opened: Opened) -> LockStep:
    lock = opened.lock()
    lock.acquire()
    lock.release()
    return _result("takeover", opened.place, "acquired")


def _look(opened: Opened) -> LockStep:
    """Whether this node would take the lock from its holder; `seconds` is its age by the file server's clock."""
    state = opened.lock().state()
    return _result("stale", opened.place, state, seconds=None if opened.place.kind == "advisory" else opened.age())


def _release(opened: Opened) -> LockStep:
    place, holder = opened.place, _holder_here(opened.place)
    if not _alive(holder):
        return _result("release", place, "gone", holder=holder, error="the holder has ended before")
    os.kill(holder["pid"], signal.SIGTERM)
    _wait_for_end(holder, max(place.settings.wait, 10), "the holder does not release the lock")
    if place.kind != TESTER and opened.lock().state() != "gone":
        raise Failure("the holder has ended without releasing the lock")
    return _result("release", place, "released", holder=holder)


def _crash(opened: Opened) -> LockStep:
    """Kill the holder so that it can clean nothing up."""
    place, holder = opened.place, _holder_here(opened.place)
    if not _alive(holder):
        return _result("crash", place, "error", holder=holder, error="the holder has ended before")
    os.kill(holder["pid"], signal.SIGKILL)
    _wait_for_end(holder, 10, f"process {holder['pid']} does not die")
    return _result("crash", place, "gone", holder=holder)


def _wait_for_end(holder: Holder, seconds: float, otherwise: str) -> None:
    until = time.monotonic() + seconds
    while _alive(holder):
        if time.monotonic() > until:
            raise Failure(otherwise)
        time.sleep(PAUSE / 5)


ACTIONS: dict[str, t.Callable[[Opened], LockStep]] = {
    "hold": _hold,
    "try": _try,
    "release": _release,
    "takeover": _take_over,
    "crash": _crash,
    "stale": _look,
}


def _result(
    step: str,
    place: Place,
    outcome: Outcome,
    *,
    holder: Holder | None = None,
    seconds: float | None = None,
    error: str | None = None,
) -> LockStep:
    return {
        "step": step,
        "type": place.kind,
        "path": place.path,
        "outcome": outcome,
        "holder": holder,
        "seconds": seconds,
        "error": error,
    }


def _holder_here(place: Place) -> Holder:
    holder = place.settings.holders.get((place.path, place.kind))
    if holder is None:
        raise Failure("nobody holds the lock: holders has none for it")
    if holder["host"] != socket.gethostname():
        raise Failure(f"the lock is held by {holder['host']}: take this step there")
    return holder


def _alive(holder: Holder) -> bool:
    return bool(_started(holder["pid"]) == holder["started"])


def _started(pid: int) -> str | None:
    """When a process began, in ticks since boot: a number may be given to another process. `None` when it is dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]
