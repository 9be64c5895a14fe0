# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb: pick rows, run them side by side, print the table."""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import sys
import threading
import time

from matrixlib.checks import FAILED, PASSED, SKIPPED, Check, Outcome, checks
from matrixlib.cores import ROOT

RESULTS = ROOT / ".cache" / "results" / "matrix"
START = time.monotonic()
LINE = threading.Lock()


def main() -> int:
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--core", action="append", help="2.19, 2.20, 2.21 or lowest")
    parser.add_argument("--python", action="append", help="such as 3.8")
    parser.add_argument("--check", action="append", help="sanity, imports, units, syntax, inventory or importer")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="checks at a time; one for each processor"
    )
    asked = parser.parse_args()
    rows = [
        row
        for row in checks()
        if all(
            wanted is None or has in wanted
            for wanted, has in ((asked.core, row.core), (asked.python, row.python), (asked.check, row.name))
        )
    ]
    if not rows:
        sys.exit("Nothing of the matrix has this core, Python and check.")
    RESULTS.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        outcomes = list(pool.map(run, rows))
    print()
    print("\n".join(table(rows, outcomes)))
    return int(any(outcome.result == FAILED for outcome in outcomes))


def run(row: Check) -> Outcome:
    outcome = row.run()
    log = RESULTS / f"{row.core}-{row.python}-{row.name}.log"
    log.write_text(outcome.printed)
    if outcome.result != SKIPPED:
        with LINE:
            minutes, seconds = divmod(int(time.monotonic() - START), 60)
            print(
                f"[{minutes:2d}:{seconds:02d}] core {row.core}, Python {row.python}, {row.name}: {outcome.result}",
                flush=True,
            )
            if outcome.result == FAILED:
                end = outcome.printed.splitlines()[-40:]
                print("\n".join([f"--- the end of {log.relative_to(ROOT)}", *end, "---"]), flush=True)
    return outcome


def table(rows: list[Check], outcomes: list[Outcome]) -> list[str]:
    """A row a check, in line; below them how many there were of each result."""
    cells = [("core", "Python", "check", "result", "seconds", "why")]
    for row, outcome in zip(rows, outcomes, strict=True):
        seconds = "" if outcome.result == SKIPPED else f"{outcome.seconds:.0f}"
        cells.append((row.core, row.python, row.name, outcome.result, seconds.rjust(len("seconds")), outcome.why))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    counts = ", ".join(f"{sum(one.result == kind for one in outcomes)} {kind}" for kind in (PASSED, FAILED, SKIPPED))
    return [*lines, "", counts]
