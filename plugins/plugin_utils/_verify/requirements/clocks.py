# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks of the nodes and of the file server: offsets, then pairs, then what is said of them. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 4).
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Clock
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Pair
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="clocks", title="The clocks are synchronised", source=f"{GUIDE}, requirement 4", needs=("clocks",)
)

WITHIN = "less than {limit:g} s between any two, the bounds included"
FOLLOW = (
    "Let {clock} follow the same time server as the others (role clock, clock_servers), and see chronyc tracking there."
)
AHEAD = Fault(
    "The clock of {clock} is {seconds:.3f} s ahead of {peers}",
    measured="± {bound:.3f} s",
    wanted=WITHIN,
    remedy=FOLLOW,
)
BEHIND = Fault(
    "The clock of {clock} is {seconds:.3f} s behind {peers}",
    measured="± {bound:.3f} s",
    wanted=WITHIN,
    remedy=FOLLOW,
)
TOO_WIDE = Fault(
    "The bound is too wide to tell",
    measured="{clocks}: {seconds:.3f} s ± {bound:.3f} s",
    wanted=WITHIN,
    remedy="Run verify again when the file server and the network are less busy, or give a larger verify_clock_max_offset.",
    verdict=UNKNOWN,
)
OTHER_REFERENCE = Fault(
    "The clocks were measured against different references",
    wanted=WITHIN,
    remedy="Mount the shared directory in the same way on all nodes: against storage is measured where it is NFS, against the "
    "controller elsewhere. See homes and shared-storage.",
    verdict=UNKNOWN,
)
UNMEASURED = Fault(
    "The offset could not be measured",
    wanted=WITHIN,
    remedy="The clock is compared with the file server's by a file on shared storage: see homes and shared-storage.",
    verdict=UNKNOWN,
)
IN_STEP = Fault("{clocks} are furthest apart", measured="{seconds:.3f} s ± {bound:.3f} s", wanted=WITHIN, verdict=PASS)
ONE_CLOCK = Fault("There is one clock only", verdict=PASS)
ONE_CLOCK_OF_MANY = Fault(
    "There is one clock only",
    remedy="See why those of the others could not be measured, and run verify again.",
    verdict=UNKNOWN,
)
DRIFTING = Fault(
    "Nothing keeps the clock in step",
    wanted="a time daemon that says it is synchronised",
    remedy="Run the role clock, or see chronyc tracking and timedatectl on the node.",
    verdict=NOTE,
)
UNATTENDED = Fault(
    "No time daemon keeps the clock in step; the kernel still calls it synchronised",
    wanted=DRIFTING.wanted,
    remedy=f"{DRIFTING.remedy} Right in a container, whose clock is its host's.",
    verdict=NOTE,
)

FILE_SERVER = "file server"
Offsets = dict[str, tuple[float, float]]


class Lead(t.NamedTuple):
    """How far a clock is ahead of a peer, in seconds, give or take the bound."""

    peer: str
    seconds: float
    bound: float


def judge(e: Evidence) -> t.Iterator[Finding]:
    limit, groups, every = _limit(e), by_reference(e), pairs(e)
    bad = [pair for pair in every if pair["verdict"] == FAIL]
    wide = [pair for pair in every if pair["verdict"] == UNKNOWN]
    for its in groups.values():
        for clock in _culprits(its, bad):
            yield from _off(clock, bad, limit)
    if wide:
        yield _too_wide(wide, limit)
    if len(groups) > 1:
        references = {host: reference for reference, its in groups.items() for host in its if host != FILE_SERVER}
        yield OTHER_REFERENCE(odd(references), measured=spread(references), limit=limit)
    yield from _unmeasured(e, groups, limit)
    if len(groups) == 1 and not bad and not wide:
        yield _in_step(e, groups, every, limit)
    yield from _unattended(e)


def by_reference(e: Evidence) -> dict[str, Offsets]:
    """`{"storage" | "controller": {host: (offset, bound)}}` in seconds; only what has one reference can be compared.

    Offsets against the file server count only where its directory is mounted; the file server itself is one more clock.
    """
    found: dict[str, Offsets] = {"storage": {}, "controller": {}}
    for host, clock in e.clocks.items():
        reference, offset, bound = clock["reference"], clock["offset"], clock["bound"]
        if offset is None or bound is None or reference not in found:
            continue
        if reference == "controller" or e.shared(host, str(clock["path"])):
            found[reference][host] = (float(offset), float(bound))
    if found["storage"]:
        found["storage"][FILE_SERVER] = (0.0, 0.0)
    return {reference: its for reference, its in found.items() if its}


def offsets(e: Evidence) -> Offsets:
    """`{host: (offset, bound)}` in seconds, against the storage where that was measured, else against the controller."""
    return next(iter(by_reference(e).values()), {})


