# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make matrix` itself: what it takes for a Python, what it skips and says, and what it never takes for a pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from matrixlib import pythons
from matrixlib.checks import FAILED, PASSED, SKIPPED, Check, Failed, Outcome, checks, without_tests
from matrixlib.main import table

RESULTS = '<testsuites><testsuite name="pytest" tests="{}">{}</testsuite></testsuites>'


@pytest.fixture
def only_3_11(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh machine."""

    def found(version: str) -> tuple[Path | None, str]:
        return (
            (Path("/usr/bin/python3.11"), "")
            if version == "3.11"
            else (None, f"no Python {version} on PATH or in pyenv")
        )

    monkeypatch.setattr(pythons, "found", found)


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_shim_without_its_python_is_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "python3.8", "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path))
    pythons._pyenv.cache_clear()
    assert pythons.find("3.8") == (None, "no Python 3.8 on PATH or in pyenv")


def test_a_python_that_makes_no_environments_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "python3.8", "echo \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pythons.find("3.8")[1].startswith(
        f"{tmp_path}/python3.8 cannot make virtual environments: ModuleNotFoundError"
    )


def test_a_python_of_pyenv_that_is_not_on_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "versions" / "3.8.18" / "bin"
    home.mkdir(parents=True)
    program(home / "python", f"echo 3.8 {home}/python")
    program(tmp_path / "pyenv", f'[ "$1" = root ] && echo {tmp_path} || printf "3.11.7\n3.8.18\n"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    pythons._pyenv.cache_clear()
    assert pythons.find("3.8")[0] == home / "python"
    pythons._pyenv.cache_clear()


@pytest.mark.usefixtures("only_3_11")
def test_what_a_fresh_machine_lacks_is_skipped_by_name() -> None:
    rows = [row for row in checks() if set(row.needs) != {"3.11"}]
    assert {row.core for row in rows} == {"2.19", "2.20", "2.21"}
    for row in rows:
        outcome = row.run()
        assert outcome.result == SKIPPED, row
        assert any(f"no Python {version} " in outcome.why for version in row.needs), row
    own = {(row.core, row.name) for row in checks() if set(row.needs) == {"3.11"}}
    assert own >= {("2.19", "sanity"), ("2.19", "units"), ("2.19", "syntax"), ("2.19", "importer"), ("lowest", "units")}


@pytest.mark.parametrize(
    "results", [{}, {"python3.8-modules-units.xml": RESULTS.format(0, "")}], ids=["no file", "no test"]
)
def test_units_without_a_test_are_no_pass(tmp_path: Path, results: dict[str, str]) -> None:
    for name, text in results.items():
        (tmp_path / name).write_text(text)
    assert without_tests(tmp_path).startswith("no test ran")
    (tmp_path / "python3.8-modules-units.xml").write_text(RESULTS.format(1, '<testcase name="x"/>'))
    assert without_tests(tmp_path) == ""


@pytest.mark.usefixtures("only_3_11")
def test_the_table_is_in_line_and_counts() -> None:
    def fails(_starts: Path) -> str:
        raise Failed("it exited 1", "words")

    rows = [
        Check("lowest", "3.11", "units", ("3.11",), lambda _starts: "fine"),
        Check("2.21", "3.12", "sanity", ("3.12",), lambda _starts: "fine"),
        Check("2.19", "3.11", "inventory", ("3.11",), fails),
    ]
    outcomes = [row.run() for row in rows]
    assert [outcome.result for outcome in outcomes] == [PASSED, SKIPPED, FAILED]
    lines = table(rows, outcomes)
    assert lines[-1] == "1 passed, 1 failed, 1 skipped"
    column = lines[0].index("result")
    assert [line[column:].split()[0] for line in lines[1:4]] == [PASSED, SKIPPED, FAILED]
    assert all(line[column - 1] == " " for line in lines[:4])
    assert lines[2].endswith("no Python 3.12 on PATH or in pyenv")
    assert Outcome(SKIPPED, "x").seconds == 0
