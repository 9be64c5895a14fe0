# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a verify run, as JUnit. Pure."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import _allowed
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Report
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import Finding


def verify_report_junit(report: Report) -> str:
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
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _text(item: Finding) -> str:
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
