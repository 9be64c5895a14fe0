# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release, made on a copy as CONTRIBUTING.md says, leaves a tree that is as clean as before."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matrixlib.checks import copy

BIN = Path(sys.executable).parent
VERSION = "999.0.0"


def run(argv: list[str], cwd: Path) -> None:
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTEST_"))},
            "PATH": f"{BIN}:{os.environ['PATH']}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(argv)} exited {done.returncode}\n{done.stdout[-6000:]}", pytrace=False)


@pytest.mark.dear
def test_gates_pass_after_a_release(tmp_path: Path) -> None:
    """Those that are not dear: a release touches the version, the changelog and its fragments."""
    tree = copy(tmp_path)
    galaxy = tree / "galaxy.yml"
    galaxy.write_text(re.sub(r"^version: .*", f"version: {VERSION}", galaxy.read_text(), flags=re.MULTILINE))
    run(["antsibull-changelog", "release", "--version", VERSION, "--date", "2026-01-01"], tree)
    assert f"v{VERSION}" in (tree / "CHANGELOG.rst").read_text()
    assert not list((tree / "changelogs" / "fragments").glob("*.yml"))
    (tree / ".cache").mkdir()
    (tree / ".cache" / "collections").symlink_to(tmp_path)
    (tree / ".venv").symlink_to(BIN.parent)
    (tree / ".git" / "info" / "exclude").write_text("/.venv\n")
    run(["git", "add", "-A"], tree)
    run([sys.executable, "-m", "pytest", "-q", "tests/gates", "-m", "not dear"], tree)
