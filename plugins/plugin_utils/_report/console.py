# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a verify run, as lines for the console. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import actions
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import JudgedPart, Preflight, Report


def first_words(requirement: JudgedPart) -> str:
    """What there is to say about a requirement in one line: the first finding that decided it, and how many more."""
    deciding = [item for item in requirement["findings"] if item["verdict"] == requirement["verdict"]]
    if not deciding:
        return "nothing was measured"
    more = f" (and {len(deciding) - 1} more)" if len(deciding) > 1 and requirement["verdict"] != "pass" else ""
    detail = f": {deciding[0]['measured']}" if deciding[0]["measured"] else ""
    return f"{deciding[0]['what']}{detail}{more}"


def verify_summary(report: Report | Preflight) -> list[str]:
    """One line a requirement, in columns; then what to do about each failure and each unknown; then the verdict."""
    requirements: t.Sequence[JudgedPart] = report["requirements"]
    width = max((len(requirement["id"]) for requirement in requirements), default=0)
    words = {"pass": "pass", "fail": "FAIL", "unknown": "unknown"}
    lines = [f"{words[entry['verdict']]:<7}  {entry['id']:<{width}}  {first_words(entry)}" for entry in requirements]
    remedies: dict[tuple[str, str], list[str]] = {}
    for action in actions(requirements, report["policy"]):
        names = ", ".join(entry["id"] for entry in action["requirements"])
        remedies.setdefault((names, action["finding"]["remedy"]), []).append(action["finding"]["what"])
    advice = [f"{names}: {'; '.join(whats)}. {remedy}".rstrip() for (names, remedy), whats in remedies.items()]
    unknown = [
        entry["id"] for entry in requirements if entry["verdict"] == "unknown" and entry["id"] in report["unproven"]
    ]
    if unknown:
        advice.append(
            f"An unknown is no pass. If one cannot be known here, allow it: verify_allow_unknown: [{', '.join(unknown)}]"
        )
    total = "  ".join(f"{number} {verdict}" for verdict, number in reversed(list(report["counts"].items())))
    return [
        *lines,
        *(["", "What to do", *advice] if advice else []),
        "",
        f"{report['cluster']}: {report['verdict']}  ({total})",
    ]
