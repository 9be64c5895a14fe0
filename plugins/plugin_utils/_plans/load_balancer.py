# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file `load-balancer` in the layout of a release, and the nodes as it and a balancer name them. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product import releases
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost, switched_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import HostVars
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import member_addresses

VARIABLE = "server_load_balancer"
DEFAULT_PORT = ":8787"


def node_addresses(members: t.Iterable[str], hostvars: HostVars, options: t.Mapping[str, t.Any]) -> list[str]:
    """`host:port` of each member. `options` of rserver.conf say the port of those that name none."""
    names = list(members)
    read = parse_boost(to_conf(options))
    port = read.get("www-port", [""])[0] or ("443" if switched_on(read, "ssl-enabled") else "8787")
    addresses = (
        str(hostvars[name].get("server_www_host_name") or otherwise)
        for name, otherwise in zip(names, member_addresses(names, hostvars))
    )
    return [address if ":" in address else f"{address}:{port}" for address in addresses]


def load_balancer(
    options: t.Mapping[str, t.Any], nodes: t.Sequence[str], release: str, kept: t.Mapping[str, t.Any]
) -> str:
    """The text of the file.

    Before 2021.09 its options stand below `[config]`, and below `[nodes]` a node a line: `nodes`, as `node_addresses` has them.
    """
    known = known_options(options, release, "load-balancer")
    if releases.nodes_in_database(release):
        return to_conf(known, VARIABLE, kept)
    head = to_sectioned_conf([{"name": "config", "options": known, "kept": kept}], VARIABLE)
    lines = [node.removesuffix(DEFAULT_PORT) for node in nodes]
    return "\n".join([head, "[nodes]", *lines, ""])


def known_options(options: t.Mapping[str, t.Any], release: str, file: str) -> dict[str, t.Any]:
    """Of our own options of a file those that a release is not too old for."""
    return {key: value for key, value in options.items() if releases.knows(release, file, key)}
