# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of an open folder, none of them followed; and what taking a lock may meet."""

from __future__ import annotations

import os
import time
import typing as t

# How a node sees a lock: `stale`, the next who wants it takes it; `gone`, nobody has it.
State = t.Literal["live", "stale", "gone"]


class Busy(Exception):
    """Somebody else holds the lock."""


class Unsupported(Exception):
    """This file system has no such locks; a sentence."""


def look(folder: int, name: str | None) -> os.stat_result | None:
    """What an entry of a folder is itself, or `None`."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False) if name else None
    except FileNotFoundError:
        return None


def target_of(folder: int, directory: str, name: str) -> str | None:
    """The entry of the same folder that a symbolic link means; `None` when it is no link, or points anywhere else."""
    try:
        parent, target = os.path.split(os.readlink(name, dir_fd=folder))
    except OSError:
        return None
    return target if parent == directory and target.startswith(".rstudio-lock-") else None


def age(found: os.stat_result) -> float:
    """Whole seconds by this node's clock against the file's time: a clock that is ahead makes a live lock look stale."""
    return int(time.time()) - int(found.st_mtime)


def create(folder: int, name: str, mode: int) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.open(name, flags, mode, dir_fd=folder)


def remove(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
