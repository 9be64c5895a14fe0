# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock that file-locks configures excludes other nodes wherever users keep files, as our trial and the product say. Pure.

What a trial of one lock said is in `_verify/lock_trials.py`.
Source: Admin Guide, Load Balancing / Configuration (File locking, Lock configuration).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import LockRow
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    ONE_NODE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.lock_trials import (
    SETTINGS,
    configured_lock,
    lock_rows,
    lock_settings,
    shared_steps,
)

REQUIREMENT = Requirement(
    id="locks", title="File locks exclude other nodes", source=f"{GUIDE}, File locking", needs=("nodes",)
)

EXCLUDING = "one node holds it, all others are refused, another takes over when it is released or its holder died"
FAILS = Fault("{kind} locks in {path}: {says}", wanted=EXCLUDING, remedy="{remedy}")
UNTOLD = Fault(
    "{kind} locks in {path}: {says}",
    wanted=EXCLUDING,
    remedy="See that all nodes and the file server answer all the time, and run verify again.",
    verdict=UNKNOWN,
)
OTHER_FAILS = Fault("{kind} locks in {path}: {says}", wanted=EXCLUDING, verdict=NOTE)
WORKS = Fault("{kind} locks in {path} work: {says}", verdict=PASS)
OTHER_WORKS = Fault("{kind} locks in {path} work: {says}", verdict=NOTE)
# Remedies of FAILS, the ways that are open here joined by "; or ".
WITH_SESSIONS_STOPPED = "With all sessions stopped, {ways}."
MOUNT_IT = "mount {path} without nolock on {hosts}, which keeps advisory locks on one node"
SET_IT = "set {settings} in file-locks (server_file_locks) on all nodes, which works here"
NO_WAY = "No lock type works on this file system: use another one, or repair its lock service (vendor: File locking problems)."

BY_HAND = (
    "Run /usr/lib/rstudio-server/bin/locktester as the same user on two nodes at a time: the second has to be refused"
)
SAME_ANSWER = "the same answer as our test of the configured lock"
AGREES = Fault("Workbench's own locktester in {path} agrees: {says}", verdict=NOTE)
NOT_COMPARED = Fault(
    "Workbench's own locktester in {path} cannot be compared: {says}", wanted=SAME_ANSWER, verdict=NOTE
)
DISAGREES = Fault(
    "Workbench's own locktester in {path} disagrees: {says}",
    wanted=SAME_ANSWER,
    remedy=f"{BY_HAND}; where it is not, set another lock in file-locks (server_file_locks) on all nodes.",
)
DISAGREES_ALONE = Fault(
    "Workbench's own locktester in {path} disagrees: {says}", wanted=SAME_ANSWER, remedy=f"{BY_HAND}.", verdict=NOTE
)

NOT_TAKEN = Fault(
    "Workbench does not take all of file-locks",
    wanted="lock-type linkbased or advisory; times in seconds",
    remedy="Correct it in file-locks (server_file_locks); until then its defaults are in force.",
    verdict=NOTE,
)
STALE_FIRST = Fault(
    "Locks are stale before they are refreshed",
    wanted="timeout-interval above refresh-rate, by more than clocks may differ",
    remedy="Set both in file-locks (server_file_locks) on all nodes; the product's own are 20 and 30.",
)
LEFT = Fault(
    "Test files lie on the share that this run did not make, or could not remove",
    wanted="nothing named .workbench-verify-*",
    remedy="Ask who made them; they are safe to remove while no verify runs.",
    verdict=NOTE,
)
LOCKS_STAY_HOME = Fault(
    "{kind} locks cannot work with the mount options of {path}",
    wanted="locks that the file server keeps",
    remedy="With all sessions stopped, mount it without nolock and local_lock; or set another lock in file-locks "
    "(server_file_locks).",
)
CACHED_TOO_LONG = Fault(
    "{kind} locks cannot work with the mount options of {path}",
    wanted="less than timeout-interval minus refresh-rate: a refresh has to be seen in time",
    remedy="With all sessions stopped, mount it with actimeo=2 (storage_options); or set another lock in file-locks "
    "(server_file_locks).",
)
A_TRY_FROM_EACH = "a try from each node on shared storage"
NAME_A_USER = "Name a user that exists on all nodes in verify_lock_user and see homes and shared-storage."
NOT_TRIED_HERE = Fault("Locks were not tried here", wanted=A_TRY_FROM_EACH, remedy=NAME_A_USER, verdict=UNKNOWN)
NOT_TRIED = Fault(
    "{kind} locks, which file-locks configures, were not tried",
    wanted=A_TRY_FROM_EACH,
    remedy=NAME_A_USER,
    verdict=UNKNOWN,
)

