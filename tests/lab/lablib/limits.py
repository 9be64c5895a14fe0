# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room for many containers: limits of this machine that all of them share. Raised for them, and put back."""

from __future__ import annotations

from pathlib import Path

from lablib import texts
from lablib.system import write

INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
NEIGHBOURS = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
# Debian's default of 128 lets 33 containers boot: their systemds take them.
A_CONTAINER = 5


def needed(containers: int) -> dict[Path, int]:
    """What each limit has to be. Nodes that all talk to each other are the square of their number in the kernel's one table."""
    return {INSTANCES: 128 + A_CONTAINER * containers, NEIGHBOURS: 512 + containers * (containers + 2)}


def make_room(containers: int) -> None:
    """Raise what is too low for this many containers."""
    for limit, wanted in needed(containers).items():
        # The neighbours are the first network namespace's to count: a controller in another does not see their number.
        if containers and limit.exists() and int(limit.read_text()) < wanted:
            if not _before(limit).exists():
                write(_before(limit), limit.read_text().strip())
            limit.write_text(str(wanted))


def put_back() -> None:
    for limit in needed(0):
        if _before(limit).exists():
            limit.write_text(_before(limit).read_text())
            _before(limit).unlink()


def _before(limit: Path) -> Path:
    return texts.RUN / f"{limit.name}.before"
