# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of ansible-playbook that touch no host, or this one only."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "examples" / "demo" / "hosts.yml"


class Run(t.NamedTuple):
    """How a run ended and what it said."""

    status: int
    output: str
    errors: str

    @property
    def text(self) -> str:
        return self.output + self.errors

    @property
    def words(self) -> str:
        """All of it on one line."""
        return " ".join(self.text.split())


def playbook(
    *arguments: str | Path, extra: t.Mapping[str, t.Any] | None = None, before: t.Sequence[str] = (), **environment: str
) -> Run:
    """Run ansible-playbook with `arguments` and the variables of `extra`, behind the command `before` if there is one."""
    done = subprocess.run(
        [*before, "ansible-playbook", *map(str, arguments), "-e", json.dumps(extra or {})],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)
