# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of the scenario operate, whom people ask, and the sessions that they have."""

from __future__ import annotations

import json
import socket
import time
import typing as t

if t.TYPE_CHECKING:
    from conftest import Lab, Run

PLACES = {"opt1": "10.203.0.71", "opt2": "10.203.0.72"}
NODES = [*PLACES]
USERS = ["ada", "grace"]
ALL_USERS = [*USERS, "john"]
# What a restart changes.
STARTED = "systemctl show -P ExecMainStartTimestampMonotonic rstudio-server"
SESSION = "/usr/lib/rstudio-server/bin/fake-session"
Verb = t.Callable[..., "Run"]
# By user: what the product says of the session.
Sessions = t.Dict[str, t.Dict[str, t.Any]]


def end_all(lab: Lab) -> None:
    lab.each(NODES, "rstudio-server kill-all")
    for user in ALL_USERS:
        lab.sh("opt1", f"rm -rf /nfs/workbench/home/{user}/.local")


def until(true: t.Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "too late"
        time.sleep(0.5)


def answers(place: str) -> bool:
    try:
        with socket.create_connection((place, 8787), timeout=5) as connection:
            connection.sendall(
                b"GET /auth-sign-in HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            )
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def of(sessions: Sessions, node: str) -> str:
    """The user whose session a node has."""
    return next(user for user, one in sessions.items() if one["node"].startswith(PLACES[node] + ":"))


def none_is_lost(lab: Lab, sessions: Sessions, node: str = "opt1") -> None:
    """Everybody comes back to the session they had, wherever it runs by now."""
    joined = {user: json.loads(lab.sh(node, f"{SESSION} join {user}")) for user in sessions}
    assert {user: one["id"] for user, one in joined.items()} == {user: one["id"] for user, one in sessions.items()}


def start(lab: Lab, *users: str) -> Sessions:
    """A session for each, wherever the cluster starts it; those of before are over."""
    end_all(lab)
    return {user: json.loads(lab.sh("opt1", f"{SESSION} start {user}")) for user in users}
