# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room for many containers: the one limit of this machine that their systemds share. Raised for them, and put back."""

from __future__ import annotations

from pathlib import Path

from lablib import texts
from lablib.system import write

INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
# Debian's default of 128 lets 33 containers boot.
A_CONTAINER = 5


def make_room(containers: int) -> None:
    """Raise the number of inotify instances that root may have, if this many containers need more."""
    present, needed = int(INSTANCES.read_text()), 128 + A_CONTAINER * containers
    before = texts.RUN / "inotify"
    if containers and present < needed:
        if not before.exists():
            write(before, str(present))
        INSTANCES.write_text(str(needed))


def put_back() -> None:
    before = texts.RUN / "inotify"
    if before.exists():
        INSTANCES.write_text(before.read_text())
        before.unlink()
