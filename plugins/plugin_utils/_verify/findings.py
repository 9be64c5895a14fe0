# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a requirement is, how a finding about it is made, and which is the worst. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

PASS, FAIL, UNKNOWN, NOTE = "pass", "fail", "unknown", "note"
GUIDE = "Load Balancing / Configuration"


class Requirement(t.NamedTuple):
    """`needs` are the reports without which a member cannot be judged."""

    id: str
    title: str
    source: str
    needs: tuple[str, ...]


class Finding(t.TypedDict):
    """What holds on some hosts, what was measured, what was wanted, and what an admin is to do."""

    verdict: str
    hosts: list[str]
    what: str
    measured: str
    wanted: str
    remedy: str


@dataclasses.dataclass(frozen=True)
class Fault:
    """The sentences of a finding, with places (`str.format`) for the words that its call gives.

    A fault that is no FAIL has another verdict: PASS, UNKNOWN, or NOTE, which is worth reading and decides nothing.
    """

    what: str
    __: dataclasses.KW_ONLY
    measured: str = ""
    wanted: str = ""
    remedy: str = ""
    verdict: str = FAIL

    def __call__(self, hosts: t.Iterable[str] = (), /, *, measured: str | None = None, **words: object) -> Finding:
        """The finding about some hosts. What the call says was measured, and the words, stand as they are."""
        return {
            "verdict": self.verdict,
            "hosts": list(hosts),
            "what": self.what.format(**words),
            "measured": self.measured.format(**words) if measured is None else measured,
            "wanted": self.wanted.format(**words),
            "remedy": self.remedy.format(**words),
        }


NOTHING_TOLD = Fault(
    "Nothing was measured that could be judged",
    remedy="See what else fails or is unknown, mend that, and run it again.",
    verdict=UNKNOWN,
)
ONE_NODE = Fault("There is one node only", verdict=PASS)


def worst(judged: t.Iterable[t.Mapping[str, object]]) -> str:
    """Of findings or requirements: `fail` beats `unknown` beats `pass`; nothing measured is `unknown`."""
    verdicts = {item["verdict"] for item in judged}
    return FAIL if FAIL in verdicts else PASS if PASS in verdicts and UNKNOWN not in verdicts else UNKNOWN