def pairs(e: Evidence) -> list[Pair]:
    """Every two clocks with one reference."""
    limit = _limit(e)
    return [
        _pair(one, other, limit)
        for its in by_reference(e).values()
        for one, other in itertools.combinations(its.items(), 2)
    ]


def _pair(one: tuple[str, tuple[float, float]], other: tuple[str, tuple[float, float]], limit: float) -> Pair:
    (first, (offset, bound)), (second, (its_offset, its_bound)) = one, other
    difference, both = offset - its_offset, bound + its_bound
    verdict = FAIL if abs(difference) - both > limit else PASS if abs(difference) + both < limit else UNKNOWN
    return {"hosts": [first, second], "difference": difference, "bound": both, "verdict": verdict}


def _limit(e: Evidence) -> float:
    return float(e.policy.get("clock_max_offset", 1.0))


def _culprits(measured: t.Collection[str], bad: t.Collection[Pair]) -> list[str]:
    """Clocks out of step with more than half of the others; where no clock stands out, all that are in a bad pair."""
    out = {clock: sum(clock in pair["hosts"] for pair in bad) for clock in measured}
    culprits = [clock for clock in measured if out[clock] * 2 > len(measured) - 1]
    return culprits or [clock for clock in measured if out[clock]]


def _off(clock: str, bad: t.Iterable[Pair], limit: float) -> t.Iterator[Finding]:
    """How far a clock is off those with which it is in a bad pair: it may be ahead of some and behind others."""
    name = f"the {FILE_SERVER}" if clock == FILE_SERVER else clock
    leads = [_lead(clock, pair) for pair in bad if clock in pair["hosts"]]
    ahead = [lead for lead in leads if lead.seconds > 0]
    behind = [lead for lead in leads if lead.seconds < 0]
    if ahead:
        yield AHEAD(
            [clock],
            clock=name,
            seconds=max(lead.seconds for lead in ahead),
            peers=listed(lead.peer for lead in ahead),
            bound=max(lead.bound for lead in ahead),
            limit=limit,
        )
    if behind:
        yield BEHIND(
            [clock],
            clock=name,
            seconds=max(-lead.seconds for lead in behind),
            peers=listed(lead.peer for lead in behind),
            bound=max(lead.bound for lead in behind),
            limit=limit,
        )


def _lead(clock: str, pair: Pair) -> Lead:
    first, second = pair["hosts"]
    if clock == first:
        return Lead(second, pair["difference"], pair["bound"])
    return Lead(first, -pair["difference"], pair["bound"])


def _too_wide(wide: t.Sequence[Pair], limit: float) -> Finding:
    hosts = {host for pair in wide for host in pair["hosts"]} - {FILE_SERVER}
    widest = max(wide, key=lambda pair: pair["bound"])
    return TOO_WIDE(
        sorted(hosts),
        clocks=listed(widest["hosts"]),
        seconds=abs(widest["difference"]),
        bound=widest["bound"],
        limit=limit,
    )


def _unmeasured(e: Evidence, groups: t.Mapping[str, Offsets], limit: float) -> t.Iterator[Finding]:
    reasons = {host: _why(clock) for host, clock in e.clocks.items() if not any(host in its for its in groups.values())}
    if reasons:
        yield UNMEASURED(reasons, measured=spread(reasons), limit=limit)


def _why(clock: Clock) -> str:
    """Why a clock that was asked is compared with no other one."""
    if clock["offset"] is not None:
        return "its shared directory is not mounted"
    return listed(clock["errors"]) or "no reference"


def _in_step(e: Evidence, groups: t.Mapping[str, Offsets], every: t.Sequence[Pair], limit: float) -> Finding:
    if not every:
        clocks = [clock for its in groups.values() for clock in its]
        return (ONE_CLOCK if len(e.members) == 1 else ONE_CLOCK_OF_MANY)(clocks)
    furthest = max(every, key=lambda pair: abs(pair["difference"]))
    return IN_STEP(
        e.clocks,
        clocks=listed(furthest["hosts"]),
        seconds=abs(furthest["difference"]),
        bound=furthest["bound"],
        limit=limit,
    )


def _unattended(e: Evidence) -> t.Iterator[Finding]:
    """Clocks that drift from now on. A kernel calls itself synchronised for hours after its daemon has stopped."""
    alone = {
        host: str(clock["daemon"].get("name") or "no daemon")
        for host, clock in e.clocks.items()
        if not clock["daemon"].get("synchronized")
    }
    drifting = {host: name for host, name in alone.items() if not e.clocks[host]["kernel"].get("synchronized")}
    resting = {host: name for host, name in alone.items() if host not in drifting}
    if drifting:
        yield DRIFTING(drifting, measured=spread(drifting))
    if resting:
        yield UNATTENDED(resting, measured=spread(resting))
