# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a directory: what /proc says of every process."""

from __future__ import annotations

import os
import pwd
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, shortened
from ansible_collections.workbench.cluster.plugins.module_utils._host.hold import FOLDER, PULSE

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Process

# The product's programs, by the name the kernel has of them (15 letters at most).
PRODUCT = re.compile(r"rserver|rsession|rstudio-launche|rworkspaces|rserver-launche|rserver-monitor")
# The file of a line of maps, which no field before it has the like of.
MAPPED = re.compile(r"^[^/\n]*(/.*)$", re.MULTILINE)
USES = {"cwd": "works in it", "root": "has it as its root", "exe": "runs a program of it"}


class Processes:
    """All processes of this host, as far as this one may see them; without threads of the kernel."""

    def __init__(self, proc: str = "/proc", mine: int | None = None) -> None:
        self._proc = proc
        self._holds: dict[int, list[tuple[str, str]]] = {}
        self._pids = sorted(int(name) for name in os.listdir(proc) if name.isdigit())
        self._above = self._family(os.getpid() if mine is None else mine)
        self._own = {*self._above, *self._holding()}

    def using(self, path: str) -> list[Process]:
        """Those that hold a file or directory under the real path `path`."""
        found = []
        for pid in self._pids:
            use = self._use(pid, path)
            if use:
                found.append(self._process(pid, use))
        return found

    def product(self) -> list[Process]:
        """Those of the product: they use its directories without holding them."""
        return [self._process(pid, "runs") for pid in self._pids if PRODUCT.match(self._command(pid))]

    def connected(self) -> str:
        """The account Ansible connects as: that of the nearest process above this one that is not root's."""
        for pid in self._above:
            uid = self._uid(pid)
            if uid:
                return _name(uid)
        return _name(0)

    def _family(self, pid: int) -> list[int]:
        """This process and those above it, the nearest first."""
        family: list[int] = []
        while pid > 1 and pid not in family:
            family.append(pid)
            pid = int(self._status(pid).get("PPid", "0"))
        return family

    def _holding(self) -> list[int]:
        """The connection by which the run holds the cluster, where this host says so."""
        pulse = os.path.join(FOLDER, PULSE)
        readers = [pid for pid in self._pids if any(name == pulse for name, _use in self._held(pid))]
        return [pid for reader in readers for pid in self._family(reader)]

    def _process(self, pid: int, use: str) -> Process:
        uid = self._uid(pid)
        user = "unknown" if uid is None else _name(uid)
        return {"pid": pid, "user": user, "command": self._command(pid), "use": use, "own": pid in self._own}

    def _use(self, pid: int, path: str) -> str | None:
        return next((use for name, use in self._held(pid) if _under(name, path)), None)

    def _held(self, pid: int) -> list[tuple[str, str]]:
        """What a process holds, and how; read once, whatever number of directories is asked for."""
        if pid not in self._holds:
            here = os.path.join(self._proc, str(pid))
            links = [(_target(os.path.join(here, link)), use) for link, use in USES.items()]
            files = [(_target(link), "has a file of it open") for link in _listed(os.path.join(here, "fd"))]
            mapped = [(name, "has a file of it mapped") for name in _mapped(os.path.join(here, "maps"))]
            self._holds[pid] = [*links, *dict.fromkeys(files), *mapped]
        return self._holds[pid]

    def _command(self, pid: int) -> str:
        return self._status(pid).get("Name", "unknown")

    def _uid(self, pid: int) -> int | None:
        uid = self._status(pid).get("Uid", "").split()
        return int(uid[0]) if uid else None

    def _status(self, pid: int) -> dict[str, str]:
        try:
            with open(os.path.join(self._proc, str(pid), "status"), encoding="utf-8", errors="replace") as file:
                pairs = [line.partition(":") for line in file]
        except OSError:  # it ended
            return {}
        return {name: value.strip() for name, _colon, value in pairs}


def refuse_users(path: str) -> None:
    """Raises `Failure` where somebody uses what lies under a path, or the product runs. The run's own connection may."""
    processes = Processes()
    users = [user for user in processes.using(path) if not user["own"]] + processes.product()
    if users:
        raise Failure(f"{path} is in use: {told(users)}. End them, and run again.")


def told(users: t.Sequence[Process]) -> str:
    """`ada: rsession (pid 812, works in it); root: rserver (pid 700, runs)`."""
    named = [f"{user['user']}: {user['command']} (pid {user['pid']}, {user['use']})" for user in users]
    return shortened(named, between="; ")


def home_of(user: str) -> str | None:
    try:
        return pwd.getpwnam(user).pw_dir
    except KeyError:
        return None


def _listed(folder: str) -> list[str]:
    """What is in a folder; nothing where its process ended, or is another's."""
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []


def _mapped(maps: str) -> list[str]:
    """The files that a process has mapped, each once."""
    try:
        with open(maps, encoding="utf-8", errors="surrogateescape") as file:
            return list(dict.fromkeys(MAPPED.findall(file.read())))
    except OSError:
        return []


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def _under(name: str, path: str) -> bool:
    return name == path or name.startswith(path.rstrip("/") + "/") or name == f"{path} (deleted)"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
