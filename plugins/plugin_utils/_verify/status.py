# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The short form: the nodes in a table, and what is wrong with them. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import columns, grouped, listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Gathered, SeenNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    worst,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.nodes import node_rows
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import status

HEADS = ("ID", "NODE", "ADDRESS", "LIST-NODES", "LAST SEEN", "SERVICES", "SEEN BY OTHERS", "SESSIONS", "LOAD")

SILENT = Fault(
    "{host} {why}", remedy="Bring it up and run status again, or take it out of the inventory.", verdict=UNKNOWN
)


class Status(t.TypedDict):
    verdict: str
    lines: list[str]


def verify_status(measured: Gathered) -> Status:
    """From the answers of cluster_info."""
    e = Evidence(measured)
    findings = [*status.judge(e), *(SILENT([h], host=h, why=e.why_silent(h)) for h in e.members if h not in e.clusters)]
    table = columns([HEADS, *(_cells(e, row) for row in node_rows(e))])
    sentences = [line for finding in findings if finding["verdict"] != PASS for line in _sentences(finding)]
    said = [*_held_against_the_inventory(e), *_licences(findings), *sentences]
    return {"verdict": worst(findings), "lines": [*table, *([""] if said else []), *said]}


def _held_against_the_inventory(e: Evidence) -> t.Iterator[str]:
    """One line of the only thing that the inventory says and this one question tells; it decides nothing."""
    wanted = e.policy.get("version")
    if wanted and e.clusters:
        versions = {host: e.version(host) or "none" for host in e.clusters}
        others = {host: version for host, version in versions.items() if version != wanted}
        said = f"server_version is {wanted}, and it is {spread(others)}" if others else f"version {wanted}"
        yield f"{'Not as' if others else 'As'} the inventory says: {said} (verify tells what site would change)"


def _licences(findings: t.Iterable[Finding]) -> t.Iterator[str]:
    """Of licences also what is well: state and days left."""
    for finding in findings:
        if finding["what"].startswith("The licence") and finding["verdict"] == PASS:
            yield f"{finding['what']} ({listed(finding['hosts'])})"


def _sentences(finding: Finding) -> t.Iterator[str]:
    yield f"{finding['what']}: {finding['measured']}".rstrip(": ")
    if finding["remedy"]:
        yield f"  {finding['remedy']}"


def _cells(e: Evidence, row: SeenNode) -> tuple[str, ...]:
    return (
        str(row["id"] or "-"),
        row["host"] if row["member"] else f"{row['host']} (no member)",
        str(row["listed"] or e.addresses.get(row["host"]) or "-"),
        row["status"] or "-",
        row["last_seen"] or "-",
        _services(row),
        _seen_by_others(row),
        "-" if row["sessions"] is None else str(row["sessions"]),
        " ".join(f"{load:g}" for load in row["load"] or []) or "-",
    )


def _services(row: SeenNode) -> str:
    states = {unit.removeprefix("rstudio-"): state for unit, state in row["services"].items() if state}
    if states and set(states.values()) == {"active"}:
        return "active"
    return listed(f"{unit} {state}" for unit, state in states.items()) or "-"


def _seen_by_others(row: SeenNode) -> str:
    seen = [f"{flag} ({listed(askers)})" for flag, askers in grouped(row["flags"]).items() if flag]
    seen += [f"missing ({listed(row['unseen_by'])})"] if row["unseen_by"] else []
    return listed(seen) or ("healthy" if row["flags"] else "-")
