# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This node's clock: the report of clock_info."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._clock.daemons import read_daemon
from ansible_collections.workbench.cluster.plugins.module_utils._clock.kernel import read_kernel
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ClockOffset, ClockState, Kernel


def read_clock(
    run: Run, measure: t.Callable[[], ClockOffset] | None, kernel: t.Callable[[], Kernel] = read_kernel
) -> ClockState:
    """All of `clock` but its path; `measure` asks the storage, `None` for no storage."""
    errors = []
    reference: t.Literal["storage", "none"] = "none"
    clock: ClockOffset = {"offset": None, "bound": None, "samples": []}
    if measure is not None:
        try:
            clock, reference = measure(), "storage"
        except Failure as failure:
            errors.append(f"The file server's clock could not be measured: {failure}")
    daemon = read_daemon(run)
    if daemon["error"]:
        errors.append(daemon["error"])
    try:
        state = kernel()
    except Failure as failure:
        state = {"synchronized": None, "max_error": None}
        errors.append(str(failure))
    return {**clock, "reference": reference, "daemon": daemon, "kernel": state, "errors": errors}
