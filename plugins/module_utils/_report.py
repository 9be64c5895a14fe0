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
        "unproven": unproven(answer["requirements"], measured["policy"]),
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
    """One line a requirement, in columns; then what to do about each failure and each unknown; then the verdict."""
    requirements = report["requirements"]
    width = max((len(requirement["id"]) for requirement in requirements), default=0)
    words = {"pass": "pass", "fail": "FAIL", "unknown": "unknown"}
    lines = [f"{words[entry['verdict']]:<7}  {entry['id']:<{width}}  {first_words(entry)}" for entry in requirements]
    remedies: dict[tuple[str, str], list[str]] = {}
    for action in actions(report):
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


def verify_report_junit(report: t.Mapping[str, t.Any]) -> str:
    """A suite for each requirement, a case for each finding; notes are output.

    What is unknown is an error, and skipped where it is allowed to be unknown.
    """
    root = ET.Element("testsuites", name=f"verify {report['cluster']}")
    for requirement in report["requirements"]:
        cases = [item for item in requirement["findings"] if item["verdict"] != "note"]
        verdicts = [item["verdict"] for item in cases]
        unknown = "skipped" if _allowed(requirement["id"], report["policy"]) else "error"
        suite = ET.SubElement(
            root,
            "testsuite",
            name=requirement["id"],
            tests=str(len(cases)),
            failures=str(verdicts.count("fail")),
            errors=str(verdicts.count("unknown") if unknown == "error" else 0),
            skipped=str(verdicts.count("unknown") if unknown == "skipped" else 0),
            timestamp=str(report["at"])[:19],
        )
        for item in cases:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=_printable(f"{report['cluster']}.{requirement['id']}"),
                name=_printable(item["what"]),
            )
            if item["verdict"] != "pass":
                kind = "failure" if item["verdict"] == "fail" else unknown
                said = ET.SubElement(case, kind, message=_printable(item["measured"] or item["what"]))
                said.text = _printable(_text(item))
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
