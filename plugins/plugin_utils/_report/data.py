# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a verify run, as data. Pure."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import (
    Gathered,
    JudgedPart,
    PastRun,
    Policy,
    Report,
    Verdict,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import Finding

SCHEMA = "workbench.cluster/verify/1"
HISTORY = 50
VERDICTS = ("fail", "unknown", "pass")
P = t.TypeVar("P", bound=JudgedPart)


class Action(t.TypedDict, t.Generic[P]):
    """What there is to do, and the requirements that lack it."""

    finding: Finding
    requirements: list[P]


def verify_report(answer: Verdict, measured: Gathered, cluster: str = "workbench", earlier: str = "") -> Report:
    """The report of a run; `answer` is that of `verify_verdict` about `measured`, `earlier` the text of the last report."""
    return {
        "schema": SCHEMA,
        "cluster": cluster,
        "at": measured["policy"]["now"],
        "verdict": answer["verdict"],
        "unproven": unproven(answer["requirements"], measured["policy"]),
        "counts": counts(answer["requirements"]),
        "members": list(measured["members"]),
        "unreachable": list(measured["unreachable"]),
        "outside": list(measured["outside"]),
        "policy": measured["policy"].copy(),
        "requirements": answer["requirements"],
        "tables": answer["tables"],
        "history": history(earlier),
    }


def counts(requirements: t.Iterable[JudgedPart]) -> dict[str, int]:
    verdicts = [requirement["verdict"] for requirement in requirements]
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS}


def unproven(requirements: t.Iterable[JudgedPart], policy: Policy) -> list[str]:
    """The ids that let no run succeed: what fails, and what is unknown without being named in `allow_unknown`."""
    return [
        entry["id"]
        for entry in requirements
        if entry["verdict"] == "fail" or (entry["verdict"] == "unknown" and not _allowed(entry["id"], policy))
    ]


def _allowed(name: str, policy: Policy) -> bool:
    return name in (policy.get("allow_unknown") or [])


def actions(requirements: t.Sequence[P], policy: Policy) -> list[Action[P]]:
    """What there is to do, failures first; what several requirements lack is said once."""
    found: dict[tuple[str, ...], Action[P]] = {}
    for verdict in ("fail", "unknown"):
        for entry in requirements:
            if verdict == "unknown" and _allowed(entry["id"], policy):
                continue
            for item in entry["findings"]:
                if item["verdict"] == verdict:
                    same = (verdict, item["what"], item["measured"], item["wanted"], item["remedy"], *item["hosts"])
                    found.setdefault(same, {"finding": item, "requirements": []})["requirements"].append(entry)
    return list(found.values())


def history(earlier: str) -> list[PastRun]:
    """Earlier runs, the latest first.

    A text that is no report of this schema starts a new history: it must not keep a run from being reported.
    """
    try:
        report = json.loads(earlier or "{}")
        if report["schema"] != SCHEMA:
            return []
        last: PastRun = {
            "at": report["at"],
            "verdict": report["verdict"],
            "counts": report["counts"],
            "verdicts": {requirement["id"]: requirement["verdict"] for requirement in report["requirements"]},
        }
        return [last, *report["history"]][:HISTORY]
    except (ValueError, KeyError, TypeError):
        return []
