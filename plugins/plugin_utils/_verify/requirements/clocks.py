# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge clocks. Pure."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
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
    id="clocks",
    title="The clocks are synchronised",
    source=f"{GUIDE}, requirement 4",
    needs=("clocks",),
)

FILE_SERVER = "file server"
Offsets = dict[str, tuple[float, float]]


def by_reference(e: Evidence) -> dict[str, Offsets]:
    """`{"storage" | "controller": {host: (offset, bound)}}` in seconds; only what has one reference can be compared.

    Offsets against the file server count only where its directory is mounted; the file server itself is one more clock.
    """
    found: dict[str, Offsets] = {"storage": {}, "controller": {}}
    for host, clock in e.clocks.items():
        known = clock.get("offset") is not None and clock.get("bound") is not None and clock["reference"] in found
        if known and (clock["reference"] == "controller" or e.shared(host, str(clock["path"]))):
            found[clock["reference"]][host] = (float(clock["offset"]), float(clock["bound"]))
    if found["storage"]:
        found["storage"][FILE_SERVER] = (0.0, 0.0)
    return {reference: its for reference, its in found.items() if its}


def offsets(e: Evidence) -> Offsets:
    """`{host: (offset, bound)}` in seconds of the clocks that share the reference: the storage, where it was measured."""
    return next(iter(by_reference(e).values()), {})


def pairs(e: Evidence) -> list[dict[str, t.Any]]:
    """`{hosts: [a, b], difference, bound, verdict}` of every two clocks with one reference; seconds, positive when the
    first is ahead."""
    limit = float(e.policy.get("clock_max_offset", 1.0))
    rows = []
    for its in by_reference(e).values():
        for (first, (offset, bound)), (second, (other, other_bound)) in itertools.combinations(its.items(), 2):
            difference, both = offset - other, bound + other_bound
            verdict = FAIL if abs(difference) - both > limit else PASS if abs(difference) + both < limit else UNKNOWN
            rows.append({"hosts": [first, second], "difference": difference, "bound": both, "verdict": verdict})
    return rows


def judge(e: Evidence) -> list[Finding]:
    limit = float(e.policy.get("clock_max_offset", 1.0))
    groups, rows = by_reference(e), pairs(e)
    measured = [host for its in groups.values() for host in its]
    silent = [host for host in e.clocks if host not in measured]
    found = []
    bad = [row for row in rows if row["verdict"] == FAIL]
    wanted = f"less than {limit:g} s between any two, the bounds included"
    for host in [host for its in groups.values() for host in _culprits(its, bad)]:
        against = [row for row in bad if host in row["hosts"]]
        ahead = [row["difference"] * (1 if row["hosts"][0] == host else -1) for row in against]
        peers = [peer for row in against for peer in row["hosts"] if peer != host]
        way = "ahead of" if ahead[0] > 0 else "behind"
        found.append(
            finding(
                FAIL,
                f"The clock of {'the file server' if host == FILE_SERVER else host} is "
                f"{max(map(abs, ahead)):.3f} s {way} {listed(peers)}",
                [host],
                measured=f"± {max(row['bound'] for row in against):.3f} s",
                wanted=wanted,
                remedy=f"Let {'the file server' if host == FILE_SERVER else host} follow the same time "
                "server as the others "
                "(role clock, clock_servers), and see chronyc tracking there.",
            )
        )
    wide = [row for row in rows if row["verdict"] == UNKNOWN]
    if wide:
        row = max(wide, key=lambda row: t.cast(float, row["bound"]))
        found.append(
            finding(
                UNKNOWN,
                "The bound is too wide to tell",
                sorted({host for row in wide for host in row["hosts"]} - {FILE_SERVER}),
                measured=f"{listed(row['hosts'])}: {abs(row['difference']):.3f} s ± {row['bound']:.3f} s",
                wanted=wanted,
                remedy="Run verify again when the file server and the network are less busy, or give a "
                "larger verify_clock_max_offset.",
            )
        )
    if len(groups) > 1:
        references = {host: reference for reference, its in groups.items() for host in its if host != FILE_SERVER}
        found.append(
            finding(
                UNKNOWN,
                "The clocks were measured against different references",
                odd(references),
                measured=spread(references),
                wanted=wanted,
                remedy="Mount the shared directory in the same way on all nodes: against storage is measured where it is "
                "NFS, against the controller elsewhere. See homes and shared-storage.",
            )
        )
    if silent:
        reasons = {
            host: "its shared directory is not mounted"
            if e.clocks[host].get("offset") is not None
            else listed(e.clocks[host].get("errors") or []) or "no reference"
            for host in silent
        }
        found.append(
            finding(
                UNKNOWN,
                "The offset could not be measured",
                silent,
                measured=spread(reasons),
                wanted=wanted,
                remedy="The clock is compared with the file server's by a file on shared storage: see homes "
                "and shared-storage.",
            )
        )
    if rows and not bad and not wide and len(groups) == 1:
        row = max(rows, key=lambda row: abs(t.cast(float, row["difference"])))
        words = f"{listed(row['hosts'])} are furthest apart"
        found.append(
            finding(
                PASS, words, e.clocks, measured=f"{abs(row['difference']):.3f} s ± {row['bound']:.3f} s", wanted=wanted
            )
        )
    elif not rows and len(groups) == 1:
        if len(e.members) == 1:
            found.append(finding(PASS, "There is one clock only", measured))
        else:
            remedy = "See why those of the others could not be measured, and run verify again."
            found.append(finding(UNKNOWN, "There is one clock only", measured, remedy=remedy))
    return found + _unattended(e)


def _unattended(e: Evidence) -> list[Finding]:
    """Clocks that drift from now on. A kernel calls itself synchronised for hours after its daemon has stopped."""
    alone = {
        host: str(clock["daemon"].get("name") or "no daemon")
        for host, clock in e.clocks.items()
        if not clock["daemon"].get("synchronized")
    }
    drifting = {host: name for host, name in alone.items() if not e.clocks[host]["kernel"].get("synchronized")}
    resting = {host: name for host, name in alone.items() if host not in drifting}
    wanted = "a time daemon that says it is synchronised"
    remedy = "Run the role clock, or see chronyc tracking and timedatectl on the node."
    found = []
    if drifting:
        words = "Nothing keeps the clock in step"
        found.append(finding(NOTE, words, drifting, measured=spread(drifting), wanted=wanted, remedy=remedy))
    if resting:
        words = "No time daemon keeps the clock in step; the kernel still calls it synchronised"
        container = " Right in a container, whose clock is its host's."
        found.append(finding(NOTE, words, resting, measured=spread(resting), wanted=wanted, remedy=remedy + container))
    return found


def _culprits(measured: t.Iterable[str], bad: list[dict[str, t.Any]]) -> list[str]:
    """Clocks out of step with more than half of the others; where no clock stands out, all that are in a bad pair."""
    names = list(measured)
    out = {name: sum(name in row["hosts"] for row in bad) for name in names}
    culprits = [name for name in names if out[name] * 2 > len(names) - 1]
    return culprits or [name for name in names if out[name]]
