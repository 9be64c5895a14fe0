# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node a session starts on (Admin Guide, Load Balancing / Balancing methods)."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import typing as t
import zlib


class BalanceError(Exception):
    """No node could be chosen."""


class Candidate(t.NamedTuple):
    """An online node: `load` is the 5-minute average per processor, `sessions` how many it runs."""

    host: str
    port: int
    load: float
    sessions: int


def choose(
    balancer: str, user: str, candidates: t.Sequence[Candidate], program: str, resolve: bool, *, account: str = "root"
) -> Candidate:
    """One of the candidates (in the order of their ids). Raises BalanceError."""
    if not candidates:
        raise BalanceError("no node of the cluster is online")
    if balancer == "sessions":
        return min(candidates, key=lambda node: node.sessions)
    if balancer == "system-load":
        return min(candidates, key=lambda node: node.load)
    if balancer == "user-hash":
        return candidates[zlib.crc32(user.encode()) % len(candidates)]
    return _custom(user, candidates, program, resolve, account)


def _custom(user: str, candidates: t.Sequence[Candidate], program: str, resolve: bool, account: str) -> Candidate:
    """By the admin's program, which runs as the account of the server."""
    named = {f"{socket.gethostbyname(node.host) if resolve else node.host}:{node.port}": node for node in candidates}
    environment = {**os.environ, "RSTUDIO_USERNAME": user, "RSTUDIO_NODES": ",".join(named)}
    try:
        done = subprocess.run(
            [program],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            cwd="/",
            **_become(account),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BalanceError(f"the balancer failed: {error}") from error
    answer = done.stdout.strip()
    if answer not in named:
        raise BalanceError(f"the balancer {program} answered '{answer}', which is none of {', '.join(named)}")
    return named[answer]


def _become(account: str) -> dict[str, t.Any]:
    if os.geteuid() != 0 or account == "root":
        return {}
    entry = pwd.getpwnam(account)
    groups = os.getgrouplist(account, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}
