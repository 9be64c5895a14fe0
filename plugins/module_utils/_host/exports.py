# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS server exports, and what it is told to."""

from __future__ import annotations

import os
import re
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_text

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Exports

OURS = "workbench.exports"


def read_exports(paths: t.Sequence[str], root: str = "/") -> Exports:
    """Lines of others for `paths`, and the table of exportfs(8)."""
    table = os.path.join(root, "var/lib/nfs/etab")
    there = os.path.exists(table)
    return {
        "others": _others(paths, root),
        "table": [" ".join(line.split(None, 1)) for line in file_text(table).splitlines()],
        "places": {path: os.path.realpath(path) for path in paths},
        "age": time.time() - os.stat(table).st_mtime if there else None,
    }


def _others(paths: t.Sequence[str], root: str) -> list[str]:
    """Lines of exports(5) in files that are not ours, as `file:line`."""
    if not paths:
        return []
    ours = re.compile(rf'\s*"?(?:{"|".join(map(re.escape, paths))})/?"?(?:\s|$)')
    return [
        f"{path}:{line}"
        for path in _files(root)
        for line in file_text(os.path.join(root, path[1:])).splitlines()
        if ours.match(line)
    ]


def _files(root: str) -> list[str]:
    """The files that exportfs reads: of /etc/exports.d those of its ending that are not hidden."""
    folder = "/etc/exports.d"
    try:
        names = sorted(os.listdir(os.path.join(root, folder[1:])))
    except OSError:
        names = []
    read = [name for name in names if name.endswith(".exports") and not name.startswith(".") and name != OURS]
    return ["/etc/exports", *(f"{folder}/{name}" for name in read)]
