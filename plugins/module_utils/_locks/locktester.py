# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's own lock test, driven as the Admin Guide tells people to.

Admin Guide, Load Balancing / Configuration (File locking): `locktester [file]` takes the configured lock, says so, and
holds it until Ctrl+C. It gets a terminal, as from a person: into a pipe, it might keep its lines back until it ends.
"""

from __future__ import annotations

import os
import pty
import pwd
import re
import select
import signal
import stat
import time

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._locks.entries import Busy, State, Unsupported, look

PROGRAM = "/usr/lib/rstudio-server/bin/locktester"
# Seconds it has for its verdict, and for its end.
PATIENCE = 10


def has_lock(output: str) -> bool | None:
    """Whether its lines say that it holds the lock; `None` while they do not tell.

    It tries both kinds and names the configured one (`Lock type: Link-based`), which alone it keeps. Releases before 1.4 know
    one kind only (`*** File Lock Acquired ***`).
    """
    said = output.lower()
    named = re.search(r"^lock type: *(\S+)", said, re.MULTILINE)
    kind = named.group(1) if named else "file"
    if f"unable to acquire {kind} lock" in said:
        return False
    return True if f"acquired {kind} lock" in said or f"{kind} lock acquired" in said else None


class Tester:
    """A `Lock` that a process of the product takes, holds and gives back. It is told a path, so the path must be safe."""

    def __init__(self, folder: int, path: str) -> None:
        self._folder, self.path = folder, path
        self._process = self._terminal = -1

    def acquire(self) -> None:
        if not os.access(PROGRAM, os.X_OK):
            raise Unsupported(f"{PROGRAM} is not installed")
        _refuse_swappable(os.path.dirname(os.path.dirname(os.path.dirname(self.path))))
        user = pwd.getpwuid(os.geteuid())
        environment = {
            "HOME": user.pw_dir,
            "USER": user.pw_name,
            "LOGNAME": user.pw_name,
            "PATH": os.defpath,
            "LANG": "C",
        }
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            try:
                os.execve(PROGRAM, [PROGRAM, self.path], environment)  # without a shell, as meant  # nosec B606
            except OSError as error:
                os.write(2, f"{PROGRAM}: {error.strerror}\n".encode())
            finally:
                os._exit(127)
        output = self._read()
        holds = has_lock(output)
        if holds:
            return
        self.release()
        if holds is False:
            raise Busy
        last = (output.split("\n\n")[-1] if output.strip() else "nothing").strip()
        raise Failure(f"locktester did not say whether it has the lock, but: {last[-200:]}")

    def _read(self) -> str:
        """Its lines until they tell, it ends, or it had `PATIENCE` seconds."""
        until, data = time.monotonic() + PATIENCE, b""
        while has_lock(data.decode("utf-8", "replace")) is None:
            if not select.select([self._terminal], [], [], max(0.0, until - time.monotonic()))[0]:
                break
            try:
                part = os.read(self._terminal, 65536)
            except OSError:  # a terminal whose process has ended
                break
            data += part
        return data.decode("utf-8", "replace").replace("\r\n", "\n")

    def refresh(self) -> None:
        """It does so itself."""

    def release(self) -> None:
        for number in (signal.SIGINT, signal.SIGKILL):
            os.kill(self._process, number)
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                if os.waitpid(self._process, os.WNOHANG)[0]:
                    os.close(self._terminal)
                    return
                time.sleep(0.02)
        os.close(self._terminal)

    def state(self) -> State:
        return "live" if look(self._folder, os.path.basename(self.path)) else "gone"


def _refuse_swappable(directory: str) -> None:
    """`Failure` where others may put another folder in our folder's place."""
    found = os.stat(directory)
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX and found.st_uid != os.geteuid():
        raise Failure(f"{directory} is open to others and not sticky (mode {found.st_mode & 0o7777:04o})")
