# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's modules lie beside the program, which is how it finds them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LAB = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(LAB))

Verb = Callable[..., "subprocess.CompletedProcess[str]"]


def verb(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LAB / "lab"), *words]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture(scope="session")
def lab() -> Iterator[Verb]:
    """Run the lab program; the hosts of `selftest` are up: containers test1 and test2, machine test3."""
    started = verb("up", "selftest")
    assert started.returncode == 0, started.stdout + started.stderr
    yield verb
    ended = verb("down", "selftest")
    assert ended.returncode == 0, ended.stdout + ended.stderr
