# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of other hosts, by their names only. Pure."""

from __future__ import annotations


def under(path: str, root: str) -> bool:
    """Whether a path is a directory or lies in it."""
    root = root.rstrip("/")
    return path.rstrip("/") == root or path.startswith(f"{root}/")
