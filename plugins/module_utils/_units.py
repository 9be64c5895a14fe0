# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units of systemd. **PRIVATE** to the collection."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._run import Failure, Run, words


def show(run: Run, unit: str, *properties: str) -> dict[str, str]:
    """Properties of a unit; one that does not exist is `LoadState=not-found` and `ActiveState=inactive`."""
    rc, out, err = run(["systemctl", "show", "--property", ",".join(properties), unit])
    if rc != 0:
        raise Failure(f"systemctl show {unit} failed: {words(out, err)}")
    return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)


def running(run: Run, unit: str) -> dict[str, str] | None:
    """What `restart_reason` needs to know of a unit; `None` when it does not run."""
    state = show(run, unit, "ActiveState", "MainPID", "ExecMainStartTimestampMonotonic")
    return state if state.get("ActiveState") in ("active", "reloading") else None


def restart_reason(
    unit: str, state: dict[str, str], files: t.Sequence[str], changing: t.Container[str] = ()
) -> str | None:
    """Why a `running` unit has to be restarted, `None` when it runs what is on disk.

    It has to when it started before one of `files` was last written, or when its program was replaced. `changing` are
    files that a check would write. A file's age is taken from its time of modification: the product sets owner and mode
    of database.conf at each start, which is no change. Ages are compared, not times, so a clock set in the meantime
    counts only for what happened just before.
    """
    for path in files:
        if path in changing:
            return f"{path} changed"
    uptime = time.clock_gettime(time.CLOCK_MONOTONIC) - int(state["ExecMainStartTimestampMonotonic"]) / 1e6
    ages = {path: time.time() - os.stat(path).st_mtime for path in files if os.path.exists(path)}
    newest = min(ages, key=lambda path: ages[path], default=None)
    if newest is not None and ages[newest] < uptime:
        return f"{newest} was written after {unit} started"
    if _program_replaced(state["MainPID"]):
        return f"the program of {unit} was replaced after it started"
    return None


def _program_replaced(pid: str) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/exe").endswith(" (deleted)")
    except FileNotFoundError:
        return False
