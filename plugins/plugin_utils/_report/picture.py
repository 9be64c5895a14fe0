# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the picture of the clocks has its lines, dots and words. Pure."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import ClockRow

MINUS = "\N{MINUS SIGN}"
LEFT, WIDTH, STEP, TOP = 170, 560, 30, 34  # pixels; the rest of the 920 is for names and figures
LONGEST_NAME = 20


def seconds(value: float) -> str:
    """A duration in a unit that suits it: `3.002 s`, `2.4 ms`."""
    size = abs(value)
    if size >= 1:
        return f"{value:.3f} s"
    return f"{value * 1000:.0f} ms" if size >= 0.1 else f"{value * 1000:.1f} ms"


def clock_picture(clocks: t.Sequence[ClockRow], limit: float) -> dict[str, object]:
    """Offset and bound of each clock in pixels; two clocks agree where their bars are less than `limit` seconds apart."""
    widest = max((abs(row["offset"]) + row["bound"] for row in clocks), default=0.0)
    reach = _round_up(max(widest * 1.08, 0.001))

    def at(value: float) -> float:
        return round(LEFT + WIDTH / 2 + value / reach * WIDTH / 2, 1)

    tall = STEP * len(clocks)
    band = {"x": at(-limit), "width": round(at(limit) - at(-limit), 1), "height": tall + 8}
    return {
        "left": LEFT,
        "right": LEFT + WIDTH,
        "top": TOP - 6,
        "bottom": TOP + tall + 2,
        "height": TOP + tall + 14,
        "band": band if limit < reach else None,
        "ticks": [
            {"x": at(share * reach), "zero": share == 0, "words": _signed(share * reach)}
            for share in (-1.0, -0.5, 0.0, 0.5, 1.0)
        ],
        "rows": [
            {
                "name": _short(str(row["host"])),
                "y": TOP + STEP * number + STEP / 2 - 4,
                "low": at(row["offset"] - row["bound"]),
                "high": at(row["offset"] + row["bound"]),
                "dot": at(row["offset"]),
                "figures": f"{_signed(row['offset'], zero=seconds(0))} ± {seconds(row['bound'])}",
            }
            for number, row in enumerate(clocks)
        ],
    }


def _signed(value: float, zero: str = "0") -> str:
    return f"{'+' if value > 0 else MINUS}{seconds(abs(value))}" if value else zero


def _round_up(value: float) -> float:
    """1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= value), 10 * power)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
