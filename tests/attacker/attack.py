#!/usr/bin/env python3
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stranger with an account on the share can do to a run of `verify`, as fast as one process can.

`attack.py --seconds N [--bait FILE]... [--pid PID] DIRECTORY...` looks for test folders (`.workbench-verify-*`) in the
directories and, within and beside each, makes every name first that a run might use: links to the baits, locks, files that
name PID as the holder, folders swapped for its own. At the end, or on SIGTERM, it prints
`{"seen": [name], "planted": n, "touched": [path]}`: the folders it saw, how many things it made, and those of them that
somebody else has changed or removed since.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import sys
import time
import typing as t

PREFIX = ".workbench-verify-"
KINDS = ("linkbased", "symlink", "advisory", "locktester")
MINE = f"of-{os.getpid()}"
Kept = t.Tuple[int, int, int, int, str]


class Attacker:
    def __init__(self, directories: list[str], baits: list[str], pid: int) -> None:
        self.directories, self.baits = directories, baits
        self.holder = json.dumps({"host": socket.gethostname(), "pid": pid, "started": started(pid)})
        self.planted: dict[str, Kept] = {}
        self.seen: set[str] = set()
        self.turn = 0

    def bait(self) -> str:
        self.turn += 1
        return self.baits[self.turn % len(self.baits)]

    def attack(self) -> None:
        for directory in self.directories:
            for entry in listed(directory):
                path = os.path.join(directory, entry)
                if entry.startswith(PREFIX) and of_others(path):
                    if entry not in self.seen:
                        self.seen.add(entry)
                        self.beside(entry)
                    self.within(path)

    def beside(self, name: str) -> None:
        """The same name, and those that follow from it, in each directory: before the run comes there."""
        stem = PREFIX + name[len(PREFIX) :].partition(".")[0]
        for directory in self.directories:
            for other in (
                name,
                f"{name}.0",
                f"{name}.{os.getuid()}",
                stem,
                f"{stem}.0",
                f"{stem}.root",
                f"{stem}.locks",
            ):
                path = os.path.join(directory, other)
                if not os.path.lexists(path):
                    self.link(path, self.bait()) if self.turn % 2 else self.folder(path)

    def within(self, folder: str) -> None:
        if os.path.islink(folder):
            return
        for kind in KINDS:
            place = os.path.join(folder, kind)
            if random.random() < 0.1:
                self.link(place, os.path.dirname(self.bait()))
            self.folder(place)
        for name in ("node-node1", "node-node2", "node-node3", "node-n1", "node-n2", "probe", "clock", "lock"):
            self.link(os.path.join(folder, name), self.bait())
        aside = os.path.join(os.path.dirname(folder), f"{PREFIX}{MINE}-{self.turn}")
        with contextlib.suppress(OSError):
            os.rename(folder, aside)
            if not of_others(aside):  # the run has removed its own meanwhile
                self.planted = {path: kept for path, kept in self.planted.items() if not path.startswith(f"{folder}/")}
            self.folder(folder)

    def folder(self, path: str) -> None:
        """A folder open to all, furnished as a run's own."""
        with contextlib.suppress(OSError):
            os.mkdir(path)
            os.chmod(path, 0o777)
        with contextlib.suppress(OSError):  # where the kernel lets him
            os.link(self.bait(), os.path.join(path, "lock"))
            self.keep(os.path.join(path, "lock"))
        self.link(os.path.join(path, "lock"), self.bait())
        self.link(os.path.join(path, ".rstudio-lock-41c29-x-1-1"), self.bait())
        # The run replaces this file; whoever owns the folder replaces it again.
        self.write(os.path.join(path, "holder"), self.holder)

    def link(self, path: str, target: str) -> None:
        with contextlib.suppress(OSError):
            os.symlink(target, path)
            self.keep(path)

    def write(self, path: str, content: str) -> None:
        with contextlib.suppress(OSError):
            if os.lstat(path).st_uid != os.getuid():
                os.unlink(path)
                self.planted.pop(path, None)
        with contextlib.suppress(OSError):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "w") as file:
                file.write(content)
            self.keep(path)

    def keep(self, path: str) -> None:
        self.planted[path] = state(path)

    def touched(self) -> list[str]:
        found = []
        for path, before in self.planted.items():
            try:
                if state(path) != before:
                    found.append(path)
            except OSError:
                found.append(path)
        return found


def listed(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except PermissionError:  # a private home: names are guessed there
        return []


def of_others(path: str) -> bool:
    try:
        return os.lstat(path).st_uid != os.getuid()
    except OSError:
        return False


def state(path: str) -> Kept:
    found = os.lstat(path)
    content = os.readlink(path) if os.path.islink(path) else ""
    if os.access(path, os.R_OK, follow_symlinks=False) and not content:
        with open(path, encoding="utf-8") as file:
            content = file.read()
    return found.st_ino, found.st_uid, found.st_mode, found.st_mtime_ns, content


def started(pid: int) -> str:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[19]
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--bait", action="append", required=True)
    parser.add_argument("--pid", type=int, default=1)
    parser.add_argument("directories", nargs="+")
    options = parser.parse_args()
    os.umask(0)
    attacker = Attacker(options.directories, options.bait, options.pid)
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    until = time.monotonic() + options.seconds
    while time.monotonic() < until and not ended:
        attacker.attack()
    print(
        json.dumps(
            {"seen": sorted(attacker.seen), "planted": len(attacker.planted), "touched": attacker.touched()}, indent=1
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
