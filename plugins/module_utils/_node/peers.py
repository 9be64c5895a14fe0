# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node sees of the others, over the network and on the share: the phase `peers` of node_info, and parts of a look."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.network import probe
from ansible_collections.workbench.cluster.plugins.module_utils._share.markers import Marker, look_for

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import NodePeers, SeenMarker

# The others, as node_info and the part `peers` of a look are asked for them.
PEERS: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "name": {"type": "str", "required": True},
        "host": {"type": "str", "required": True},
        "ports": {"type": "list", "elements": "int", "default": [8787, 5559]},
    },
}
TIMEOUT: dict[str, t.Any] = {"type": "float", "default": 5}
# What the part `seen` of a look may be asked for.
SEEN: dict[str, dict[str, t.Any]] = {
    # Names a folder; it opens nothing.
    "token": {"type": "str", "required": True, "no_log": False},
    "user": {"type": "str"},
    "paths": {"type": "list", "elements": "path", "required": True},
    "members": {"type": "list", "elements": "str", "required": True},
    "timeout": TIMEOUT,
}


def read_seen(request: t.Mapping[str, t.Any]) -> dict[str, dict[str, SeenMarker]]:
    """What this node sees of the markers of `members`, by path and member."""
    markers = [Marker(request["token"], member) for member in request["members"]]
    return {path: look_for(path, markers, request["user"], request["timeout"]) for path in request["paths"]}


def read_peers(request: t.Mapping[str, t.Any]) -> NodePeers:
    """The options are those of node_info, and `writes`; `seen` is `None` where nothing is written."""
    seen = None
    if request["writes"]:
        # Before there are threads, for this starts processes.
        seen = read_seen({**request, "members": [peer["name"] for peer in request["peers"]]})
    return {"seen": seen, "peers": probe(request["peers"], request["timeout"]), "errors": []}
