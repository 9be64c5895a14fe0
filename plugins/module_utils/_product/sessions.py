# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of this node: which run, and how they end.

Admin Guide, Server Management / Core Administrative Tasks (Managing active sessions). A session that is asked to suspend does
so when it is idle, one that is forced stops its computation; both keep their data, and go on at any node.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Session

# What is called so is a session. Others, as of Jupyter, only status pages show.
PROCESS = "rsession"
# The home page of a user, which the pages list, too. It holds nothing, and `suspend-all` ends it.
HOME_PAGE = "rworkspaces"
# What sessions are told, one command after the other, each followed by a wait.
COMMANDS: t.Mapping[str, t.Sequence[str]] = {
    "wait": (),
    "suspend": ("suspend-all",),
    "interrupt": ("suspend-all", "force-suspend-all"),
}


class Ending(t.NamedTuple):
    """How sessions end: by a key of `COMMANDS`, or `product`; after `grace` seconds, `wait` seconds for each command."""

    how: str
    grace: int
    wait: int


def running(run: Run, known: t.Iterable[Session] = ()) -> list[Session]:
    """Sessions that run now: processes of the product's name, and those of `known`, whatever they are called."""
    users = {session["pid"]: session["user"] for session in known}
    chosen = ["-p", ",".join(map(str, users))] if users else []
    rc, out, err = run(["ps", "-C", PROCESS, *chosen, "-o", "pid=,stat=,user:64=,comm="])
    if rc not in (0, 1) or (rc == 1 and out.strip()):
        raise Failure(f"The sessions of this node could not be listed: ps failed: {words(out, err)}")
    found: list[Session] = []
    for line in out.splitlines():
        cells = line.split(None, 3)
        if len(cells) != 4 or not cells[0].isdigit():
            raise Failure(f"ps has a line nobody knows: {line.strip()}")
        pid, state, user, process = int(cells[0]), cells[1], cells[2], cells[3]
        # The number of one that ended may be another's by now.
        if not state.startswith("Z") and process != HOME_PAGE and (process == PROCESS or users.get(pid) == user):
            found.append({"pid": pid, "user": user, "process": process})
    return found


def end(
    run: Run,
    seen: dict[int, Session],
    ending: Ending,
    *,
    newcomers: bool,
    clock: t.Callable[[], float],
    pause: t.Callable[[float], None],
) -> None:
    """Have all of `seen` end, and with `newcomers` those that come meanwhile, which are added.

    Raises `Failure` naming those that do not.
    """

    def left() -> list[Session]:
        now = running(run, seen.values())
        if newcomers:
            seen.update({session["pid"]: seen.get(session["pid"], session) for session in now})
        return [seen[session["pid"]] for session in now if session["pid"] in seen]

    def are_gone(seconds: int) -> bool:
        until = clock() + seconds
        while left():
            if clock() >= until:
                return False
            pause(1)
        return True

    if ending.how == "product" or are_gone(ending.grace):
        return
    for command in COMMANDS[ending.how]:
        rc, out, err = run(["rstudio-server", command])
        if rc != 0:
            raise Failure(f"rstudio-server {command} failed: {words(out, err)}")
        if are_gone(ending.wait):
            return
    rest = left()
    seconds = ending.grace + ending.wait * len(COMMANDS[ending.how])
    if rest:
        raise Failure(f"After {seconds} seconds sessions still run: {named(rest)}.")


def named(sessions: t.Iterable[Session]) -> str:
    """`ada (pid 12, rsession)`, …"""
    return ", ".join(
        f"{one['user']} (pid {one['pid']}{', ' + one['process'] if one['process'] else ''})" for one in sessions
    )
