# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page: what `page.html.j2` and `page.css` beside this file need to know. Pure."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.console import first_words
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import Action, actions
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.picture import clock_picture, seconds
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Judged, Report
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent
WIDEST = 10  # pairs of clocks in the table


def verify_report_html(report: Report) -> str:
    """A page for the report of `verify_report`."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(first_words=first_words, moment=moment, seconds=seconds)
    return environment.get_template("page.html.j2").render(report=report, page=_page(report)).lstrip()


def _page(report: Report) -> dict[str, object]:
    """What the page shows and the report does not say in these words."""
    limit = float(report["policy"]["clock_max_offset"])
    tables = report["tables"]
    asked = [host for row in tables["locks"] for said in row["outcomes"].values() for host in said]
    return {
        "style": Markup((HERE / "page.css").read_text()),  # ours, and no part of it is measured  # nosec B704
        "headline": headline(report),
        "answered": _answered(report),
        "actions": [_card(action) for action in actions(report["requirements"], report["policy"])],
        "limit": limit,
        "clocks": clock_picture(tables["clocks"], limit),
        "pairs": sorted(tables["pairs"], key=lambda row: -abs(row["difference"]))[:WIDEST],
        "lock_hosts": [host for host in report["members"] if host in asked],
        "notes": [item for entry in report["requirements"] for item in entry["findings"] if item["verdict"] == "note"],
    }


def headline(report: Report) -> str:
    """The verdict in a sentence."""
    number = report["counts"]
    total = sum(number.values())
    if report["verdict"] == "fail":
        return f"{number['fail']} of {total} requirements {'fails' if number['fail'] == 1 else 'fail'}"
    if report["verdict"] == "unknown":
        return f"{number['unknown']} of {total} requirements could not be judged"
    return f"all {total} requirements are met"


def _answered(report: Report) -> str:
    members, silent = len(report["members"]), len(report["unreachable"])
    return f"{members - silent} of {members}" if silent else f"all {members}"


def _card(action: Action[Judged]) -> dict[str, object]:
    """A finding, and whom it affects: one requirement by its title, several by their ids."""
    entries = action["requirements"]
    affected = entries[0]["title"] if len(entries) == 1 else ", ".join(entry["id"] for entry in entries)
    return {**action["finding"], "affected": affected}


def moment(text: str) -> str:
    """`2026-11-21 10:00 UTC` of an ISO time in UTC."""
    return f"{text[:16].replace('T', ' ')} UTC"
