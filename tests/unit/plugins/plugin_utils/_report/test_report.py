# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verify run leaves behind: data with a history, lines, JUnit, a page."""

from __future__ import annotations

import json
import re
import typing as t
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.console import verify_summary
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import SCHEMA, verify_report
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.html import HERE, verify_report_html
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.junit import verify_report_junit
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.picture import seconds
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Report
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import verify_verdict
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples


def report(earlier: str = "", **changes: t.Any) -> Report:
    measured: t.Any = samples.healthy()
    measured["node"]["n3"]["key_files"]["cookie_key"].update(changes)
    return verify_report(verify_verdict(measured), measured, "research", earlier)


def test_report_says_what_was_judged_by_what() -> None:
    made = report()
    assert made["schema"] == SCHEMA
    assert made["counts"] == {"fail": 0, "unknown": 0, "pass": 19}
    assert made["policy"]["clock_max_offset"] == 1.0
    assert json.loads(json.dumps(made)) == made


def test_history_takes_over_the_last_run_and_those_before() -> None:
    first = report(mode="0640")
    second = report(json.dumps(first))
    third = report(json.dumps(second))
    assert [run["verdict"] for run in third["history"]] == ["pass", "fail"]
    assert third["history"][1]["verdicts"]["keys"] == "fail"
    assert "history" not in third["history"][0]


def test_history_has_an_end() -> None:
    made = report()
    for _run in range(60):
        made = report(json.dumps(made))
    assert len(made["history"]) == 50


@pytest.mark.parametrize("earlier", ["", "{", "[]", "null", '{"schema": "other/9"}', json.dumps({"schema": SCHEMA})])
def test_what_is_no_report_starts_a_new_history(earlier: str) -> None:
    assert report(earlier)["history"] == []


def test_summary_has_a_line_for_each_requirement_in_columns() -> None:
    lines = verify_summary(report(mode="0640"))
    table = lines[:18]
    assert {line.index(line.split()[1]) for line in table} == {9}
    assert {len(re.match(r"\S+ +\S+ +", line).group()) for line in table} == {25}  # type: ignore[union-attr]
    assert [line for line in table if line.startswith("FAIL")] == [
        "FAIL     keys            secure-cookie-key may be read by others: mode 0640 on n3"
    ]
    assert lines[-1] == "research: fail  (18 pass  0 unknown  1 fail)"
    assert any(line.startswith("keys: ") and "chmod 0600" in line for line in lines)


def test_junit_has_a_suite_for_each_requirement_and_remedies_in_failures() -> None:
    root = ET.fromstring(verify_report_junit(report(mode="0640", owner="\x1b[31mada")))
    suites = {suite.get("name"): suite for suite in root}
    assert len(suites) == 19
    assert suites["keys"].get("failures") == "2"
    text = suites["keys"].findtext("testcase/failure") or ""
    assert "Remedy: chmod 0600" in text
    assert "\ufffd[31mada" in "".join(suites["keys"].itertext())


@pytest.mark.parametrize(("allowed", "errors", "skipped"), [([], "1", "0"), (["version"], "0", "1")])
def test_junit_has_errors_for_what_is_unknown_and_skips_what_may_be(
    allowed: list[str], errors: str, skipped: str
) -> None:
    measured = samples.without(samples.healthy(), "n2")
    measured["policy"]["allow_unknown"] = allowed
    made = verify_report(verify_verdict(measured), measured)
    version = next(suite for suite in ET.fromstring(verify_report_junit(made)) if suite.get("name") == "version")
    assert (version.get("failures"), version.get("errors"), version.get("skipped")) == ("0", errors, skipped)
    assert ("version" in made["unproven"]) == (errors == "1")
    assert made["verdict"] == "unknown"
    (case,) = [case for case in version if case.find("error" if errors == "1" else "skipped") is not None]
    assert "Remedy: Bring it up" in "".join(case.itertext())


