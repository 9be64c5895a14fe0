# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a finding is made, and which is the worst. Pure."""

from __future__ import annotations

import typing as t

PASS, FAIL, UNKNOWN, NOTE = "pass", "fail", "unknown", "note"
Finding = dict[str, t.Any]


def finding(
    verdict: str, what: str, hosts: t.Iterable[str] = (), *, measured: str = "", wanted: str = "", remedy: str = ""
) -> Finding:
    """One sentence about some hosts. A `note` is worth reading and decides nothing."""
    return {
        "verdict": verdict,
        "hosts": list(hosts),
        "what": what,
        "measured": measured,
        "wanted": wanted,
        "remedy": remedy,
    }


def worst(findings: t.Iterable[Finding]) -> str:
    """`fail` beats `unknown` beats `pass`; nothing measured is `unknown`."""
    verdicts = {item["verdict"] for item in findings}
    return FAIL if FAIL in verdicts else PASS if PASS in verdicts and UNKNOWN not in verdicts else UNKNOWN
