# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `verify` measured on the machines of the demo, and the reports it wrote of it: the same measurement gives the same bytes.

`broken` is `healthy` with a stopped launcher, an id, a clock, an option and a cookie key that differ. Where a report is to
change, write it anew, and say in the commit why readers of report.json need not mind.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import verify_report
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.junit import verify_report_junit
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Report
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import verify_verdict

RECORDED = Path(__file__).parent / "recorded"


def report(name: str) -> Report:
    measured = json.loads((RECORDED / f"{name}.measured.json").read_text())
    return verify_report(verify_verdict(measured), measured)


@pytest.mark.parametrize("name", ["healthy", "broken"])
def test_recorded_measurement_gives_the_recorded_report(name: str) -> None:
    written = json.dumps(report(name), indent=1, separators=(",", ": "))
    assert written == (RECORDED / f"{name}.report.json").read_text()


@pytest.mark.parametrize("name", ["healthy", "broken"])
def test_recorded_measurement_gives_the_recorded_junit(name: str) -> None:
    assert verify_report_junit(report(name)) == (RECORDED / f"{name}.report.xml").read_text()
