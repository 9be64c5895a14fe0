# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge file locks: the two bad outcomes of the documents, a holder that died, and the product's own word. Pure.

**PRIVATE** to the collection. Source: Admin Guide, Load Balancing / Configuration (File locking, Lock configuration).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import (
    LockSettings,
    lock_protocol,
    read_lock_settings,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence, under
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="locks",
    title="File locks exclude other nodes",
    source=f"{GUIDE}, File locking",
    needs=("nodes",),
)

# How each kind of lock is asked for in file-locks.
SETTINGS = {
    "linkbased": "lock-type=linkbased, use-symlinks=0",
    "symlink": "lock-type=linkbased, use-symlinks=1",
    "advisory": "lock-type=advisory",
}

# How step clean says what it left.
NOT_REMOVED = "could not be removed"
# Mount options that keep advisory locks on each node.
PRIVATE = {"nolock", "local_lock=all", "local_lock=posix"}


def lock_settings(e: Evidence, host: str) -> LockSettings:
    """`file-locks` of a node, as the version that it runs reads it."""
    values = {name: str(given[0]) for name, given in e.options(host, "file-locks").items() if given}
    return read_lock_settings(values, lock_protocol((e.clusters.get(host) or {}).get("version")))


def configured_lock(e: Evidence) -> str | None:
    """`linkbased`, `symlink` or `advisory`, as file-locks of most nodes says; None without a node to ask."""
    kinds = {host: lock_settings(e, host).kind for host in e.nodes}
    return max(grouped(kinds).items(), key=lambda group: len(group[1]))[0] if kinds else None


def lock_rows(e: Evidence) -> list[dict[str, t.Any]]:
    """`{path, type, configured, verdict, says, hosts, outcomes: {step: {host: outcome}}}` of every lock that was tried."""
    wanted = configured_lock(e)
    tests: dict[tuple[str, str], list[t.Mapping[str, t.Any]]] = {}
    for event in e.locks:
        if event["step"] != "clean" and e.shared(event["host"], event["path"]):
            tests.setdefault((event["path"], event["type"]), []).append(event)
    rows = []
    for (path, kind), every in tests.items():
        # Workbench's own program is "unsupported" where it is not installed.
        events = [event for event in every if kind in SETTINGS or event["outcome"] != "unsupported"]
        if kind not in SETTINGS and not any(event["step"] == "hold" for event in events):
            continue
        outcomes: dict[str, dict[str, str]] = {}
        for event in events:
            outcomes.setdefault(event["step"], {})[event["host"]] = event["outcome"]
        verdict, says, hosts = _judge_lock(events, float(e.policy.get("lock_refresh", 20)), dies=kind in SETTINGS)
        rows.append(
            {
                "path": path,
                "type": kind,
                "configured": kind == wanted,
                "verdict": verdict,
                "says": says,
                "hosts": hosts,
                "outcomes": outcomes,
            }
        )
    return rows


