# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs, nodes and what people got of them meanwhile, on one axis of time, as one picture."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t
from html import escape

if t.TYPE_CHECKING:
    from pathlib import Path

    from people import People

PAUSE = 0.25  # seconds between two looks at a node
WIDTH, LEFT, RIGHT, LANE = 1400, 130, 20, 34
GREEN, GREY, BLUE, ORANGE, RED, INK = "#2e9e5b", "#d7dbe0", "#3b6fb5", "#e08a1e", "#c62f2f", "#22272e"


class Span(t.NamedTuple):
    """From one `time.monotonic()` to another."""

    name: str
    begun: float
    ended: float


class Timeline:
    """What happens while the block lasts. `answers` tells whether the node at an address takes people."""

    def __init__(self, people: People, nodes: t.Mapping[str, str], answers: t.Callable[[str], bool]) -> None:
        self.people, self.nodes, self.answers = people, nodes, answers
        self.verbs: list[Span] = []
        self.seen: dict[str, list[tuple[float, bool]]] = {node: [] for node in nodes}
        self.done = threading.Event()
        self.begun = time.monotonic()
        self._looks = [threading.Thread(target=self._look, args=(node,), daemon=True) for node in nodes]

    def __enter__(self) -> Timeline:
        for look in self._looks:
            look.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.done.set()
        for look in self._looks:
            look.join()

    def _look(self, node: str) -> None:
        while not self.done.wait(PAUSE):
            begun = time.monotonic()
            self.seen[node].append((begun, self.answers(self.nodes[node])))

    @contextlib.contextmanager
    def verb(self, name: str) -> t.Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        finally:
            self.verbs.append(Span(name, begun, time.monotonic()))

    def open(self, node: str) -> list[Span]:
        """When a node took people."""
        spans: list[Span] = []
        former = False
        for when, yes in self.seen[node]:
            if yes and former:
                spans[-1] = spans[-1]._replace(ended=when)
            elif yes:
                spans.append(Span(node, when, when))
            former = yes
        return spans

    def draw(self, path: Path) -> None:
        """Write it as SVG: a lane for each node, with the answers that came of it, and what failed, below the verbs."""
        ended = time.monotonic()

        def x(when: float) -> float:
            return LEFT + (when - self.begun) / (ended - self.begun) * (WIDTH - LEFT - RIGHT)

        lanes = {node: (96.0 + row * LANE, 96.0 + row * LANE + LANE - 10) for row, node in enumerate(self.nodes)}
        bottom = 96.0 + len(lanes) * LANE
        failed = {"request": RED, "websocket": ORANGE}
        for what in failed:
            lanes[what], bottom = (bottom, bottom + LANE - 10), bottom + LANE
        drawn = [f'<rect width="{WIDTH}" height="{bottom + 70}" fill="white"/>', *self._axis(x, ended, bottom)]
        for verb in self.verbs:
            middle = (x(verb.begun) + x(verb.ended)) / 2
            drawn.append(_bar(x(verb.begun), x(verb.ended), (60, bottom), BLUE, 0.10))
            drawn.append(
                f'<text x="0" y="0" transform="translate({middle:.1f} 56) rotate(-25)">{escape(verb.name)}</text>'
            )
        for what, colour in failed.items():
            drawn.append(_label(f"{what}s lost", lanes[what]))
            lost = [x(one.begun) for one in self.people.failed if one.what == what]
            drawn += [_bar(left, right, lanes[what], colour) for left, right in _joined(lost)]
        for node in self.nodes:
            lane = lanes[node]
            drawn += [_label(node, lane), _bar(LEFT, x(ended), lane, GREY)]
            drawn += [_bar(x(one.begun), x(one.ended), lane, GREEN, 0.55) for one in self.open(node)]
            inner, here = (lane[0] + 8, lane[1] - 8), self.nodes[node] + ":"
            came = [x(when) for person in self.people.all for when, of in person.nodes if of.startswith(here)]
            drawn += [_bar(left, right, inner, INK) for left, right in _joined(came)]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 70}" '
            f'font-family="sans-serif" font-size="13">{"".join(drawn)}</svg>\n'
        )

    def _axis(self, x: t.Callable[[float], float], ended: float, bottom: float) -> t.Iterator[str]:
        minutes = int((ended - self.begun) // 60)
        for minute in range(minutes + 1):
            place = x(self.begun + 60 * minute)
            yield f'<line x1="{place:.1f}" y1="60" x2="{place:.1f}" y2="{bottom}" stroke="{GREY}"/>'
            yield f'<text x="{place:.1f}" y="{bottom + 16}" text-anchor="middle">{minute} min</text>'
        requests = sum(person.asked for person in self.people.all)
        told = [one.what for one in self.people.failed]
        legend = [
            (GREEN, "takes people"),
            (GREY, "does not"),
            (INK, f"answers to {len(self.people.all)} people: {requests}"),
            (RED, f"requests that failed: {told.count('request')}"),
            (ORANGE, f"WebSockets that broke, or did not open: {told.count('websocket')}"),
        ]
        place = float(LEFT)
        for colour, words in legend:
            yield _bar(place, place + 14, (bottom + 36, bottom + 50), colour)
            yield f'<text x="{place + 20}" y="{bottom + 48}">{words}</text>'
            place += 50 + 7.4 * len(words)


def _joined(places: t.Iterable[float]) -> list[tuple[int, int]]:
    """From where to where there is something in each pixel."""
    spans: list[tuple[int, int]] = []
    for place in sorted({round(one) for one in places}):
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return spans


def _bar(left: float, right: float, lane: tuple[float, float], colour: str, opacity: float = 1) -> str:
    """`lane`: its top and bottom."""
    width, height = max(right - left, 0.5), lane[1] - lane[0]
    place = f'x="{left:.1f}" y="{lane[0]:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{colour}" opacity="{opacity}"/>'


def _label(text: str, lane: tuple[float, float]) -> str:
    return f'<text x="{LEFT - 10}" y="{lane[0] + 17:.1f}" text-anchor="end">{escape(text)}</text>'
