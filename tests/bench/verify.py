#!/usr/bin/env python3
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `verify` costs at 3, 10 and 50 hosts, as a multiple of `ansible -m ping` over the same hosts in the same run.

The hosts are containers without the product: every module runs, the verdict is beside the point. Locks are asked to be
stale after 3 seconds, so that the wait for them, which does not grow with the hosts, is small; it is taken off.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAB = str(ROOT / "tests" / "lab" / "lab")
SIZES = (3, 10, 50)
STALE = 3
SHARED = "/srv/shared"


def seconds(argv: list[str]) -> float:
    begun = time.monotonic()
    done = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    taken = time.monotonic() - begun
    # A verdict of "fail" is expected; a run that did not get to its verdict is not.
    if done.returncode and "No requirement fails" not in done.stdout:
        sys.exit(f"{' '.join(argv)}\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return taken


def inventory(size: int) -> Path:
    hosts = {f"bench{i:02d}": {"ansible_host": f"10.203.0.{100 + i}"} for i in range(1, size + 1)}
    path = ROOT / ".cache" / "results" / f"bench-{size}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"workbench_nodes": {"hosts": hosts, "vars": {"ansible_user": "root"}}}))
    return path


def main() -> int:
    subprocess.run([LAB, "up", "bench"], check=True)
    extra = {
        "verify_paths": [SHARED],
        "verify_lock_refresh": 1,
        "verify_lock_timeout": STALE,
        "verify_report_dir": "",
    }
    print(f"\n{'hosts':>5} {'ping':>8} {'verify':>8} {'of it waiting':>14} {'multiple':>9}")
    for size in SIZES:
        hosts = ["-i", str(inventory(size))]
        command = ["ansible", "workbench_nodes", *hosts, "-m", "ansible.builtin.command", "-a", f"mkdir -p {SHARED}"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        ping = min(seconds(["ansible", "workbench_nodes", *hosts, "-m", "ansible.builtin.ping"]) for __ in range(3))
        verify = seconds(["ansible-playbook", *hosts, "playbooks/verify.yml", "-e", json.dumps(extra)])
        print(f"{size:>5} {ping:>6.1f} s {verify:>6.1f} s {STALE:>12} s {(verify - STALE) / ping:>8.1f}x", flush=True)
    subprocess.run([LAB, "down", "bench"], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