def _judge_lock(events: t.Iterable[t.Mapping[str, t.Any]], refresh: float, *, dies: bool) -> tuple[str, str, list[str]]:
    """Verdict, sentence, hosts: the two bad outcomes of the documents, then release, then a holder that died.

    `dies`: whether its holder is held again and killed; Workbench's own program is not.
    """
    steps: dict[str, list[t.Mapping[str, t.Any]]] = {}
    for event in events:
        steps.setdefault(event["step"], []).append(event)
    hold, tried = steps.get("hold", []), steps.get("try", [])
    if not hold:
        return UNKNOWN, "no node held it", []
    leader = hold[0]["host"]
    if hold[0]["outcome"] != "held":
        reason = hold[0].get("error") or hold[0]["outcome"]
        verdict = UNKNOWN if hold[0]["outcome"] == "error" else FAIL
        return verdict, f"no node can acquire it: {reason}", [leader]
    took = [event["host"] for event in tried if event["outcome"] == "acquired"]
    gone = [event["host"] for event in steps.get("release", []) if event["outcome"] == "gone"]
    if gone:
        return UNKNOWN, f"{listed(gone)} did not hold it until all others had tried", [*gone, *took]
    if took:
        who = "all nodes acquire it" if len(took) == len(tried) else f"{listed(took)} acquired it"
        return FAIL, f"{who} while {leader} holds it", took
    stolen = [event["host"] for event in tried if event["outcome"] == "stale"]
    if stolen:
        return FAIL, f"{listed(stolen)} would steal it from {leader}, which refreshes it", stolen
    unsupported = [event["host"] for event in tried if event["outcome"] == "unsupported"]
    if unsupported:
        return FAIL, f"{listed(unsupported)} cannot acquire it at all", unsupported
    broken = {
        event["host"]: str(event.get("error") or event["outcome"]) for event in tried if event["outcome"] != "refused"
    }
    if broken:
        return UNKNOWN, f"trying it failed: {spread(broken)}", list(broken)
    if not tried:
        return UNKNOWN, "no other node tried it", []
    for event in [*steps.get("release", []), *steps.get("takeover", [])]:
        if event["outcome"] not in ("released", "acquired", "held"):
            words = (
                "does not release it"
                if event["step"] == "release"
                else f"cannot take it over after {leader} released it"
            )
            verdict = UNKNOWN if event["outcome"] == "error" else FAIL
            return verdict, f"{event['host']} {words}", [event["host"]]
    for event in steps.get("stale", []):
        age = event.get("seconds")
        # A live lock is at most as old as its refresh rate.
        if event["outcome"] == "stale" and age is not None and float(age) <= refresh:
            return FAIL, f"{event['host']} would steal it {float(age):.0f} s after its last refresh", [event["host"]]
    if dies:
        unproven = _judge_death(steps, leader)
        if unproven:
            return unproven
    return PASS, f"{leader} held it, {counted(len(tried), 'other node')} refused", [event["host"] for event in events]


def _judge_death(steps: t.Mapping[str, list[t.Mapping[str, t.Any]]], leader: str) -> tuple[str, str, list[str]] | None:
    """What keeps from saying that the others take over from a holder that died; `None` when nothing does."""
    again, crash, asked = steps.get("again", []), steps.get("crash", []), steps.get("stale", [])
    if not again:
        return UNKNOWN, "it was not held a second time", [leader]
    if again[0]["outcome"] != "held":
        reason = again[0].get("error") or again[0]["outcome"]
        verdict = UNKNOWN if again[0]["outcome"] == "error" else FAIL
        return verdict, f"{leader} cannot acquire it again: {reason}", [leader]
    if not crash or crash[0]["outcome"] != "gone":
        reason = (crash[0].get("error") or crash[0]["outcome"]) if crash else "not tried"
        return UNKNOWN, f"its holder could not be killed: {reason}", [leader]
    late = {event["host"]: event for event in asked}
    errors = {host: str(event.get("error") or "error") for host, event in late.items() if event["outcome"] == "error"}
    if errors or not late:
        words = spread(errors) or "no other node was asked"
        return UNKNOWN, f"nobody saw what becomes of the lock of a holder that died: {words}", [*errors]
    alive = [host for host, event in late.items() if event["outcome"] not in ("stale", "gone")]
    hosts = [event["host"] for event in asked]
    once = [host for host in alive if hosts.count(host) == 1]
    if once:
        return UNKNOWN, f"{listed(once)} could not be asked again after the timeout", once
    if alive:
        return FAIL, f"{listed(alive)} never take over from a holder that died", alive
    return None


