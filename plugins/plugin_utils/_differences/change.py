# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role would change on a host."""

from __future__ import annotations

import dataclasses
import secrets
import typing as t

# In the reason of a change that a role makes because the report does not tell whether it has to.
CANNOT_BE_TOLD = "cannot be told"
# What a change of it is called, before which all nodes stop.
PROTOCOL = "protocol between the nodes"
# Of this run: Ansible loads an action once and then forks for each host, so all of them have the same.
RUN_KEY = secrets.token_hex(32)


class Change(t.NamedTuple):
    """One thing that is not as it is to be, in words for people.

    `what` it is (`rserver.conf`, `package chrony`, `ada (20001)`), `why` it changes (`new`, `auth-timeout-minutes 30 → 45`),
    what that `interrupts` (`restarts rstudio-server, 2 sessions are suspended`; mostly nothing), and the units that restart.
    `path` is the file or directory that is written, made or removed. A role that only `waits` changes nothing, but has to run.
    What only `opens` a port to more hosts comes before they need it.
    """

    what: str
    why: str
    interrupts: str = ""
    restarts: tuple[str, ...] = ()
    path: str = ""
    waits: bool = False
    opens: bool = False


class Diff(t.TypedDict):
    """As Ansible shows it."""

    before_header: str
    after_header: str
    before: str
    after: str


@dataclasses.dataclass
class Differences:
    """What a role would do on a host, in its order; `problems` are sentences why it may not, and then nothing is done."""

    changes: list[Change] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    diff: list[Diff] = dataclasses.field(default_factory=list)
