# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the trials of locks said: one verdict for each kind of lock in each directory. Pure.

One node holds the lock, the others try it, it is released and taken over. Then it is held again, its holder is killed, and
the others are asked whether they would take it. What goes wrong first is what the trial says.
Source: Admin Guide, Load Balancing / Configuration (File locking, Lock configuration).
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import (
    LockSettings,
    lock_protocol,
    read_lock_settings,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import HostLock, LockRow
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import FAIL, PASS, UNKNOWN

NOT_HELD = "no node held it"
NOT_ACQUIRED = "no node can acquire it: {reason}"
ENDED_EARLY = "{hosts} did not hold it until all others had tried"
ALL_ACQUIRE = "all nodes acquire it while {holder} holds it"
SOME_ACQUIRE = "{hosts} acquired it while {holder} holds it"
STOLEN = "{hosts} would steal it from {holder}, which refreshes it"
UNSUPPORTED = "{hosts} cannot acquire it at all"
NOT_TOLD = "trying it failed: {reasons}"
NOT_TRIED = "no other node tried it"
NOT_RELEASED = "{host} does not release it"
NOT_TAKEN_OVER = "{host} cannot take it over after {holder} released it"
STALE_TOO_EARLY = "{host} would steal it {seconds:.0f} s after its last refresh"
NOT_HELD_AGAIN = "it was not held a second time"
NOT_ACQUIRED_AGAIN = "{holder} cannot acquire it again: {reason}"
NOT_KILLED = "its holder could not be killed: {reason}"
DEATH_NOT_SEEN = "nobody saw what becomes of the lock of a holder that died: {reasons}"
ASKED_ONCE = "{hosts} could not be asked again after the timeout"
NEVER_TAKEN_OVER = "{hosts} never take over from a holder that died"
EXCLUDES = "{holder} held it, {others} refused"

# How each kind of lock is asked for in file-locks. Workbench's own program, `locktester`, takes the one that is configured.
SETTINGS = {
    "linkbased": "lock-type=linkbased, use-symlinks=0",
    "symlink": "lock-type=linkbased, use-symlinks=1",
    "advisory": "lock-type=advisory",
}

# What each node met, by step.
Trial = dict[str, list[HostLock]]


class Judgement(t.NamedTuple):
    verdict: str
    says: str
    hosts: list[str]


def lock_settings(e: Evidence, host: str) -> LockSettings:
    """`file-locks` of a node, as the version that it runs reads it."""
    values = {name: str(given[0]) for name, given in e.options(host, "file-locks").items() if given}
    return read_lock_settings(values, lock_protocol(e.version(host)))


def configured_lock(e: Evidence) -> str | None:
    """`linkbased`, `symlink` or `advisory`, as file-locks of most nodes says; None without a node to ask."""
    kinds = {host: lock_settings(e, host).kind for host in e.nodes}
    return max(grouped(kinds).items(), key=lambda group: len(group[1]))[0] if kinds else None


def shared_steps(e: Evidence) -> list[HostLock]:
    """What was tried on shared storage; elsewhere a lock excludes nobody."""
    return [step for step in e.locks if step["step"] != "clean" and e.shared(step["host"], step["path"])]


def lock_rows(e: Evidence) -> list[LockRow]:
    """Every lock that was tried."""
    configured = configured_lock(e)
    every: dict[tuple[str, str], list[HostLock]] = {}
    for step in shared_steps(e):
        every.setdefault((step["path"], str(step["type"])), []).append(step)
    rows = []
    for (path, kind), steps in every.items():
        # Workbench's own program is "unsupported" where it is not installed.
        tried = [step for step in steps if kind in SETTINGS or step["outcome"] != "unsupported"]
        if kind in SETTINGS or any(step["step"] == "hold" for step in tried):
            judgement = _judge(tried, float(e.policy.get("lock_refresh", 20)), dies=kind in SETTINGS)
            rows.append(_row(path, kind, kind == configured, judgement, tried))
    return rows


def _row(path: str, kind: str, configured: bool, judgement: Judgement, steps: t.Iterable[HostLock]) -> LockRow:
    outcomes: dict[str, dict[str, str]] = {}
    for step in steps:
        outcomes.setdefault(step["step"], {})[step["host"]] = step["outcome"]
    return {
        "path": path,
        "type": kind,
        "configured": configured,
        "verdict": judgement.verdict,
        "says": judgement.says,
        "hosts": judgement.hosts,
        "outcomes": outcomes,
    }


def _judge(steps: t.Sequence[HostLock], refresh: float, *, dies: bool) -> Judgement:
    """`dies`: whether its holder is held again and killed; Workbench's own program is not."""
    trial: Trial = {}
    for step in steps:
        trial.setdefault(step["step"], []).append(step)
    wrong = itertools.chain(
        _held(trial),
        _refused(trial),
        _released(trial),
        _refreshed(trial, refresh),
        _taken_from_the_dead(trial) if dies else [],
    )
    first = next(wrong, None)
    if first:
        return first
    says = EXCLUDES.format(holder=_holder(trial), others=counted(len(trial["try"]), "other node"))
    return Judgement(PASS, says, [step["host"] for step in steps])


def _holder(trial: Trial) -> str:
    return trial["hold"][0]["host"]


def _with(steps: t.Iterable[HostLock], outcome: str) -> list[str]:
    """The hosts that met an outcome."""
    return [step["host"] for step in steps if step["outcome"] == outcome]


def _reason(step: HostLock) -> str:
    return str(step["error"] or step["outcome"])


def _verdict(step: HostLock) -> str:
    """What went wrong is a fault; what could not even be tried is not known."""
    return UNKNOWN if step["outcome"] == "error" else FAIL


def _held(trial: Trial) -> t.Iterator[Judgement]:
    hold = next(iter(trial.get("hold", [])), None)
    if hold is None:
        yield Judgement(UNKNOWN, NOT_HELD, [])
    elif hold["outcome"] != "held":
        yield Judgement(_verdict(hold), NOT_ACQUIRED.format(reason=_reason(hold)), [hold["host"]])


def _refused(trial: Trial) -> t.Iterator[Judgement]:
    """All others are refused while it is held: the two bad outcomes of the documents, and what proves nothing."""
    holder, tried = _holder(trial), trial.get("try", [])
    ended, took = _with(trial.get("release", []), "gone"), _with(tried, "acquired")
    if ended:
        yield Judgement(UNKNOWN, ENDED_EARLY.format(hosts=listed(ended)), [*ended, *took])
    if took:
        says = ALL_ACQUIRE if len(took) == len(tried) else SOME_ACQUIRE
        yield Judgement(FAIL, says.format(hosts=listed(took), holder=holder), took)
    stolen, unsupported = _with(tried, "stale"), _with(tried, "unsupported")
    if stolen:
        yield Judgement(FAIL, STOLEN.format(hosts=listed(stolen), holder=holder), stolen)
    if unsupported:
        yield Judgement(FAIL, UNSUPPORTED.format(hosts=listed(unsupported)), unsupported)
    broken = {step["host"]: _reason(step) for step in tried if step["outcome"] != "refused"}
    if broken:
        yield Judgement(UNKNOWN, NOT_TOLD.format(reasons=spread(broken)), list(broken))
    if not tried:
        yield Judgement(UNKNOWN, NOT_TRIED, [])


def _released(trial: Trial) -> t.Iterator[Judgement]:
    for name, says in (("release", NOT_RELEASED), ("takeover", NOT_TAKEN_OVER)):
        for step in trial.get(name, []):
            if step["outcome"] not in ("released", "acquired", "held"):
                yield Judgement(_verdict(step), says.format(host=step["host"], holder=_holder(trial)), [step["host"]])


def _refreshed(trial: Trial, refresh: float) -> t.Iterator[Judgement]:
    """A live lock is at most as old as its refresh rate."""
    for step in trial.get("stale", []):
        age = step["seconds"]
        if step["outcome"] == "stale" and age is not None and float(age) <= refresh:
            says = STALE_TOO_EARLY.format(host=step["host"], seconds=float(age))
            yield Judgement(FAIL, says, [step["host"]])


def _taken_from_the_dead(trial: Trial) -> t.Iterator[Judgement]:
    """What keeps from saying that the others take over from a holder that died."""
    holder = _holder(trial)
    again, crash = (next(iter(trial.get(name, [])), None) for name in ("again", "crash"))
    if again is None:
        yield Judgement(UNKNOWN, NOT_HELD_AGAIN, [holder])
    elif again["outcome"] != "held":
        says = NOT_ACQUIRED_AGAIN.format(holder=holder, reason=_reason(again))
        yield Judgement(_verdict(again), says, [holder])
    if crash is None or crash["outcome"] != "gone":
        says = NOT_KILLED.format(reason=_reason(crash) if crash else "not tried")
        yield Judgement(UNKNOWN, says, [holder])
    yield from _asked_after_the_death(trial.get("stale", []))


def _asked_after_the_death(asked: t.Sequence[HostLock]) -> t.Iterator[Judgement]:
    """Each node is asked at once, and again after the timeout unless it was gone; the last answer counts."""
    last = {step["host"]: step for step in asked}
    errors = {host: str(step["error"] or "error") for host, step in last.items() if step["outcome"] == "error"}
    if errors or not last:
        reasons = spread(errors) or "no other node was asked"
        yield Judgement(UNKNOWN, DEATH_NOT_SEEN.format(reasons=reasons), list(errors))
    alive = [host for host, step in last.items() if step["outcome"] not in ("stale", "gone")]
    hosts = [step["host"] for step in asked]
    once = [host for host in alive if hosts.count(host) == 1]
    if once:
        yield Judgement(UNKNOWN, ASKED_ONCE.format(hosts=listed(once)), once)
    if alive:
        yield Judgement(FAIL, NEVER_TAKEN_OVER.format(hosts=listed(alive)), alive)