def test_what_every_requirement_lacks_is_said_once() -> None:
    measured = samples.without(samples.healthy(), "n2")
    made = verify_report(verify_verdict(measured), measured)
    lines = [line for line in verify_summary(made) if "n2 could not be measured. Bring it up" in line]
    assert len(lines) == 1
    assert lines[0].startswith("version, configuration, accounts, ")
    cards = [item for item in re.findall(r"<h3>.*?</h3>", verify_report_html(made)) if "n2 could not" in item]
    assert len(cards) == 1
    assert "verify_allow_unknown: [version, " in "".join(verify_summary(made))


def test_an_unknown_without_a_remedy_is_told_among_what_there_is_to_do() -> None:
    measured: t.Any = samples.healthy()
    measured["cluster"]["n2"].update(nodes=[], installed=False, errors=["no such command"])
    lines = verify_summary(verify_report(verify_verdict(measured), measured))
    assert "status: The cluster could not be listed here." in lines


def test_allowing_one_unknown_hides_no_failure() -> None:
    measured: t.Any = samples.healthy()
    measured["node"]["n3"]["key_files"]["cookie_key"]["mode"] = "0640"
    measured["policy"]["allow_unknown"] = ["keys"]
    assert verify_report(verify_verdict(measured), measured)["unproven"] == ["keys"]


class Page(HTMLParser):
    """Elements, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_well_formed_and_has_landmarks() -> None:
    page = Page(verify_report_html(report(json.dumps(report()), mode="0640")))
    tags = [tag for tag, _attributes in page.seen]
    assert page.open == []
    assert [tags.count(tag) for tag in ("header", "nav", "main", "footer", "h1")] == [1, 1, 1, 1, 1]
    assert all("scope" in attributes for tag, attributes in page.seen if tag == "th")
    assert tags.count("caption") == tags.count("table")
    identifiers = [attributes["id"] for _tag, attributes in page.seen if "id" in attributes]
    assert len(set(identifiers)) == len(identifiers)
    targets = [attributes["href"] for tag, attributes in page.seen if tag == "a"]
    assert {f"#{name}" for name in identifiers} >= set(targets)


def test_page_needs_nothing_from_outside() -> None:
    text = verify_report_html(report())
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import", text)


def test_values_are_text() -> None:
    nasty = '"><script>alert(1)</script>'
    measured: t.Any = samples.healthy()
    measured["node"]["n3"]["config"]["rserver.conf"]["auth-timeout-minutes"] = [nasty]
    measured["node"]["n1"]["errors"] = [nasty]
    text = verify_report_html(verify_report(verify_verdict(measured), measured, nasty))
    assert nasty not in text
    assert text.count("&lt;script&gt;alert(1)") >= 4


def test_each_verdict_has_a_shape_of_its_own() -> None:
    text = verify_report_html(report(mode="0640"))
    shapes = set(re.findall(r'<span class="mark (\w+)"><svg[^>]*>(.*?)</svg>', text))
    assert {verdict for verdict, _shape in shapes} == {"fail", "pass", "unknown", "note"}
    assert len({shape for _verdict, shape in shapes}) == 4


@pytest.mark.parametrize(
    ("value", "words"), [(3.0021, "3.002 s"), (0.302, "302 ms"), (0.0024, "2.4 ms"), (-1.5, "-1.500 s")]
)
def test_seconds(value: float, words: str) -> None:
    assert seconds(value) == words


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_contrast_is_at_least_4_5(scheme: int) -> None:
    colours = dict(
        re.findall(r"--(\w+): (#\w{6})", (HERE / "page.css").read_text().split(":root {")[scheme + 1].split("}")[0])
    )
    for ground in ("page", "sheet", "tint"):
        for ink in ("ink", "quiet", "accent", "pass", "fail", "unknown", "note"):
            dark, light = sorted((luminance(colours[ground]), luminance(colours[ink])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, ink)
