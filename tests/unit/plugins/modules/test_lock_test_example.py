# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of `lock_test` does what it says, under our own settings, on more than one host."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
import tempfile
import typing as t
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from ansible_collections.workbench.cluster.plugins.modules import lock_test

ROOT = Path(__file__).resolve().parents[4]

pytestmark = pytest.mark.skipif(not find_spec("ansible.cli"), reason="this Ansible is the part of it that nodes see")


def play(directory: Path, example: str) -> subprocess.CompletedProcess[str]:
    """Run it on three hosts, which are this one, with directories and user that are here."""
    for name, here in (("/home/ada", "home"), ("/srv/shared", "shared")):
        (directory / here).mkdir()
        example = example.replace(name, str(directory / here))
    tasks = yaml.safe_load(example.replace("user: ada", f"user: {getpass.getuser()}"))
    book = directory / "book.yml"
    book.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    local = ["-e", "ansible_connection=local", "-e", f"ansible_python_interpreter={sys.executable}"]
    return subprocess.run(
        ["ansible-playbook", "-i", "n1,n2,n3,", *local, str(book)],
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "examples" / "demo" / "ansible.cfg"),
            "ANSIBLE_LOCAL_TEMP": str(directory / "tmp"),
        },
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def directory() -> t.Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_the_example_holds_tries_and_leaves_nothing(directory: Path) -> None:
    done = play(directory, lock_test.EXAMPLES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout + done.stderr
    assert [list((directory / name).iterdir()) for name in ("home", "shared")] == [[], []]


def test_the_example_fails_when_the_others_are_not_refused(directory: Path) -> None:
    """Held in the name of another run."""
    done = play(directory, lock_test.EXAMPLES.replace("step: hold", 'step: hold\n        token: "another-{{ run }}"'))
    assert done.returncode != 0, done.stdout
    assert "Nobody else had it" in done.stdout
