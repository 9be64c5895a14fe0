# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in /etc/rstudio: valid, in use, and the same on all nodes. Pure.

Source: Admin Guide, Load Balancing / Configuration (requirement 2).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Node
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import DriftRow
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    GUIDE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="configuration",
    title="/etc/rstudio is valid, in use, and the same on all nodes",
    source=f"{GUIDE}, requirement 2",
    needs=("nodes",),
)

REFUSED = Fault(
    "Workbench refuses its configuration",
    wanted="a configuration with which it starts again; what runs still would not",
    remedy="Mend what it names (on all nodes: server_rserver_conf, server_database_conf), and see rstudio-server test-config.",
)
UNJUDGED = Fault(
    "Workbench did not judge its configuration",
    wanted="an answer of rstudio-server test-config",
    remedy="Run rstudio-server test-config on the node.",
    verdict=UNKNOWN,
)
OLDER = Fault(
    "Services run with an older configuration than that on disk",
    wanted="the configuration on disk in use",
    remedy="Restart them, one node after the other (playbook site), or take the change back. What other requirements say of "
    "these nodes' ports and protocol is about the new files.",
)
NOTHING_READ = "nothing to read in /etc/rstudio"
COPY = "Run the playbook site, or copy /etc/rstudio from another node."
BARE = Fault("There is no configuration", measured=NOTHING_READ, wanted="the same on all nodes", remedy=COPY)
BARE_EVERYWHERE = Fault(
    "There is no configuration",
    measured=NOTHING_READ,
    wanted="the same on all nodes",
    remedy=COPY,
    verdict=UNKNOWN,
)
DIFFERS = Fault(
    "{place} differs",
    wanted="the same on all nodes",
    remedy="Set it for all nodes ({variable}) and run the playbook site; or make /etc/rstudio/{file} equal by hand and restart "
    "the node.",
)
SAME = Fault("{options} in {files} of /etc/rstudio agree", verdict=PASS)

# The options that name a node (requirement 2), and files that have a requirement of their own.
PER_NODE = {"load-balancer": {"www-host-name"}, "rserver.conf": {"www-address", "www-port"}}
KEY_FILES = {"secure-cookie-key", "launcher.pem", "launcher.pub"}
# What repeats in these is a list, for a single value twice stops the server. Elsewhere the first or the last value counts,
# or the values of two options belong together.
UNORDERED = {"load-balancer", "rserver.conf", "rsession.conf"}
UNSET, NO_FILE = "(not set)", "(no such file)"
# The files that have a variable of their own.
VARIABLES = {"rserver.conf", "load-balancer", "database.conf", "file-locks", "launcher.conf", "launcher.local.conf"}


def judge(e: Evidence) -> t.Iterator[Finding]:
    found = [*_in_use(e), *_bare(e), *(_differs(e, row) for row in drift(e))]
    yield from found
    if not found and e.nodes:
        options = {
            (file, name) for node in e.nodes.values() for file in node["config"] for name in node["config"][file]
        }
        files = {file for node in e.nodes.values() for file in (*node["config"], *node["unparsed"])} - KEY_FILES
        yield SAME(e.nodes, options=counted(len(options), "option"), files=counted(len(files), "file"))


def drift(e: Evidence) -> list[DriftRow]:
    """Each option, and each file without known grammar, that differs."""
    nodes = {host: node for host, node in e.nodes.items() if _configured(node)}
    files = sorted({name for node in nodes.values() for name in node["config"]})
    texts = sorted({name for node in nodes.values() for name in node["unparsed"]} - KEY_FILES)
    return [
        *(row for file in files for row in _options(e, file, list(nodes))),
        *(row for file in texts for row in _row(file, "", _contents(file, nodes))),
    ]


def _options(e: Evidence, file: str, hosts: t.Iterable[str]) -> t.Iterator[DriftRow]:
    """The options of a file that differ, without those that may."""
    options = {host: _own_address(file, e.options(host, file)) for host in hosts}
    for name in sorted({name for its in options.values() for name in its}):
        if name not in PER_NODE.get(file, ()) and not ((file, name) == ("database.conf", "password") and _encrypted(e)):
            yield from _row(file, name, _values(file, {host: its.get(name) for host, its in options.items()}))


def _contents(file: str, nodes: t.Mapping[str, Node]) -> dict[str, str]:
    return {host: node["unparsed"].get(file, NO_FILE) for host, node in nodes.items()}


def _row(file: str, option: str, values: t.Mapping[str, str]) -> t.Iterator[DriftRow]:
    if len(set(values.values())) > 1:
        yield {"file": file, "option": option, "values": grouped(values)}


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


def _configured(node: Node) -> bool:
    return bool(node["config"] or node["unparsed"])


def _encrypted(e: Evidence) -> bool:
    """Ciphertexts differ for one password, so they say nothing."""
    return any(node["key_files"]["database_password"]["state"] == "encrypted" for node in e.nodes.values())


def _in_use(e: Evidence) -> t.Iterator[Finding]:
    """What the product itself says of the configuration, and whether it runs with it."""
    checks = {host: e.check(host) for host in e.nodes}
    said = {host: check["said"] if check else "" for host, check in checks.items()}
    refused = {host: said[host] for host in e.nodes if e.refused(host)}
    unjudged = {
        host: said[host] or "no answer"
        for host, check in checks.items()
        if (check is None or check["passed"] is None) and e.nodes[host]["versions"]["workbench"]
    }
    older = {host: listed(reasons.values()) for host, reasons in e.older("configuration").items()}
    if refused:
        yield REFUSED(refused, measured=spread(refused))
    if unjudged:
        yield UNJUDGED(unjudged, measured=spread(unjudged))
    if older:
        yield OLDER(older, measured=spread(older))


def _bare(e: Evidence) -> t.Iterator[Finding]:
    bare = [host for host, node in e.nodes.items() if not _configured(node)]
    if bare:
        yield (BARE if len(bare) < len(e.nodes) else BARE_EVERYWHERE)(bare)


def _differs(e: Evidence, row: DriftRow) -> Finding:
    by_host = {host: value for value, hosts in row["values"].items() for host in hosts}
    values = {host: by_host[host] for host in e.nodes if host in by_host}
    return DIFFERS(
        odd(values),
        measured=spread(by_host),
        place=f"{row['option']} in {row['file']}" if row["option"] else row["file"],
        variable=_variable(row["file"]),
        file=row["file"],
    )


def _variable(file: str) -> str:
    return f"server_{file.replace('.', '_').replace('-', '_')}" if file in VARIABLES else "server_files"
