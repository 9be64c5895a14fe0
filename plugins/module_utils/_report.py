# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a verify run: as data, as lines for the console, as JUnit. Pure. **PRIVATE** to the collection.

The data is what `report.json` holds; docs/verify.md describes it. Its `schema` changes when a reader would have to.
"""

from __future__ import annotations

import json
import typing as t
import xml.etree.ElementTree as ET

SCHEMA = "workbench.cluster/verify/1"
HISTORY = 50
VERDICTS = ("fail", "unknown", "pass")
Report = t.Dict[str, t.Any]


def verify_report(
    answer: t.Mapping[str, t.Any], measured: t.Mapping[str, t.Any], cluster: str = "workbench", earlier: str = ""
) -> Report:
    """The report of a run; `answer` is that of `verify_verdict` about `measured`, `earlier` the text of the last report."""
    return {
        "schema": SCHEMA,
        "cluster": cluster,
        "at": measured["policy"]["now"],
        "verdict": answer["verdict"],
        "counts": counts(answer["requirements"]),
        "members": list(measured["members"]),
        "unreachable": list(measured.get("unreachable") or []),
        "outside": list(measured.get("outside") or []),
        "policy": dict(measured["policy"]),
        "requirements": answer["requirements"],
        "tables": answer["tables"],
        "history": _history(earlier),
    }


def counts(requirements: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, int]:
    verdicts = [requirement["verdict"] for requirement in requirements]
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS}


def _history(earlier: str) -> list[dict[str, t.Any]]:
    """`{at, verdict, counts, verdicts: {id: verdict}}` of earlier runs, the latest first.

    A text that is no report of this schema starts a new history: it must not keep a run from being reported.
    """
    try:
        report = json.loads(earlier or "{}")
    except ValueError:
        return []
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        return []
    last = {
        "at": report["at"],
        "verdict": report["verdict"],
        "counts": report["counts"],
        "verdicts": {requirement["id"]: requirement["verdict"] for requirement in report["requirements"]},
    }
    return [last, *report["history"]][:HISTORY]


def first_words(requirement: t.Mapping[str, t.Any]) -> str:
    """What there is to say about a requirement in one line: the first finding that decided it, and how many more."""
    deciding = [item for item in requirement["findings"] if item["verdict"] == requirement["verdict"]]
    if not deciding:
        return "nothing was measured"
    more = f" (and {len(deciding) - 1} more)" if len(deciding) > 1 and requirement["verdict"] != "pass" else ""
    detail = f": {deciding[0]['measured']}" if deciding[0]["measured"] else ""
    return f"{deciding[0]['what']}{detail}{more}"


def verify_summary(report: t.Mapping[str, t.Any]) -> list[str]:
    """One line a requirement, in columns; then what to do about each failure; then the verdict."""
    requirements = report["requirements"]
    width = max((len(requirement["id"]) for requirement in requirements), default=0)
    words = {"pass": "pass", "fail": "FAIL", "unknown": "unknown"}
    lines = [f"{words[entry['verdict']]:<7}  {entry['id']:<{width}}  {first_words(entry)}" for entry in requirements]
    remedies: dict[tuple[str, str], list[str]] = {}
    for entry in requirements:
        for item in entry["findings"]:
            if item["verdict"] == "fail":
                remedies.setdefault((entry["id"], item["remedy"]), []).append(item["what"])
    advice = [f"{name}: {'; '.join(whats)}. {remedy}" for (name, remedy), whats in remedies.items()]
    total = "  ".join(f"{number} {verdict}" for verdict, number in reversed(list(report["counts"].items())))
    return [
        *lines,
        *(["", "What to do", *advice] if advice else []),
        "",
        f"{report['cluster']}: {report['verdict']}  ({total})",
    ]


def verify_report_junit(report: t.Mapping[str, t.Any]) -> str:
    """A suite for each requirement, a case for each finding; what is unknown is skipped, and notes are output."""
    root = ET.Element("testsuites", name=f"verify {report['cluster']}")
    for requirement in report["requirements"]:
        cases = [item for item in requirement["findings"] if item["verdict"] != "note"]
        verdicts = [item["verdict"] for item in cases]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=requirement["id"],
            tests=str(len(cases)),
            failures=str(verdicts.count("fail")),
            errors="0",
            skipped=str(verdicts.count("unknown")),
            timestamp=str(report["at"])[:19],
        )
        for item in cases:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=_printable(f"{report['cluster']}.{requirement['id']}"),
                name=_printable(item["what"]),
            )
            if item["verdict"] == "fail":
                ET.SubElement(case, "failure", message=_printable(item["measured"] or item["what"])).text = _printable(
                    _text(item)
                )
            elif item["verdict"] == "unknown":
                ET.SubElement(case, "skipped", message=_printable(item["measured"] or item["what"]))
        notes = [
            f"{item['what']}. {item['remedy']}".strip() for item in requirement["findings"] if item["verdict"] == "note"
        ]
        if notes:
            ET.SubElement(suite, "system-out").text = _printable("\n".join(notes))
    ET.indent(root) if hasattr(ET, "indent") else None
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _text(item: t.Mapping[str, t.Any]) -> str:
    parts = {
        "Nodes": ", ".join(item["hosts"]),
        "Measured": item["measured"],
        "Wanted": item["wanted"],
        "Remedy": item["remedy"],
    }
    return "\n".join(f"{name}: {text}" for name, text in parts.items() if text)


def _printable(text: str) -> str:
    """`text` without what XML 1.0 has no way to write."""
    return "".join(
        char
        if char in "\t\n" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
        else "\ufffd"
        for char in text
    )
