# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol between the nodes, by their files and by the cluster's row in the database. Pure.

It is changed as the cookie key is: all nodes stop, one defines the cluster anew, the others follow
(Admin Guide, Load Balancing / Configuration, Resetting the cluster).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import (
    parse_boost,
    parse_load_balancer,
    switched_on,
)
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options

RSERVER, BALANCER = "/etc/rstudio/rserver.conf", "/etc/rstudio/load-balancer"


def protocol(server: Options, balancer: Options) -> str:
    """By the options of rserver.conf and of load-balancer."""
    if not switched_on(server, "ssl-enabled"):
        return "http"
    return "https" if switched_on(balancer, "verify-ssl-certs", default=True) else "https no verify"


def protocol_of_files(texts: t.Mapping[str, str]) -> str:
    """By the texts of files, by path; one that is not there has no options."""
    return protocol(parse_boost(texts.get(RSERVER, "")), parse_load_balancer(texts.get(BALANCER, "")))


def of_entries(files: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """By files as config_files takes them."""
    return protocol_of_files({file["path"]: file["content"] for file in files if file.get("content") is not None})


def as_listed(text: str | None) -> str:
    """As list-nodes or the database have it, in words of ours; empty where the cluster has none."""
    return (text or "").strip().lower().replace("-", " ")


def protocol_change(files: t.Iterable[t.Mapping[str, t.Any]], listing: str) -> str:
    """`http → https`, of the output of list-nodes to `files`; empty where nothing changes, or list-nodes does not tell."""
    said = re.search(r"^Protocol\n(.+)$", listing, re.MULTILINE)
    was, now = as_listed(said[1] if said else ""), of_entries(files)
    return f"{was} → {now}" if was and was != now else ""
