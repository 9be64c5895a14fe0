# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ansible-cores the collection is made for, each in a virtual environment of its own, made from a lock file with hashes."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / ".cache" / "matrix"
LOCKS = Path(__file__).resolve().parents[1] / "locks"


@dataclass(frozen=True)
class Core:
    """`controllers` run it, the first of them here; `nodes` it manages as well. `pip` is what its ansible-test bootstraps."""

    name: str
    controllers: tuple[str, ...]
    nodes: tuple[str, ...]
    pip: str

    @property
    def pythons(self) -> tuple[str, ...]:
        return (*self.nodes, *self.controllers)


CORES = (
    Core("2.19", ("3.11", "3.12", "3.13"), ("3.8", "3.9", "3.10"), "24_2"),
    Core("2.20", ("3.12", "3.13", "3.14"), ("3.9", "3.10", "3.11"), "25_2"),
    Core("2.21", ("3.12", "3.13", "3.14"), ("3.9", "3.10", "3.11"), "25_2"),
)


def programs(name: str, python: Path) -> Path:
    """The folder with the programs of the environment that `locks/<name>.txt` describes; made when it is not there yet."""
    lock, home = LOCKS / f"{name}.txt", CACHE / f"venv-{name}"
    if not lock.exists():  # the project's own environment
        return Path(sys.executable).parent
    with turn(home):
        wanted = hashlib.sha256(lock.read_bytes() + str(python).encode()).hexdigest()
        if not (home / wanted).exists():
            shutil.rmtree(home, ignore_errors=True)
            _call(str(python), "-m", "venv", str(home))
            pip = (str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check")
            # Compiled when they are used: the packages hold thousands of files that never are.
            # The lock is complete, and the one of the lowest versions names a core that `ansible` no longer asks for.
            _call(*pip, "install", "--quiet", "--no-compile", "--no-deps", "--require-hashes", "-r", str(lock))
            (home / wanted).touch()
    return home / "bin"


@contextlib.contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Alone with a folder of the cache: gates and `make matrix` may run at the same time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _call(*argv: str) -> None:
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}\n{done.stdout[-3000:]}")
