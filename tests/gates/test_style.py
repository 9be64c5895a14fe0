# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools of the field, each a gate of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(argv: list[str], cwd: Path = ROOT, **env: str) -> None:
    """Run a tool; what it prints is the failure."""
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(argv)} exited {done.returncode}\n{done.stdout[-6000:]}", pytrace=False)


def test_ruff_check() -> None:
    run(["ruff", "check", "--no-cache", "."])


def test_ruff_format() -> None:
    run(["ruff", "format", "--no-cache", "--check", "."])


def test_yamllint() -> None:
    run(["yamllint", "--strict", "."])


def test_shellcheck() -> None:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    heads = {name: (ROOT / name).open("rb").readline() for name in names if (ROOT / name).is_file()}
    scripts = [
        name for name, head in heads.items() if head.startswith(b"#!") and head.rstrip().endswith((b"bash", b"/sh"))
    ]
    assert "tests/byhand/build.sh" in scripts
    run(["shellcheck", "--severity=warning", *scripts])


@pytest.mark.dear
def test_ansible_lint() -> None:
    run(["ansible-lint", "--offline", "--strict"])


@pytest.mark.dear
@pytest.mark.parametrize(
    "package",
    [
        "plugins.modules",
        "plugins.module_utils",
        "plugins.plugin_utils",
        "plugins.filter",
        "plugins.lookup",
        "plugins.action",
        "tests.unit",
    ],
)
def test_mypy_collection(package: str) -> None:
    collections = ROOT / ".cache" / "collections"
    run(
        [
            "mypy",
            "--cache-dir",
            str(ROOT / ".cache" / "mypy"),
            "-p",
            f"ansible_collections.workbench.cluster.{package}",
        ],
        MYPYPATH=str(collections),
    )


@pytest.mark.dear
@pytest.mark.parametrize(
    ("paths", "roots"),
    [
        (
            [
                "docs/reference.py",
                "docs/generator",
                "tests/gates",
                "tests/refusals",
                "tests/run",
                "tests/conftest.py",
                "tests/bench/cluster.py",
                "tests/attacker",
                "tests/callbacks",
                "tests/chaos",
            ],
            ["docs", "tests/matrix", ".cache/collections"],
        ),
        (["tests/lab"], ["tests/lab"]),
        (["tests/matrix"], ["tests/matrix"]),
        (["molecule"], ["molecule", ".cache/collections"]),
        (["tests/fake_workbench"], ["tests/fake_workbench", "tests/fake_workbench/tests"]),
    ],
    ids=["project", "lab", "matrix", "scenarios", "stand-in"],
)
def test_mypy_test_equipment(paths: list[str], roots: list[str]) -> None:
    run(
        ["mypy", "--cache-dir", str(ROOT / ".cache" / "mypy"), "--explicit-package-bases", *paths],
        MYPYPATH=":".join(str(ROOT / root) for root in roots),
    )


@pytest.mark.dear
def test_bandit() -> None:
    run(["bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", "plugins", "docs"])


def test_changelog() -> None:
    run(["antsibull-changelog", "lint"])


def test_plugin_documentation() -> None:
    run(["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", "."])