def judge(e: Evidence) -> list[Finding]:
    if len(e.members) == 1 and e.nodes:
        return [finding(PASS, "There is one node only", e.nodes)]
    found = [*_untaken(e), *_times(e), *_strangers(e)]
    wanted, every = configured_lock(e), lock_rows(e)
    rows = [row for row in every if row["type"] in SETTINGS]
    for row in every:
        if row["type"] not in SETTINGS:
            found += _compared(row, [own for own in rows if own["configured"] and own["path"] == row["path"]], wanted)
    good = [
        kind
        for kind in SETTINGS
        if all(row["verdict"] == PASS for row in rows if row["type"] == kind)
        and any(row["type"] == kind for row in rows)
    ]
    for row in rows:
        name = f"{row['type']} locks in {row['path']}"
        if row["verdict"] == PASS:
            found.append(
                finding(PASS if row["configured"] else NOTE, f"{name} work: {row['says']}", sorted(set(row["hosts"])))
            )
            continue
        found.append(
            finding(
                row["verdict"] if row["configured"] else NOTE,
                f"{name}: {row['says']}",
                row["hosts"],
                measured=_outcomes(row["outcomes"]),
                wanted="one node holds it, all others are refused, another takes over when it is released "
                "or its holder died",
                remedy=_lock_remedy(e, row, good) if row["configured"] else "",
            )
        )
    failed = [row["path"] for row in rows if row["configured"] and row["verdict"] == FAIL]
    found += [
        item
        for path in map(str, e.policy.get("paths") or [])
        if not any(under(bad, path) for bad in failed)  # which says more
        for item in _mount_options(e, path, wanted)
    ]
    measured = {
        event["host"] for event in e.locks if event["step"] != "clean" and e.shared(event["host"], event["path"])
    }
    untold = [host for host in e.nodes if host not in measured]
    if untold or (e.nodes and not any(row["configured"] for row in rows)):
        words = (
            f"{wanted} locks, which file-locks configures, were not tried"
            if not untold
            else "Locks were not tried here"
        )
        found.append(
            finding(
                UNKNOWN,
                words,
                untold or list(e.nodes),
                measured=spread({host: e.failures[host] for host in untold if e.failures.get(host)}),
                wanted="a try from each node on shared storage",
                remedy="Name a user that exists on all nodes in verify_lock_user and see homes and shared-storage.",
            )
        )
    return found


def _untaken(e: Evidence) -> list[Finding]:
    """Values of file-locks in whose place the product takes its default, with a line in its log."""
    said = {host: "; ".join(lock_settings(e, host).warnings) for host in e.nodes}
    warned = {host: words for host, words in said.items() if words}
    if not warned:
        return []
    return [
        finding(
            NOTE,
            "Workbench does not take all of file-locks",
            warned,
            measured=spread(warned),
            wanted="lock-type linkbased or advisory; times in seconds",
            remedy="Correct it in file-locks (server_file_locks); until then its defaults are in force.",
        )
    ]


def _strangers(e: Evidence) -> list[Finding]:
    """What lies under the names of our test files and is not ours: it is left where it is."""
    left: dict[str, str] = {}
    for event in e.locks:
        if event["step"] == "clean" and NOT_REMOVED in str(event.get("error")):
            left[event["host"]] = "; ".join([*filter(None, [left.get(event["host"])]), str(event["error"])])
    if not left:
        return []
    return [
        finding(
            NOTE,
            "Test files lie on the share that this run did not make, or could not remove",
            left,
            measured=spread(left),
            wanted="nothing named .workbench-verify-*",
            remedy="Ask who made them; they are safe to remove while no verify runs.",
        )
    ]


def _times(e: Evidence) -> list[Finding]:
    """A lock has to be refreshed before it is stale (Lock configuration)."""
    times = {host: lock_settings(e, host) for host in e.nodes}
    wrong = {
        host: f"refresh-rate {chosen.refresh} s, timeout-interval {chosen.timeout} s"
        for host, chosen in times.items()
        if chosen.timeout <= chosen.refresh
    }
    if not wrong:
        return []
    return [
        finding(
            FAIL,
            "Locks are stale before they are refreshed",
            wrong,
            measured=spread(wrong),
            wanted="timeout-interval above refresh-rate, by more than clocks may differ",
            remedy="Set both in file-locks (server_file_locks) on all nodes; the product's own are 20 and 30.",
        )
    ]


