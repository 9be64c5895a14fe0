# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file system a path of this host lies on."""

from __future__ import annotations

import functools
import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import as_user
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import Mounts
from ansible_collections.workbench.cluster.plugins.module_utils._share.folder import PATIENCE

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Mount

MOUNTINFO = "/proc/self/mountinfo"


def current(mountinfo: str = MOUNTINFO) -> Mounts:
    with open(mountinfo, encoding="utf-8", errors="surrogateescape") as file:
        return Mounts(file.read())


def read_mounts(paths: t.Sequence[str], mountinfo: str = MOUNTINFO) -> tuple[dict[str, Mount | None], list[str]]:
    """The file system each path lies on, `None` where that is the root's; and sentences on paths that do not answer."""
    real, errors = {}, []
    for path in paths:
        try:
            real[path] = as_user(None, functools.partial(visit, path), PATIENCE)
        except Failure as failure:
            errors.append(f"{path} cannot be read: {failure}")
            real[path] = os.path.normpath(path)
    mounts = current(mountinfo)
    return {path: mounts.holder(real[path]) for path in paths}, errors


def file_system(path: str, user: str | None = None, mountinfo: str = MOUNTINFO) -> str:
    """The type of the file system a path lies on, the root's included. Raises `Failure` when the path does not answer."""
    mount = current(mountinfo).any_holder(as_user(user, functools.partial(visit, path), PATIENCE))
    return str(mount["fstype"]) if mount else "unknown"


def visit(path: str) -> str:
    """The real path, with what an automounter mounts there mounted."""
    os.stat(os.path.join(path, "."))
    return os.path.realpath(path)
