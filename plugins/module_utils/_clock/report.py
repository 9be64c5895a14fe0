# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This node's clock: the report of clock_info."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._clock.arithmetic import server_stamps
from ansible_collections.workbench.cluster.plugins.module_utils._clock.daemons import read_daemon
from ansible_collections.workbench.cluster.plugins.module_utils._clock.kernel import read_kernel
from ansible_collections.workbench.cluster.plugins.module_utils._clock.storage import against_storage
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.read import file_system

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Clock, ClockOffset

# The options of clock_info, and `writes`: false in check mode.
Request = t.Mapping[str, t.Any]
# What clock_info may be asked for.
OPTIONS: dict[str, dict[str, t.Any]] = {
    "path": {"type": "path"},
    # Names a folder; it opens nothing.
    "token": {"type": "str", "no_log": False},
    "user": {"type": "str"},
    "samples": {"type": "int", "default": 8},
    "ttl": {"type": "float", "default": 60},
}


def read_clock(run: Run, request: Request) -> Clock:
    """This node's clock; what could not be measured is a sentence in `errors`."""
    path, errors = request["path"], []
    fstype: str | None = None
    reference: t.Literal["storage", "none"] = "none"
    measured: ClockOffset = {"offset": None, "bound": None, "samples": []}
    if path:
        try:
            fstype = file_system(path, request["user"])
            measured, reference = _against_server(fstype, request), "storage"
        except Failure as failure:
            errors.append(f"The file server's clock could not be measured: {failure}")
    daemon = read_daemon(run)
    if daemon["error"]:
        errors.append(daemon["error"])
    try:
        kernel = read_kernel()
    except Failure as failure:
        kernel = {"synchronized": None, "max_error": None}
        errors.append(str(failure))
    return {
        **measured,
        "reference": reference,
        "path": path,
        "fstype": fstype,
        "daemon": daemon,
        "kernel": kernel,
        "errors": errors,
    }


def _against_server(fstype: str, request: Request) -> ClockOffset:
    """Raises `Failure` where files do not have the file server's time, or may not be written."""
    path = request["path"]
    if not server_stamps(fstype):
        raise Failure(f"{path} is on {fstype}, which may store the node's own time; only NFS stores the server's")
    if not request["writes"]:
        raise Failure("in check mode nothing is written to the share")
    return against_storage(path, request["token"], request["user"], request["samples"], request["ttl"])
