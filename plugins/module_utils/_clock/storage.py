# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure this node's clock against the file server's."""

from __future__ import annotations

import os
import socket
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._clock.arithmetic import (
    Sample,
    granularity,
    offset,
    sample,
)
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import as_user
from ansible_collections.workbench.cluster.plugins.module_utils._share import folder as share

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ClockOffset


def against_storage(path: str, token: str, user: str | None, count: int, ttl: float) -> ClockOffset:
    """`offset` of this node against the file server of `path`. Raises `Failure` when it cannot be asked."""
    # A directory: of a file that it alone uses, an NFS 4.2 client may be allowed to make up the time itself.
    folder = share.folder(path, token, user, f"clock {socket.gethostname()} {os.getpid()}")

    def work() -> list[Sample]:
        try:
            with share.made(folder) as (descriptor, _new):

                def stamp() -> int:
                    os.utime(descriptor)  # "now", which the server fills in
                    return os.fstat(descriptor).st_mtime_ns

                return sample(stamp, count)
        finally:
            share.remove(folder)

    try:
        rows = as_user(user, work, share.PATIENCE)
    except Failure:
        as_user(user, lambda: share.guard([folder], ttl), share.PATIENCE)  # it may have been killed
        raise
    samples = [Sample(*row) for row in rows]
    return offset(samples, granularity(samples))
