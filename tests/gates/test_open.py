# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lets the next person in: rights, addresses, and instructions whose commands exist."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from matrixlib.cores import CORES

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
HEADER = """\
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
# What ansible-core itself brings to the controller.
OF_CORE = {"ansible", "ansible_collections", "jinja2", "markupsafe", "yaml"}
VERBS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def run(argv: list[str], **env: str) -> str:
    """What a tool prints; where it fails, that is the failure."""
    done = subprocess.run(
        argv,
        cwd=ROOT,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(argv)} exited {done.returncode}\n{done.stdout[-6000:]}", pytrace=False)
    return done.stdout


def texts() -> dict[str, str]:
    """Every file of the tree that git would take and that is text, without links."""
    names = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"]).splitlines()
    paths = [(name, ROOT / name) for name in names]
    return {name: path.read_text(errors="replace") for name, path in paths if path.is_file() and not path.is_symlink()}


def test_programs_begin_with_the_header() -> None:
    without = []
    for name, text in texts().items():
        first, __, rest = text.partition("\n")
        interpreter = first.startswith("#!")
        if name.endswith((".py", ".sh")) or (interpreter and re.search(r"python|sh\b", first)):
            without += [] if (rest if interpreter else text).startswith(HEADER) else [name]
    assert without == []


def test_every_file_says_whose_it_is() -> None:
    run(["reuse", "lint"])


def test_galaxy_yml_says_where_the_project_lives() -> None:
    """Nothing else does, so that it is edited once: other files link to each other by their paths."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    repository = galaxy["repository"]
    owner = re.match(r"https://([\w.-]+/[\w.-]+)/[\w.-]+$", repository)
    assert owner, repository
    assert "example" not in repository
    for key in ("documentation", "homepage", "issues"):
        assert galaxy[key].startswith(repository), key
    assert [name for name, text in texts().items() if owner[1] in text] == ["galaxy.yml"]


def test_requirements_of_a_checkout_are_those_of_the_collection() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    listed = yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]
    assert {one["name"]: one["version"] for one in listed} == galaxy["dependencies"]


def imported(folder: str) -> set[str]:
    """The packages that the files below a folder import, inside functions too."""
    found = set()
    for path in (ROOT / "plugins" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_execution_environments_get_what_the_controller_imports() -> None:
    described = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text())
    lines = (ROOT / described["dependencies"]["python"]).read_text().splitlines()
    listed = {re.split(r"\W", line)[0] for line in lines if line and not line.startswith("#")}
    needed = imported("filter") | imported("action") | imported("plugin_utils")
    assert listed == needed - OF_CORE - set(sys.stdlib_module_names)
    lowest = (ROOT / "tests" / "matrix" / "locks" / "lowest.in").read_text()
    assert all(line.replace(" >= ", "==") in lowest for line in lines if not line.startswith("#")), (
        "as the matrix has it"
    )


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/releasing.md", "docs/tutorial.md"])
def test_verbs_that_are_named_exist(name: str) -> None:
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / name).read_text()))
    assert named
    assert named <= VERBS


def steps() -> list[tuple[str, str]]:
    """`(workflow, command)` of every step that runs something, a line each."""
    found = []
    for path in WORKFLOWS:
        jobs: dict[str, t.Any] = yaml.safe_load(path.read_text())["jobs"]
        commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
        found += [(path.name, line) for command in commands for line in command.splitlines()]
    return found


def test_the_hosted_ci_calls_verbs_only() -> None:
    """But for what it takes to have git, make and Python."""
    called = set()
    for workflow, line in steps():
        words = line.split()
        if words[0] == "make":
            called |= set(words[1:])
        else:
            assert words[0] in ("apt-get", "git"), f"{workflow}: {line}"
    assert called <= VERBS
    assert called >= {"lint", "unit", "test", "matrix"}


def test_the_hosted_ci_has_every_python_of_the_matrix() -> None:
    text = (ROOT / ".github" / "workflows" / "matrix.yml").read_text()
    given = yaml.safe_load(text)["jobs"]["matrix"]["steps"][2]["with"]["python-version"].split()
    assert sorted(given) == sorted({version for core in CORES for version in core.pythons})


HOOKS = ROOT / ".pre-commit-config.yaml"


def test_hooks_run_what_the_lock_has() -> None:
    repositories = yaml.safe_load(HOOKS.read_text())["repos"]
    assert [one["repo"] for one in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system"
        assert (ROOT / hook["entry"].split()[0]).exists(), hook["entry"]


def test_hooks_pass_what_the_gates_pass(tmp_path: Path) -> None:
    some = ["plugins/modules/node.py", "galaxy.yml", "tests/run", "tests/byhand/build.sh", "README.md"]
    run(["pre-commit", "run", "--files", *some], PRE_COMMIT_HOME=str(tmp_path))


def test_each_hook_refuses_its_fault(tmp_path: Path) -> None:
    """A repository of three files that break every rule, with this project's hooks and settings."""
    for name in (HOOKS.name, ".venv", ".yamllint", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "wrong.py").write_text("import os\nx={'a':1}\n")
    (tmp_path / "wrong.yml").write_text("a: yes\n")
    (tmp_path / "wrong.sh").write_text("#!/bin/sh\ncd $1 && [ $2 == a ]\n")
    run(["git", "init", "-q", str(tmp_path)])
    run(["git", "-C", str(tmp_path), "add", "-A", "--", HOOKS.name, "wrong.py", "wrong.yml", "wrong.sh"])
    done = subprocess.run(
        ["pre-commit", "run", "--all-files", "--color", "never"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    names = [hook["name"] for hook in yaml.safe_load(HOOKS.read_text())["repos"][0]["hooks"]]
    refused = re.findall(r"^(.+?)\.{3,}Failed$", done.stdout, re.MULTILINE)
    assert refused == names, done.stdout + done.stderr
