# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be done, as one sentence for people."""

from __future__ import annotations

import traceback
import typing as t


class Failure(Exception):
    """What went wrong, as a sentence for the user."""


def sentence(error: BaseException) -> str:
    """What went wrong; with its place when that is this program."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, (Failure, OSError)):
        return str(error)
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def shortened(names: t.Sequence[str], most: int = 8, between: str = ", ") -> str:
    """`a, b and 3 more`, where there are more than `most`."""
    more = len(names) - most
    return between.join(names[:most]) + (f" and {more} more" if more > 0 else "")
