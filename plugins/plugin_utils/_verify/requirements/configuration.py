# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge /etc/rstudio. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    PASS,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="configuration",
    title="/etc/rstudio is valid, in use, and the same on all nodes",
    source=f"{GUIDE}, requirement 2",
    needs=("nodes",),
)

# The options that name a node (requirement 2), and files that have a requirement of their own.
PER_NODE = {"load-balancer": {"www-host-name"}, "rserver.conf": {"www-address", "www-port"}}
KEY_FILES = {"secure-cookie-key", "launcher.pem", "launcher.pub"}
# What repeats in these is a list, for a single value twice stops the server. Elsewhere the first or the last value counts,
# or the values of two options belong together.
UNORDERED = {"load-balancer", "rserver.conf", "rsession.conf"}
UNSET = "(not set)"


def drift(e: Evidence) -> list[dict[str, t.Any]]:
    """`{file, option, values: {value: [hosts]}}` for each option, and each file without known grammar, that differs."""
    nodes = {host: node for host, node in e.nodes.items() if _configured(node)}
    rows = []
    for file in sorted({name for node in nodes.values() for name in node["config"]}):
        options = {host: _own_address(file, e.options(host, file)) for host in nodes}
        for name in sorted({name for host in options for name in options[host]}):
            if name in PER_NODE.get(file, ()) or ((file, name) == ("database.conf", "password") and _encrypted(e)):
                continue
            values = _values(file, {host: options[host].get(name) for host in options})
            if len(set(values.values())) > 1:
                rows.append({"file": file, "option": name, "values": grouped(values)})
    for file in sorted({name for node in nodes.values() for name in node["unparsed"]} - KEY_FILES):
        values = {host: node["unparsed"].get(file, "(no such file)") for host, node in nodes.items()}
        if len(set(values.values())) > 1:
            rows.append({"file": file, "option": "", "values": grouped(values)})
    return rows


def _own_address(file: str, options: t.Mapping[str, list[str]]) -> t.Mapping[str, list[str]]:
    """The options with `www-address` for what it is where sessions call back: it is the node's own in both."""
    callback, addresses = options.get("launcher-sessions-callback-address"), options.get("www-address")
    if file != "rserver.conf" or not callback or not addresses or not addresses[0]:
        return options
    named = [value.replace(f"//{addresses[0]}", "//www-address") for value in callback]
    return {**options, "launcher-sessions-callback-address": named}


def _values(file: str, values: t.Mapping[str, list[str] | None]) -> dict[str, str]:
    """The values of an option as they are shown; values that mean the same are shown the same."""
    shown: dict[tuple[str, ...], str] = {}
    answer = {}
    for host, its in values.items():
        if its is None:
            answer[host] = UNSET
        else:
            meaning = tuple(sorted(its) if file in UNORDERED else its)
            answer[host] = shown.setdefault(meaning, listed(its))
    return answer


def _configured(node: t.Mapping[str, t.Any]) -> bool:
    return bool(node["config"] or node["unparsed"])


def _encrypted(e: Evidence) -> bool:
    """Ciphertexts differ for one password, so they say nothing."""
    return any(node["key_files"]["database_password"]["state"] == "encrypted" for node in e.nodes.values())


def _could_not_start(e: Evidence) -> list[Finding]:
    """What the product itself says of the configuration, and whether it runs with it."""
    found = []
    said = {host: str((e.start(host).get("check") or {}).get("said") or "") for host in e.nodes}
    refused = {host: said[host] for host in e.nodes if e.refused(host)}
    if refused:
        found.append(
            finding(
                FAIL,
                "Workbench refuses its configuration",
                refused,
                measured=spread(refused),
                wanted="a configuration with which it starts again; what runs still would not",
                remedy="Mend what it names (on all nodes: server_rserver_conf, server_database_conf), and see "
                "rstudio-server test-config.",
            )
        )
    unasked = {
        host: said[host] or "no answer"
        for host, node in e.nodes.items()
        if node["versions"].get("workbench") and (e.start(host).get("check") or {}).get("passed") is None
    }
    if unasked:
        found.append(
            finding(
                UNKNOWN,
                "Workbench did not judge its configuration",
                unasked,
                measured=spread(unasked),
                wanted="an answer of rstudio-server test-config",
                remedy="Run rstudio-server test-config on the node.",
            )
        )
    older = {host: listed(reasons.values()) for host, reasons in e.older("configuration").items()}
    if older:
        found.append(
            finding(
                FAIL,
                "Services run with an older configuration than that on disk",
                older,
                measured=spread(older),
                wanted="the configuration on disk in use",
                remedy="Restart them, one node after the other (playbook site), or take the change back. What other "
                "requirements say of these nodes' ports and protocol is about the new files.",
            )
        )
    return found


def judge(e: Evidence) -> list[Finding]:
    found = _could_not_start(e)
    bare = [host for host, node in e.nodes.items() if not _configured(node)]
    if bare:
        found.append(
            finding(
                FAIL if len(bare) < len(e.nodes) else UNKNOWN,
                "There is no configuration",
                bare,
                measured="nothing to read in /etc/rstudio",
                wanted="the same on all nodes",
                remedy="Run the playbook site, or copy /etc/rstudio from another node.",
            )
        )
    for row in drift(e):
        values = {host: value for value, hosts in row["values"].items() for host in hosts}
        place = f"{row['option']} in {row['file']}" if row["option"] else row["file"]
        found.append(
            finding(
                FAIL,
                f"{place} differs",
                odd({host: values[host] for host in e.nodes if host in values}),
                measured=spread(values),
                wanted="the same on all nodes",
                remedy=f"Set it for all nodes ({_variable(row['file'])}) and run the playbook site; or make "
                f"/etc/rstudio/{row['file']} "
                f"equal by hand and restart the node.",
            )
        )
    if not found and e.nodes:
        count = len(
            {(file, name) for node in e.nodes.values() for file in node["config"] for name in node["config"][file]}
        )
        files = len({file for node in e.nodes.values() for file in [*node["config"], *node["unparsed"]]} - KEY_FILES)
        found.append(
            finding(PASS, f"{counted(count, 'option')} in {counted(files, 'file')} of /etc/rstudio agree", e.nodes)
        )
    return found


def _variable(file: str) -> str:
    known = ("rserver.conf", "load-balancer", "database.conf", "file-locks", "launcher.conf", "launcher.local.conf")
    return f"server_{file.replace('.', '_').replace('-', '_')}" if file in known else "server_files"
