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

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import UnitReport

# Systemd keeps no time of a reload, so `mark_reloaded` leaves a file a unit here. Gone after a boot, as the process is.
RELOADED = "/run/workbench.cluster"
SYSTEM = "/etc/systemd/system"
RUNS = ("active", "reloading")
REPORTED = (
    *("LoadState", "UnitFileState", "ActiveState", "MainPID", "ExecMainStartTimestampMonotonic"),
    *("NeedDaemonReload", "DropInPaths"),
)


class Running(t.NamedTuple):
    """Since when a unit runs what it runs, in seconds."""

    uptime: float
    read: float  # since it last read its files: it started, or was told to read them (`mark_reloaded`)
    replaced: bool  # its program was, after it started


class Files(t.NamedTuple):
    """What a unit reads: the ages, in seconds, of what exists of it, and `changing`, what a check would write or is gone."""

    paths: t.Sequence[str]
    ages: t.Mapping[str, float]
    changing: t.Container[str] = ()


class Need(t.NamedTuple):
    verb: t.Literal["restart", "reload"]
    reason: str
    path: str | None  # of the file that is changing


def show(run: Run, unit: str, *properties: str) -> dict[str, str]:
    """Properties of a unit; one that does not exist is `LoadState=not-found` and `ActiveState=inactive`."""
    return _show(run, [unit], ",".join(properties))[0]


def show_all(run: Run, units: t.Sequence[str], *properties: str) -> dict[str, dict[str, str]]:
    """The same of several units, in one question."""
    return dict(zip(units, _show(run, units, ",".join(properties)))) if units else {}


def read_units(run: Run, units: t.Sequence[str]) -> dict[str, UnitReport]:
    """Each of `units`, named with its ending, in one question to systemd."""
    return {unit: _reported(unit, state) for unit, state in show_all(run, units, *REPORTED).items()}


def _show(run: Run, units: t.Sequence[str], properties: str) -> list[dict[str, str]]:
    """Properties of each unit, in their order. Raises `Failure` with systemd's words."""
    rc, out, err = run(["systemctl", "show", "--property", properties, *units])
    blocks = out.strip("\n").split("\n\n")
    if rc != 0 or len(blocks) != len(units):
        raise Failure(f"systemctl show {' '.join(units)} failed: {words(out, err)}")
    return [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]


def _reported(unit: str, state: dict[str, str]) -> UnitReport:
    name = unit[: -len(".service")] if unit.endswith(".service") else unit
    runs = state.get("ActiveState") in RUNS and "ExecMainStartTimestampMonotonic" in state
    since = read_running(name, state) if runs else None
    return {
        "load": state.get("LoadState", ""),
        "enabled": state.get("UnitFileState", ""),
        "active": state.get("ActiveState", ""),
        "uptime": since.uptime if since else None,
        "read": since.read if since else None,
        "replaced": since is not None and since.replaced,
        "unread": unread(name, state),
    }


def running(run: Run, unit: str) -> dict[str, str] | None:
    """What `read_running` needs to know of a unit; `None` when it does not run."""
    state = show(run, unit, "ActiveState", "MainPID", "ExecMainStartTimestampMonotonic")
    return state if state.get("ActiveState") in RUNS else None


def read_running(unit: str, state: dict[str, str]) -> Running:
    """Since when a unit that runs does so with what it has read."""
    uptime = time.clock_gettime(time.CLOCK_MONOTONIC) - int(state["ExecMainStartTimestampMonotonic"]) / 1e6
    read = uptime
    with contextlib.suppress(FileNotFoundError):
        read = min(read, time.time() - os.stat(os.path.join(RELOADED, unit)).st_mtime)
    return Running(uptime=uptime, read=read, replaced=_program_replaced(state["MainPID"]))


def read_ages(files: t.Iterable[str]) -> dict[str, float]:
    """Since when the files that exist are as they are, in seconds.

    By their time of modification: the product sets owner and mode of database.conf at each start, which is no change.
    """
    return {path: time.time() - os.stat(path).st_mtime for path in files if os.path.exists(path)}


def need(unit: str, since: Running, files: Files, reload: t.Sequence[str] = ()) -> Need | None:
    """What a running unit needs: a restart, which reads everything, or to read those of `reload` again. Pure."""
    return restart_need(unit, since, files) or _written_since(
        "reload", since.read, f"{unit} last read it", files._replace(paths=reload)
    )


def restart_need(unit: str, since: Running, files: Files) -> Need | None:
    """Why a running unit has to be restarted, `None` when it runs what is on disk. Pure.

    It has to when it started before one of its files was last written, or when its program was replaced. Ages are
    compared, not times, so a clock set in the meantime counts only for what happened just before.
    """
    found = _written_since("restart", since.uptime, f"{unit} started", files)
    if found is None and since.replaced:
        return Need("restart", f"the program of {unit} was replaced after it started", None)
    return found


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


def _written_since(verb: t.Literal["restart", "reload"], seconds: float, event: str, files: Files) -> Need | None:
    """Which of the files changes, or was written after an `event` so many `seconds` ago."""
    for path in files.paths:
        if path in files.changing:
            return Need(verb, f"{path} changed", path)
    newest = min((path for path in files.paths if path in files.ages), key=files.ages.__getitem__, default=None)
    if newest is None or files.ages[newest] >= seconds:
        return None
    return Need(verb, f"{newest} was written after {event}", None)


def _program_replaced(pid: str) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/exe").endswith(" (deleted)")
    except FileNotFoundError:
        return False
