# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: the list of those a node runs, and the process `rsession` itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import typing as t

from fake_workbench import config, further_files, locks, paths


class Session(t.NamedTuple):
    id: str
    pid: int
    user: str
    process: str


def record(session: Session) -> None:
    """List a session that runs. The file is `PID USER PROCESS`, which the shell reads too."""
    os.makedirs(paths.SESSIONS, exist_ok=True)
    with open(os.path.join(paths.SESSIONS, session.id), "w", encoding="utf-8") as file:
        file.write(f"{session.pid} {session.user} {session.process}\n")


def forget(session_id: str) -> None:
    path = os.path.join(paths.SESSIONS, session_id)
    if os.path.exists(path):
        os.unlink(path)


def running() -> list[Session]:
    """This node's sessions whose process is still there."""
    if not os.path.isdir(paths.SESSIONS):
        return []
    found = []
    for name in sorted(os.listdir(paths.SESSIONS)):
        words = paths.read_text(os.path.join(paths.SESSIONS, name)).split()
        if len(words) == 3 and _is_session(int(words[0])):
            found.append(Session(name, int(words[0]), words[1], words[2]))
    return found


def suspend_all(force: bool = False, patience: float = 10.0) -> list[Session]:
    """Suspend this node's sessions; those that still run after `patience` seconds are returned."""
    for session in running():
        os.kill(session.pid, signal.SIGUSR2 if force else signal.SIGUSR1)
    deadline = time.monotonic() + patience
    while running() and time.monotonic() < deadline:
        time.sleep(0.05)
    return running()


def _is_session(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            name, __, rest = file.read().partition(" (")[2].rpartition(") ")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return name == "rsession" and not rest.startswith("Z")


def data_directory() -> str:
    return os.environ.get("RSTUDIO_DATA_HOME") or os.path.expanduser("~/.local/share/rstudio")


def _work(signals: t.Collection[int], lock: locks.Lock, patience: float) -> None:
    """Live until told to suspend. A session that computes does so when it is done, unless forced.

    A file `busy` in its data directory (ours) stands for the computation.
    """
    busy = os.path.join(data_directory(), "busy")
    asked = None
    while asked is None or (asked == signal.SIGUSR1 and os.path.exists(busy)):
        said = signal.sigtimedwait(signals, 0.5 if asked else patience)
        if said is None:
            lock.refresh()
        else:
            asked = said.si_signo


def main() -> int:
    """`rsession USER [resume]`: says `ready ID` on stdout once it holds its lock, and lives until it is suspended."""
    signals = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        further_files.check_session()
    except config.ConfigError as error:
        print(error, flush=True)
        return 1
    user = sys.argv[1]
    suspended = os.path.join(data_directory(), "suspended-sessions")
    state: dict[str, t.Any] = {"id": os.urandom(4).hex(), "user": user, "resumed": 0}
    if sys.argv[2:] == ["resume"] and os.path.isdir(suspended) and os.listdir(suspended):
        with open(os.path.join(suspended, sorted(os.listdir(suspended))[0]), encoding="utf-8") as file:
            state = json.load(file)
        state["resumed"] += 1
    settings = locks.read_lock_config(lambda message: print(message, file=sys.stderr))
    lock = locks.make_lock(os.path.join(data_directory(), "sources", f"session-{state['id']}", "lock_file"), settings)
    try:
        lock.acquire()
    except OSError as error:
        print(f"session {state['id']}: {error.strerror}: {error.filename}", flush=True)
        return 1
    state_file = os.path.join(suspended, f"{state['id']}.json")
    if state["resumed"]:
        os.unlink(state_file)
    print(f"ready {state['id']}", flush=True)
    _work(signals, lock, max(settings.refresh_rate, 1))
    state.update(suspended_on=socket.gethostname(), suspended_at=time.time())
    os.makedirs(suspended, exist_ok=True)
    with open(state_file + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.rename(state_file + ".new", state_file)
    lock.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
