# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the report: marks of the verdicts, and clocks with their error bars. Pure."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.markup import Markup, el

# One shape a verdict, so that none is told by its colour alone.
SHAPES = {
    "pass": [el("circle", cx=8, cy=8, r=7, class_="fill"), el("path", d="M4.5 8.3l2.4 2.4 4.6-5", class_="stroke")],
    "fail": [
        el("path", d="M5 1h6l4 4v6l-4 4H5l-4-4V5z", class_="fill"),
        el("path", d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2", class_="stroke"),
    ],
    "unknown": [
        el("path", d="M8 .6L15.4 8 8 15.4.6 8z", class_="fill"),
        el("path", d="M6.2 6.6c0-2.4 3.6-2.4 3.6 0 0 1.3-1.8 1.4-1.8 2.6M8 11.2v.4", class_="stroke"),
    ],
    "note": [
        el("rect", x=1, y=1, width=14, height=14, rx=3, class_="fill"),
        el("path", d="M8 4.4v.4M8 7.2v4.4", class_="stroke"),
    ],
}
MINUS = "\N{MINUS SIGN}"
WORDS = {"pass": "Pass", "fail": "Fail", "unknown": "Unknown", "note": "Note"}


def mark(verdict: str) -> Markup:
    """Shape and word."""
    shape = el("svg", *SHAPES[verdict], viewBox="0 0 16 16", width=16, height=16, aria_hidden="true", focusable="false")
    return el("span", shape, el("span", WORDS[verdict]), class_=f"mark {verdict}")


def seconds(value: float) -> str:
    """A duration in a unit that suits it: `3.002 s`, `2.4 ms`."""
    size = abs(value)
    if size >= 1:
        return f"{value:.3f} s"
    return f"{value * 1000:.0f} ms" if size >= 0.1 else f"{value * 1000:.1f} ms"


def clock_picture(clocks: t.Sequence[t.Mapping[str, t.Any]], limit: float) -> Markup:
    """Offset and bound of each clock; two clocks agree where their bars are less than `limit` seconds apart."""
    widest = max((abs(row["offset"]) + row["bound"] for row in clocks), default=0.0)
    reach = _round_up(max(widest * 1.08, 0.001))
    left, width, step, top = 170, 560, 30, 34
    height = top + step * len(clocks) + 14

    def at(value: float) -> float:
        return round(left + width / 2 + value / reach * width / 2, 1)

    parts = []
    if limit < reach:
        parts.append(
            el(
                "rect",
                x=at(-limit),
                y=top - 6,
                width=round(at(limit) - at(-limit), 1),
                height=step * len(clocks) + 8,
                class_="band",
            )
        )
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        x = at(share * reach)
        parts.append(
            el("line", x1=x, x2=x, y1=top - 6, y2=top + step * len(clocks) + 2, class_="zero" if share == 0 else "grid")
        )
        words = "0" if share == 0 else f"{'+' if share > 0 else MINUS}{seconds(abs(share) * reach)}"
        parts.append(el("text", words, x=x, y=18, text_anchor="middle", class_="tick"))
    for number, row in enumerate(clocks):
        y = top + step * number + step / 2 - 4
        low, high = at(row["offset"] - row["bound"]), at(row["offset"] + row["bound"])
        sign = "+" if row["offset"] > 0 else MINUS if row["offset"] < 0 else ""
        figures = f"{sign}{seconds(abs(row['offset']))} ± {seconds(row['bound'])}"
        parts += [
            el("text", _short(str(row["host"])), x=left - 14, y=y + 5, text_anchor="end", class_="name"),
            el("line", x1=low, x2=max(high, low + 1), y1=y, y2=y, class_="bar"),
            el("line", x1=low, x2=low, y1=y - 6, y2=y + 6, class_="bar"),
            el("line", x1=high, x2=high, y1=y - 6, y2=y + 6, class_="bar"),
            el("circle", cx=at(row["offset"]), cy=y, r=4.5, class_="dot"),
            el("text", figures, x=left + width + 14, y=y + 5, class_="figure"),
        ]
    label = "Offset of each clock with its error bar; the table below has the figures."
    return el("svg", el("title", label), *parts, viewBox=f"0 0 920 {height}", role="img", class_="clocks")


def _round_up(value: float) -> float:
    """1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= value), 10 * power)


def _short(name: str) -> str:
    return name if len(name) <= 20 else f"{name[:19]}…"
