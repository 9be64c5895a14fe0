# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of verify in a real browser: what it shows is text, in both schemes and on paper."""

from __future__ import annotations

import html
import json
import re
import subprocess
import typing as t
import zlib
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import verify_report
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.html import verify_report_html
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import verify_verdict
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

ROOT = Path(__file__).resolve().parents[2]
NASTY = "<img src=x onerror=\"document.title='owned'\">"
SCRIPT = "</style></td><script>document.title='owned'</script>&amp;"


def chromium(profile: Path, page: Path, *options: str) -> str:
    """Standard output of a headless run that stays off the network."""
    done = subprocess.run(
        [
            "chromium",
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            f"--user-data-dir={profile}",
            *options,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def measured() -> dict[str, t.Any]:
    """A cluster with faults of every kind whose names and values hold HTML."""
    text = json.dumps(samples.healthy())
    changed: dict[str, t.Any] = json.loads(text.replace('"n3"', json.dumps(NASTY)))
    third = changed["node"][NASTY]
    third["config"]["rserver.conf"]["auth-timeout-minutes"] = [SCRIPT]
    third["key_files"]["cookie_key"]["owner"] = SCRIPT
    third["errors"] = [SCRIPT]
    third["key_files"]["stray"] = [{"path": SCRIPT, "sha256": "f" * 64, "agrees": False}]
    changed["clock"][NASTY]["offset"] = 3.0
    for event in changed["locks"]:
        if event["host"] == NASTY and event["step"] == "try":
            event["outcome"] = "acquired"
    for cluster in changed["cluster"].values():
        stranger = {"id": 9, "host": SCRIPT, "ipv4": "", "port": 8787, "status": NASTY, "last_seen": SCRIPT}
        cluster["nodes"].append(stranger)
    return changed


@pytest.fixture(scope="module")
def report() -> dict[str, t.Any]:
    earlier = samples.healthy()
    first = verify_report(verify_verdict(earlier), earlier, NASTY)
    return verify_report(verify_verdict(measured()), measured(), SCRIPT, json.dumps(first))


@pytest.fixture(scope="module")
def page(report: dict[str, t.Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(verify_report_html(report))
    return path


def test_browser_would_run_what_is_not_escaped(tmp_path: Path) -> None:
    naive = tmp_path / "naive.html"
    naive.write_text(f"<!DOCTYPE html><title>page</title><p>{NASTY}")
    dom = chromium(tmp_path / "profile", naive, "--dump-dom", "--virtual-time-budget=3000")
    assert "<title>owned</title>" in dom


def test_names_and_values_are_shown_and_not_run(page: Path, tmp_path: Path) -> None:
    dom = chromium(tmp_path / "profile", page, "--dump-dom", "--virtual-time-budget=3000")
    assert "<title>owned</title>" not in dom
    assert re.findall(r"<(?:script|img)\b", dom) == []
    shown = html.unescape(re.sub(r"<[^>]*>", "", dom.split("<body>", 1)[1]))
    assert shown.count(NASTY) > 5
    assert shown.count(SCRIPT) > 5
    for heading in (
        "What to do",
        "Requirements",
        "Nodes",
        "Clocks",
        "File locks",
        "Configuration drift",
        "Earlier runs",
    ):
        assert heading in shown


@pytest.mark.parametrize(("scheme", "ground"), [("1", "f6f7f9"), ("0", "12161d")], ids=["light", "dark"])
def test_page_follows_the_colour_scheme(page: Path, tmp_path: Path, scheme: str, ground: str) -> None:
    shot = tmp_path / "page.png"
    size, colours = "--window-size=1200,900", f"--blink-settings=preferredColorScheme={scheme}"
    chromium(tmp_path / "profile", page, f"--screenshot={shot}", size, colours)
    assert first_pixel(shot.read_bytes()) == ground


def first_pixel(png: bytes) -> str:
    """Colour of the upper left corner: no filter of PNG changes the first pixel of the first line."""
    chunks, position = b"", 8
    while position < len(png):
        length, kind = int.from_bytes(png[position : position + 4], "big"), png[position + 4 : position + 8]
        if kind == b"IDAT":
            chunks += png[position + 8 : position + 8 + length]
        position += 12 + length
    return zlib.decompress(chunks)[1:4].hex()


def test_page_prints(page: Path, tmp_path: Path) -> None:
    printed = tmp_path / "page.pdf"
    chromium(tmp_path / "profile", page, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) >= 2


def test_report_has_the_documented_shape(report: dict[str, t.Any]) -> None:
    schema = json.loads((ROOT / "docs" / "verify-report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(report)), schema)
