# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node sees of the others, over the network and on the share: the phase `peers` of node_info."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.network import probe
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import NodePeers
from ansible_collections.workbench.cluster.plugins.module_utils._share.markers import Marker, look_for


def read_peers(request: t.Mapping[str, t.Any]) -> NodePeers:
    """The options are those of node_info, and `writes`; `seen` is `None` where nothing is written."""
    seen = None
    if request["writes"]:
        markers = [Marker(request["token"], peer["name"]) for peer in request["peers"]]
        # Before there are threads, for this starts processes.
        seen = {path: look_for(path, markers, request["user"], request["timeout"]) for path in request["paths"]}
    return {"seen": seen, "peers": probe(request["peers"], request["timeout"]), "errors": []}