# How step clean says what it left.
NOT_REMOVED = "could not be removed"
# Mount options that keep advisory locks on each node.
PRIVATE = {"nolock", "local_lock=all", "local_lock=posix"}
# Steps whose outcomes say most.
SHOWN = ("hold", "try", "takeover", "crash", "stale")


def judge(e: Evidence) -> t.Iterator[Finding]:
    if len(e.members) == 1 and e.nodes:
        yield ONE_NODE(e.nodes)
        return
    every, kind = lock_rows(e), configured_lock(e)
    ours = [row for row in every if row["type"] in SETTINGS]
    configured = [row for row in ours if row["configured"]]
    yield from _settings(e)
    yield from _left(e)
    for row in every:
        if row["type"] not in SETTINGS:
            own = next((own for own in configured if own["path"] == row["path"]), None)
            yield _compared(row, own, kind)
    for row in ours:
        yield _tried(e, row, ours)
    failed = [row["path"] for row in configured if row["verdict"] == FAIL]
    for path in e.paths:
        if not any(under(bad, path) for bad in failed):  # which says more
            yield from _mount_options(e, path, kind)
    yield from _untried(e, configured, kind)


def _settings(e: Evidence) -> t.Iterator[Finding]:
    """Values in whose place the product takes its default, and times with which a lock is stale before its refresh."""
    settings = {host: lock_settings(e, host) for host in e.nodes}
    warned = {host: "; ".join(chosen.warnings) for host, chosen in settings.items() if chosen.warnings}
    if warned:
        yield NOT_TAKEN(warned, measured=spread(warned))
    wrong = {
        host: f"refresh-rate {chosen.refresh} s, timeout-interval {chosen.timeout} s"
        for host, chosen in settings.items()
        if chosen.timeout <= chosen.refresh
    }
    if wrong:
        yield STALE_FIRST(wrong, measured=spread(wrong))


def _left(e: Evidence) -> t.Iterator[Finding]:
    """What lies under the names of our test files and is not ours: it is left where it is."""
    left: dict[str, list[str]] = {}
    for step in e.locks:
        if step["step"] == "clean" and NOT_REMOVED in str(step.get("error")):
            left.setdefault(step["host"], []).append(str(step["error"]))
    if left:
        yield LEFT(left, measured=spread({host: "; ".join(errors) for host, errors in left.items()}))


def _compared(row: LockRow, own: LockRow | None, kind: str | None) -> Finding:
    """Whether the product's locktester says of the configured lock what our test does. Its word is the product's."""
    ours, theirs = own and _excludes(own), _excludes(row)
    path, says, outcomes = row["path"], row["says"], _outcomes(row)
    if ours is None or theirs is None:
        return NOT_COMPARED(row["hosts"], measured=outcomes, path=path, says=says)
    if ours == theirs:
        return AGREES(sorted(set(row["hosts"])), path=path, says=says)
    # Of advisory locks, the product's own program is recorded to tell every node that it has one.
    if ours and kind != "advisory":
        return DISAGREES(row["hosts"], measured=outcomes, path=path, says=says)
    return DISAGREES_ALONE(row["hosts"], measured=outcomes, path=path, says=says)


def _excludes(row: LockRow) -> bool | None:
    """Whether one node held the lock and all others were refused; `None` when that was not to be seen."""
    held, tried = ([*row["outcomes"].get(step, {}).values()] for step in ("hold", "try"))
    if held == ["held"] and tried and set(tried) <= {"refused", "acquired"}:
        return "acquired" not in tried
    return False if held and held[0] in ("refused", "unsupported") else None


