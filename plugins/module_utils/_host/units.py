# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of a unit, and whether the unit runs what is on disk."""

from __future__ import annotations

import contextlib
import glob
import os
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words

# Systemd keeps no time of a reload, so `mark_reloaded` leaves a file a unit here. Gone after a boot, as the process is.
RELOADED = "/run/workbench.cluster"
SYSTEM = "/etc/systemd/system"


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
    reason = _written_since(_uptime(state), f"{unit} started", files, changing)
    if reason is None and _program_replaced(state["MainPID"]):
        return f"the program of {unit} was replaced after it started"
    return reason


def reload_reason(
    unit: str, state: dict[str, str], files: t.Sequence[str], changing: t.Container[str] = ()
) -> str | None:
    """Why a `running` unit has to read `files` again, `None` when it has since they were last written.

    It has when it started later, or was told to read them later (`mark_reloaded`).
    """
    read = _uptime(state)
    with contextlib.suppress(FileNotFoundError):
        read = min(read, time.time() - os.stat(os.path.join(RELOADED, unit)).st_mtime)
    return _written_since(read, f"{unit} last read it", files, changing)


def mark_reloaded(unit: str, moment: float) -> None:
    """Keep that `unit` was told at `moment` to read its files again. A moment before the signal: later files count as unread."""
    os.makedirs(RELOADED, mode=0o755, exist_ok=True)
    path = os.path.join(RELOADED, unit)
    with open(f"{path}.new", "w", encoding="ascii"):
        pass
    os.utime(f"{path}.new", (moment, moment))
    os.rename(f"{path}.new", path)


def unread(unit: str, state: dict[str, str]) -> bool:
    """Whether systemd has not read the files of a unit as they are; `NeedDaemonReload` misses the first drop-in."""
    drop_ins = set(glob.glob(os.path.join(glob.escape(SYSTEM), f"{unit}.service.d", "*.conf")))
    return state.get("NeedDaemonReload") == "yes" or not drop_ins <= set(state.get("DropInPaths", "").split())


def _uptime(state: dict[str, str]) -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC) - int(state["ExecMainStartTimestampMonotonic"]) / 1e6


def _written_since(seconds: float, event: str, files: t.Sequence[str], changing: t.Container[str]) -> str | None:
    """Which of `files` is in `changing`, or was written after an `event` so many `seconds` ago."""
    for path in files:
        if path in changing:
            return f"{path} changed"
    ages = {path: time.time() - os.stat(path).st_mtime for path in files if os.path.exists(path)}
    newest = min(ages, key=lambda path: ages[path], default=None)
    return f"{newest} was written after {event}" if newest is not None and ages[newest] < seconds else None


def _program_replaced(pid: str) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/exe").endswith(" (deleted)")
    except FileNotFoundError:
        return False
