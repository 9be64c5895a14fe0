# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running other programs, and the folders of this checkout."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from lablib.declaration import LabError

LAB = Path(__file__).resolve().parent.parent
CHECKOUT = LAB.parent.parent
STATE = CHECKOUT / ".lab"
CACHE = CHECKOUT / ".cache" / "lab"

_started = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - _started:5.1f} s] {text}", flush=True)


def run(*command: str | Path, stdin: bytes | None = None) -> str:
    """Run a program to its end and return its standard output; LabError with its words when it fails."""
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise LabError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{words}")
    return done.stdout.decode()


def ask(*command: str) -> Any:
    """The answer of a program that speaks JSON; nothing at all counts as an empty list."""
    return json.loads(run(*command) or "[]")


def write(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Replace a file at once, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    fresh.rename(path)


def tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]) if path.exists() else ""
