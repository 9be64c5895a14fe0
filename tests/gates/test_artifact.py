# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact: built, installed without a network, and run from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SHIPPED = {"meta", "plugins", "roles", "playbooks"}
ALSO = {"docs", "changelogs", "README.md", "CHANGELOG.rst", "SECURITY.md", "MANIFEST.json", "FILES.json"}
RIGHTS = {"LICENSE", "LICENSES", "REUSE.toml"}


def command(argv: list[str], cwd: Path, **env: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_"))}
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={**clean, "PATH": f"{BIN}:{os.environ['PATH']}", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact")
    command(["ansible-galaxy", "collection", "build", "--output-path", str(folder)], ROOT)
    return next(folder.glob("workbench-cluster-*.tar.gz"))


def test_it_holds_only_what_the_installed_collection_needs(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        tops = {name.split("/")[0] for name in archive.getnames()}
    assert tops >= SHIPPED | RIGHTS
    assert tops <= SHIPPED | RIGHTS | ALSO


def test_every_role_is_shipped_with_its_readme(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        names = set(archive.getnames())
    assert {f"roles/{role.name}/README.md" for role in (ROOT / "roles").iterdir()} <= names
    assert not any(name.startswith("docs/generator") for name in names)


def test_it_says_whose_every_file_is(artifact: Path, tmp_path: Path) -> None:
    with tarfile.open(artifact) as archive:
        archive.extractall(tmp_path, filter="data")
    command(["reuse", "--root", str(tmp_path), "lint", "--quiet"], tmp_path)


@pytest.mark.dear
def test_site_runs_from_an_empty_folder(artifact: Path, tmp_path: Path) -> None:
    command(
        [
            "ansible-galaxy",
            "collection",
            "install",
            "--offline",
            "--collections-path",
            str(tmp_path / "c"),
            str(artifact),
        ],
        tmp_path,
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    inventory = ROOT / "examples" / "demo" / "hosts.yml"
    printed = command(
        ["ansible-playbook", "workbench.cluster.site", "-i", str(inventory), "--list-tasks"],
        empty,
        ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "c"),
    )
    assert "Start | Have services that run take their new files" in printed
    # Touches no host, and needs filters, module_utils and every role's rules.
    command(
        ["ansible-playbook", "workbench.cluster.check_inventory", "-i", str(inventory)],
        empty,
        ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "c"),
    )