def _outcomes(row: LockRow) -> str:
    return "; ".join(f"{step}: {spread(hosts)}" for step, hosts in row["outcomes"].items() if step in SHOWN)


def _tried(e: Evidence, row: LockRow, rows: t.Iterable[LockRow]) -> Finding:
    kind, path, says, verdict = row["type"], row["path"], row["says"], row["verdict"]
    if verdict == PASS and row["configured"]:
        return WORKS(sorted(set(row["hosts"])), kind=kind, path=path, says=says)
    if verdict == PASS:
        return OTHER_WORKS(sorted(set(row["hosts"])), kind=kind, path=path, says=says)
    if not row["configured"]:
        return OTHER_FAILS(row["hosts"], measured=_outcomes(row), kind=kind, path=path, says=says)
    if verdict == UNKNOWN:
        return UNTOLD(row["hosts"], measured=_outcomes(row), kind=kind, path=path, says=says)
    remedy = _remedy(e, row, rows)
    return FAILS(row["hosts"], measured=_outcomes(row), kind=kind, path=path, says=says, remedy=remedy)


def _remedy(e: Evidence, row: LockRow, rows: t.Iterable[LockRow]) -> str:
    """What to set instead: first the mount where it keeps locks on one node, then a kind that works everywhere."""
    path = row["path"]
    private = [host for host, options in _options(e, path).items() if PRIVATE & set(options)]
    ways = []
    if row["type"] == "advisory" and private:
        ways.append(MOUNT_IT.format(path=path, hosts=listed(private)))
    verdicts: dict[str, set[str]] = {}
    for tried in rows:
        verdicts.setdefault(tried["type"], set()).add(tried["verdict"])
    good = [kind for kind in SETTINGS if verdicts.get(kind) == {PASS}]
    if good:
        ways.append(SET_IT.format(settings=SETTINGS[good[0]]))
    return WITH_SESSIONS_STOPPED.format(ways="; or ".join(ways)) if ways else NO_WAY


def _options(e: Evidence, path: str) -> dict[str, list[str]]:
    """Mount options of the file system of a path on each node that has one."""
    mounts = {host: e.mount(host, path) for host in e.nodes}
    return {host: mount["options"] for host, mount in mounts.items() if mount}


def _mount_options(e: Evidence, path: str, kind: str | None) -> t.Iterator[Finding]:
    """Options under which the configured lock cannot work: locks that stay on a node, attributes cached too long."""
    options = _options(e, path)
    if kind == "advisory":
        private = {host: PRIVATE & set(chosen) for host, chosen in options.items()}
        wrong = {host: listed(sorted(names)) for host, names in private.items() if names}
        if wrong:
            yield LOCKS_STAY_HOME(wrong, measured=spread(wrong), kind=kind, path=path)
        return
    cached = {host: _cached(chosen) for host, chosen in options.items()}
    wrong = {host: f"attributes cached for {seconds} s" for host, seconds in cached.items() if _hides(e, host, seconds)}
    if wrong:
        yield CACHED_TOO_LONG(wrong, measured=spread(wrong), kind=kind, path=path)


def _hides(e: Evidence, host: str, cached: int) -> bool:
    """Whether a node that caches attributes for so many seconds may see a refresh too late."""
    times = lock_settings(e, host)
    return cached >= times.timeout - times.refresh > 0


def _cached(options: t.Iterable[str]) -> int:
    """Seconds for which NFS keeps attributes of files at least; 3 is the kernel's own (nfs(5))."""
    given = dict(option.partition("=")[::2] for option in options)
    value = "0" if "noac" in given else given.get("acregmin", given.get("actimeo", ""))
    return int(value) if value.isdigit() else 3


def _untried(e: Evidence, configured: t.Sequence[LockRow], kind: str | None) -> t.Iterator[Finding]:
    tried = {step["host"] for step in shared_steps(e)}
    untold = [host for host in e.nodes if host not in tried]
    if untold:
        failures = {host: e.failures[host] for host in untold if e.failures.get(host)}
        yield NOT_TRIED_HERE(untold, measured=spread(failures))
    elif e.nodes and not configured:
        yield NOT_TRIED(e.nodes, kind=kind)
