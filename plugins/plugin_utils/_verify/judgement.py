# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of `verify`, `check` or `status` comes to: the verdict, the lines to show, and why the run fails. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.console import verify_summary
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import (
    counts,
    unproven,
    verify_report,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import JudgedPart, Measured, Report
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.preflight import verify_preflight
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.status import verify_status
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import verify_verdict

# What is judged, and what a run says that fails for it.
KINDS = {
    "verify": "Not proven: {unproven}.",
    "preflight": "The hosts are not fit yet: {unproven}.",
    "status": "The cluster is not healthy; the table above says where.",
}


class Judgement(t.NamedTuple):
    """`unproven` are the requirements that fail, or are unknown and not allowed to be; `report` is what there is to write."""

    verdict: str
    counts: dict[str, int]
    unproven: list[str]
    lines: list[str]
    report: Report | None = None


def judge(kind: str, measured: Measured, cluster: str) -> Judgement:
    if kind == "status":
        status = verify_status(measured)
        row: list[JudgedPart] = [{"id": "status", "verdict": status["verdict"], "findings": []}]
        return Judgement(status["verdict"], counts(row), unproven(row, {}), status["lines"])
    if kind == "preflight":
        fit = verify_preflight(measured, cluster)
        return Judgement(fit["verdict"], fit["counts"], fit["unproven"], verify_summary(fit))
    report = verify_report(verify_verdict(measured), measured, cluster)
    return Judgement(report["verdict"], report["counts"], report["unproven"], verify_summary(report), report)


def problems(
    kind: str, judgement: Judgement, page: str = "", unwritten: str = "", about: t.Collection[str] | None = None
) -> list[str]:
    """Sentences for which the run fails: `page` is the report's path, `unwritten` why there is none.

    Where it is `about` some hosts, what others have wrong is in the report and no more.
    """
    found = []
    unproven = judgement.unproven if about is None else [*_concerning(judgement, about)]
    if unproven:
        found.append(KINDS[kind].format(unproven=", ".join(unproven)))
        found += [f"See {page}."] if page else []
    if unwritten:
        found.append(f"The report could not be written: {unwritten}.")
    return found


def _concerning(judgement: Judgement, hosts: t.Collection[str]) -> t.Iterator[str]:
    """Of what is not proven that of which a finding is about these hosts, or about nobody in particular."""
    for part in judgement.report["requirements"] if judgement.report else ():
        wrong = [item["hosts"] for item in part["findings"] if item["verdict"] in ("fail", "unknown")]
        if part["id"] in judgement.unproven and any(not named or {*named} & {*hosts} for named in wrong):
            yield part["id"]
