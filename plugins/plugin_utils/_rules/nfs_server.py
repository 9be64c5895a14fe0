# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role nfs_server needs of its variables. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member

PATH = re.compile(r"/[^ ]*\Z")


def _exports(m: Member) -> t.Iterator[str]:
    paths = [str(export["path"]) for export in m["nfs_server_exports"]]
    if not paths or not all(PATH.match(path) for path in paths):
        yield f"nfs_server_exports={paths} must be absolute paths without blanks, at least one."


def _clients(m: Member) -> t.Iterator[str]:
    clients = [str(client) for client in m["nfs_server_clients"]]
    if not clients or any(re.search(r"[ ()]", client) for client in clients):
        yield f"nfs_server_clients={clients} must be hosts or networks without blanks or brackets, at least one."


def _root(m: Member) -> t.Iterator[str]:
    if "no_root_squash" not in m["nfs_server_options"].split(","):
        yield (
            f"nfs_server_options={m['nfs_server_options']} lacks no_root_squash: "
            "Workbench creates and owns files on the share as root."
        )


RULES = (_exports, _clients, _root)
