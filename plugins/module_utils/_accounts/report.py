# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the accounts of a node that were asked for, and whose each number is."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.nss import accounts, entries, owners
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import AccountsReport

Owners = t.Dict[int, t.List[str]]
RANGE = {name: {"type": kind, "required": True} for name, kind in (("name", "str"), ("first", "int"), ("last", "int"))}
# What accounts_info may be asked for.
OPTIONS: dict[str, dict[str, t.Any]] = {
    "users": {"type": "list", "elements": "str", "default": []},
    "groups": {"type": "list", "elements": "str", "default": []},
    "numbers": {"type": "list", "elements": "raw", "default": []},
    "ranges": {"type": "list", "elements": "dict", "default": [], "options": RANGE},
    "count": {"type": "int", "default": 0},
}


def report(run: Run, options: t.Mapping[str, t.Any]) -> AccountsReport:
    """What `OPTIONS` ask for. Numbers that are none are passed over."""
    return read_report(
        run,
        options["users"],
        options["groups"],
        numbers=[int(number) for number in options["numbers"] if re.match(r"[0-9]{1,10}\Z", str(number))],
        ranges={limits["name"]: (limits["first"], limits["last"]) for limits in options["ranges"]},
        count=options["count"],
    )


def read_report(
    run: Run,
    users: t.Sequence[str],
    groups: t.Sequence[str],
    *,
    numbers: t.Sequence[int] = (),
    ranges: t.Mapping[str, t.Sequence[int]] | None = None,
    count: int = 0,
) -> AccountsReport:
    """Users and groups by name, and whose the numbers are.

    Comments, homes and shells of `users` only. `uids` and `gids` have all that is enumerated and what was asked for by
    number: `numbers`, and each of `ranges`, `(first, last)` in that order, until `count` of them were nobody's.
    `reached` is the last one asked.
    """
    passwd = entries(run, "passwd", [*users, *numbers])
    primary = {int(row[3]) for row in passwd if row[0] in users}
    group = entries(run, "group", [*groups, *numbers, *primary])
    found = accounts(passwd, group)
    uids, gids = owners(passwd), owners(group)
    reached = {name: ask(run, uids, gids, limits, count) for name, limits in (ranges or {}).items()}
    return {
        "users": {name: user for name, user in found["users"].items() if name in users},
        "groups": {name: entry for name, entry in found["groups"].items() if name in groups},
        "uids": {str(number): names for number, names in uids.items()},
        "gids": {str(number): names for number, names in gids.items()},
        "reached": reached,
    }


def ask(run: Run, uids: Owners, gids: Owners, limits: t.Sequence[int], count: int) -> int | None:
    """Ask whose the numbers are until `count` are nobody's. The last one asked; `None` where none was."""
    first, last = limits
    step = 1 if first <= last else -1
    reached, free, size = None, 0, count
    numbers = range(first, last + step, step)
    while numbers and free < count:
        batch, numbers, size = numbers[:size], numbers[size:], size * 2
        for database, known in (("passwd", uids), ("group", gids)):
            for number, names in owners(entries(run, database, batch, enumerated=False)).items():
                known.setdefault(number, names)
        free += sum(number not in uids and number not in gids for number in batch)
        reached = batch[-1]
    return reached
