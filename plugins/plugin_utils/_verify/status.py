# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The short form: the nodes in a table, and what is wrong with them. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import columns, grouped, listed
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import nodes as verify_nodes
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import UNKNOWN, finding, worst
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.requirements import (
    status as verify_requirements_status,
)

HEADS = ("ID", "NODE", "ADDRESS", "LIST-NODES", "LAST SEEN", "SERVICES", "SEEN BY OTHERS", "SESSIONS", "LOAD")


def verify_status(measured: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """`{verdict, lines}` from the answers of cluster_info."""
    e = Evidence(measured)
    findings = verify_requirements_status.judge(e)
    for host in e.members:
        if host not in e.clusters:
            findings.append(
                finding(
                    UNKNOWN,
                    f"{host} {e.why_silent(host)}",
                    [host],
                    remedy="Bring it up and run status again, or take it out of the inventory.",
                )
            )
    problems = [f"{item['what']}: {item['measured']}".rstrip(": ") for item in findings if item["verdict"] != "pass"]
    remedies = [f"  {item['remedy']}" if item["remedy"] else "" for item in findings if item["verdict"] != "pass"]
    said = [line for pair in zip(problems, remedies) for line in pair if line]
    table = columns([HEADS, *(_cells(e, row) for row in verify_nodes.node_rows(e))])
    return {"verdict": worst(findings), "lines": [*table, *([""] if said else []), *said]}


def _cells(e: Evidence, row: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    services = row["services"]
    states = {unit.replace("rstudio-", ""): str(state) for unit, state in services.items() if state}
    seen = [f"{flag} ({listed(askers)})" for flag, askers in grouped(row["flags"]).items() if flag]
    seen += [f"missing ({listed(row['unseen_by'])})"] if row["unseen_by"] else []
    return (
        str(row["id"] or "-"),
        str(row["host"]) if row["member"] else f"{row['host']} (no member)",
        str(row["listed"] or e.addresses.get(row["host"]) or "-"),
        str(row["status"] or "-"),
        str(row["last_seen"] or "-"),
        "active"
        if states and set(states.values()) == {"active"}
        else listed(f"{unit} {state}" for unit, state in states.items()) or "-",
        listed(seen) or ("healthy" if row["flags"] else "-"),
        "-" if row["sessions"] is None else str(row["sessions"]),
        " ".join(f"{load:g}" for load in row["load"]) if row["load"] else "-",
    )
