# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a verify run, as data. Pure."""

from __future__ import annotations

import json
import typing as t

SCHEMA = "workbench.cluster/verify/1"
HISTORY = 50
VERDICTS = ("fail", "unknown", "pass")
Report = dict[str, t.Any]


def verify_report(
    answer: t.Mapping[str, t.Any], measured: t.Mapping[str, t.Any], cluster: str = "workbench", earlier: str = ""
) -> Report:
    """The report of a run; `answer` is that of `verify_verdict` about `measured`, `earlier` the text of the last report."""
    return {
        "schema": SCHEMA,
        "cluster": cluster,
        "at": measured["policy"]["now"],
        "verdict": answer["verdict"],
        "unproven": unproven(answer["requirements"], measured["policy"]),
        "counts": counts(answer["requirements"]),
        "members": list(measured["members"]),
        "unreachable": list(measured.get("unreachable") or []),
        "outside": list(measured.get("outside") or []),
        "policy": dict(measured["policy"]),
        "requirements": answer["requirements"],
        "tables": answer["tables"],
        "history": history(earlier),
    }


def counts(requirements: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, int]:
    verdicts = [requirement["verdict"] for requirement in requirements]
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS}


def unproven(requirements: t.Iterable[t.Mapping[str, t.Any]], policy: t.Mapping[str, t.Any]) -> list[str]:
    """The ids that let no run succeed: what fails, and what is unknown without being named in `allow_unknown`."""
    return [
        entry["id"]
        for entry in requirements
        if entry["verdict"] == "fail" or (entry["verdict"] == "unknown" and not _allowed(entry["id"], policy))
    ]


def _allowed(name: str, policy: t.Mapping[str, t.Any]) -> bool:
    return name in (policy.get("allow_unknown") or [])


def actions(report: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """`{finding, requirements}` of what there is to do, failures first; what several requirements lack is said once."""
    found: dict[tuple[str, ...], dict[str, t.Any]] = {}
    for verdict in ("fail", "unknown"):
        for entry in report["requirements"]:
            if verdict == "unknown" and _allowed(entry["id"], report["policy"]):
                continue
            for item in entry["findings"]:
                if item["verdict"] == verdict:
                    same = (verdict, item["what"], item["measured"], item["wanted"], item["remedy"], *item["hosts"])
                    found.setdefault(same, {"finding": item, "requirements": []})["requirements"].append(entry)
    return list(found.values())


def history(earlier: str) -> list[dict[str, t.Any]]:
    """`{at, verdict, counts, verdicts: {id: verdict}}` of earlier runs, the latest first.

    A text that is no report of this schema starts a new history: it must not keep a run from being reported.
    """
    try:
        report = json.loads(earlier or "{}")
        if report["schema"] != SCHEMA:
            return []
        last = {
            "at": report["at"],
            "verdict": report["verdict"],
            "counts": report["counts"],
            "verdicts": {requirement["id"]: requirement["verdict"] for requirement in report["requirements"]},
        }
        return [last, *report["history"]][:HISTORY]
    except (ValueError, KeyError, TypeError):
        return []
