# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Molecule without make: in a clean home, with no variable of Ansible's or Molecule's own exported, from a plain clone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))

# A scenario without hosts: like every other it needs the collection and the way to the lab.
PROBE = {
    "molecule.yml": "{ansible: {env: {LAB_DECLARATION: none}}, scenario: {converge_sequence: [syntax, converge]}}\n",
    "converge.yml": """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.import_role: {name: workbench.cluster.keys}
      when: false
    - ansible.builtin.assert:
        that: "'-F ' ~ lookup('env', 'MOLECULE_PROJECT_DIRECTORY') ~ '/.lab/ssh_config' == way"
      vars: {way: "{{ lookup('config', 'ssh_args', plugin_type='connection', plugin_name='ssh') }}"}
""",
    "tests/test_probe.py": """
def test_playbooks_of_the_tests_find_the_collection(lab, root):
    run = lab.playbook("workbench.cluster.site", "--syntax-check", inventory=root / "examples" / "demo" / "hosts.yml")
    assert run.rc == 0, run.output
""",
}


def molecule(folder: Path, home: Path, *argv: str) -> str:
    done = subprocess.run(
        ["molecule", *argv],
        cwd=folder,
        env={"HOME": str(home), "PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The tree, with the scenario `probe` in place of the project's own."""
    clone = tmp_path / "clone"
    (clone / "molecule" / "probe" / "tests").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    for path in ROOT.iterdir():
        if path.name not in ("molecule", ".git", ".lab", ".cache"):
            (clone / path.name).symlink_to(path)
    (clone / ".cache").mkdir()
    (clone / ".cache" / "collections").symlink_to(ROOT / ".cache" / "collections")
    for path in (ROOT / "molecule").iterdir():
        if path.name not in SCENARIOS:
            (clone / "molecule" / path.name).symlink_to(path)
    for name, text in PROBE.items():
        (clone / "molecule" / "probe" / name).write_text(text)
    return clone


@pytest.mark.dear
def test_molecule_finds_the_scenarios(tmp_path: Path) -> None:
    printed = molecule(ROOT, tmp_path, "list", "--format", "plain")
    assert {line.split()[3] for line in printed.splitlines() if " default " in line} == set(SCENARIOS)


@pytest.mark.dear
def test_a_scenario_finds_the_collection_and_the_lab(clone: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    molecule(clone, home, "converge", "--scenario-name", "probe")
    assert "1 passed" in molecule(clone, home, "verify", "--scenario-name", "probe")
