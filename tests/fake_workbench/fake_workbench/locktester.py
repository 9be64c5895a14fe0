# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`locktester [file]`: try both kinds of lock, hold the configured one until Ctrl+C.

Source: Admin Guide, Load Balancing / Configuration, File locking.
"""

from __future__ import annotations

import os
import pwd
import signal
import socket
import sys

from fake_workbench import config, locks

NAMES = {"linkbased": "Link-based", "advisory": "Advisory"}
KINDS = {"linkbased": "link-based", "advisory": "advisory"}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    load_balanced = config.read_server_config().load_balancing
    settings = locks.read_lock_config(_warn, load_balanced)
    user = pwd.getpwuid(os.getuid())
    path = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else f"{user.pw_dir}/.local/share/rstudio/locktest")
    print("Posit Workbench Lock Test", "-" * 27, sep="\n")
    print(f"Host: {socket.gethostname()}", f"Lock type: {NAMES[settings.lock_type]}", sep="\n")
    print(f"User: {user.pw_name}", f"File: {path}", "", sep="\n", flush=True)

    # A file of its own for the advisory lock: an empty file in the link's place would look like somebody's lock.
    attempts: dict[str, locks.Lock] = {
        "advisory": locks.make_lock(path + ".advisory", settings._replace(lock_type="advisory")),
        "linkbased": locks.make_lock(path, settings._replace(lock_type="linkbased")),
    }
    held = False
    # Before the first word is said, so that whoever reads it may interrupt at once.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    for kind, lock in attempts.items():
        try:
            lock.acquire()
        except locks.LockUnavailable:
            print(f"* Unable to acquire {KINDS[kind]} lock ", flush=True)
            continue
        print(f"* Acquired {KINDS[kind]} lock", flush=True)
        if kind == settings.lock_type:
            held = True
        else:
            lock.release()
    if not held:
        print(f"\n\nYour filesystem appears to support {KINDS[settings.lock_type]} locks.")
        return 0
    _hold(attempts[settings.lock_type], settings.refresh_rate)
    return 0


def _hold(lock: locks.Lock, refresh_rate: int) -> None:
    while signal.sigtimedwait(SIGNALS, max(refresh_rate, 1)) is None:
        lock.refresh()
    lock.release()


def _warn(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