def _mount_options(e: Evidence, path: str, kind: str | None) -> list[Finding]:
    """Options under which the configured lock cannot work: locks that stay on a node, attributes cached too long."""
    options = {host: set(mount["options"]) for host in e.nodes for mount in [e.mount(host, path)] if mount}
    if kind == "advisory":
        wrong = {host: listed(sorted(PRIVATE & chosen)) for host, chosen in options.items() if PRIVATE & chosen}
        wanted, remedy = "locks that the file server keeps", "mount it without nolock and local_lock"
    else:
        wrong = {
            host: f"attributes cached for {_cached(chosen)} s"
            for host, chosen in options.items()
            for times in [lock_settings(e, host)]
            if _cached(chosen) >= times.timeout - times.refresh > 0
        }
        wanted = "less than timeout-interval minus refresh-rate: a refresh has to be seen in time"
        remedy = "mount it with actimeo=2 (storage_options)"
    if not wrong:
        return []
    return [
        finding(
            FAIL,
            f"{kind} locks cannot work with the mount options of {path}",
            wrong,
            measured=spread(wrong),
            wanted=wanted,
            remedy=f"With all sessions stopped, {remedy}; or set another lock in file-locks (server_file_locks).",
        )
    ]


def _cached(options: t.Iterable[str]) -> int:
    """Seconds for which NFS keeps attributes of files at least; 3 is the kernel's own (nfs(5))."""
    given = dict(option.partition("=")[::2] for option in options)
    value = "0" if "noac" in given else given.get("acregmin", given.get("actimeo", ""))
    return int(value) if value.isdigit() else 3


def _compared(row: t.Mapping[str, t.Any], own: list[t.Mapping[str, t.Any]], configured: str | None) -> list[Finding]:
    """Whether the product's locktester says of the configured lock what our test does. Its word is the product's."""
    ours, theirs = (_excludes(own[0]) if own else None), _excludes(row)
    name = f"Workbench's own locktester in {row['path']}"
    details = {"measured": _outcomes(row["outcomes"]), "wanted": "the same answer as our test of the configured lock"}
    by_hand = "Run /usr/lib/rstudio-server/bin/locktester as the same user on two nodes at a time: the second has to be refused"
    if ours is None or theirs is None:
        return [finding(NOTE, f"{name} cannot be compared: {row['says']}", row["hosts"], **details)]
    if ours == theirs:
        return [finding(NOTE, f"{name} agrees: {row['says']}", sorted(set(row["hosts"])))]
    # Of advisory locks, the product's own program is recorded to tell every node that it has one.
    if ours and configured != "advisory":
        remedy = f"{by_hand}; where it is not, set another lock in file-locks (server_file_locks) on all nodes."
        return [finding(FAIL, f"{name} disagrees: {row['says']}", row["hosts"], **details, remedy=remedy)]
    return [finding(NOTE, f"{name} disagrees: {row['says']}", row["hosts"], **details, remedy=f"{by_hand}.")]


def _excludes(row: t.Mapping[str, t.Any]) -> bool | None:
    """Whether one node held the lock and all others were refused; `None` when that was not to be seen."""
    held, tried = ([*row["outcomes"].get(step, {}).values()] for step in ("hold", "try"))
    if held == ["held"] and tried and set(tried) <= {"refused", "acquired"}:
        return "acquired" not in tried
    return False if held and held[0] in ("refused", "unsupported") else None


def _outcomes(outcomes: t.Mapping[str, t.Mapping[str, str]]) -> str:
    return "; ".join(
        f"{step}: {spread(hosts)}"
        for step, hosts in outcomes.items()
        if step in ("hold", "try", "takeover", "crash", "stale")
    )


def _lock_remedy(e: Evidence, row: t.Mapping[str, t.Any], good: list[str]) -> str:
    """What to set instead: first the mount where it keeps locks on one node, then the types that passed."""
    private = [
        host for host in e.nodes for mount in [e.mount(host, row["path"])] if mount and PRIVATE & set(mount["options"])
    ]
    ways = []
    if row["type"] == "advisory" and private:
        ways.append(f"mount {row['path']} without nolock on {listed(private)}, which keeps advisory locks on one node")
    if good:
        ways.append(f"set {SETTINGS[good[0]]} in file-locks (server_file_locks) on all nodes, which works here")
    if ways:
        return f"With all sessions stopped, {'; or '.join(ways)}."
    return "No lock type works on this file system: use another one, or repair its lock service (vendor: File locking problems)."
