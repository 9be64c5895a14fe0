# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the cores and Pythons a commit is asked; `make matrix` asks for all. A Python that is not there is skipped by name."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import ansible
import pytest
import yaml
from matrixlib import pythons
from matrixlib.checks import FAILED, SKIPPED, shipped_sanity
from matrixlib.cores import CORES, LOCKS

ROOT = Path(__file__).resolve().parents[2]
FIRST = CORES[0].name
ON_NODES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for room in ("module_utils", "modules")
    for path in sorted((ROOT / "plugins" / room).rglob("*.py"))
]
LOAD = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    return dict(PINNED.findall(path.read_text()))


@pytest.mark.dear
def test_sanity() -> None:
    outcome = shipped_sanity().run()
    if outcome.result == SKIPPED:
        pytest.skip(outcome.why)
    if outcome.result == FAILED:
        pytest.fail(f"{outcome.why}\n{outcome.printed[-6000:]}", pytrace=False)


@pytest.mark.parametrize("python", CORES[0].pythons)
def test_what_travels_to_nodes_loads_there(python: str, tmp_path: Path) -> None:
    program, why = pythons.found(python)
    if program is None:
        pytest.skip(why)
    (tmp_path / "ansible").symlink_to(Path(ansible.__file__).parent)
    done = subprocess.run(
        [program, "-s", "-c", LOAD, *(f"ansible_collections.workbench.cluster.{name}" for name in ON_NODES)],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT / '.cache' / 'collections'}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_core_that_is_supported_is_in_the_matrix() -> None:
    lint = yaml.safe_load((ROOT / ".ansible-lint").read_text())["supported_ansible_also"]
    assert [core.name for core in CORES] == [FIRST, *lint]
    lowest = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["requires_ansible"]
    assert lowest == f">={pins(LOCKS / 'lowest.override.txt')['ansible-core']}"
    assert pins(ROOT / "requirements.txt")["ansible-core"].startswith(f"{FIRST}.")
    for core in CORES[1:]:
        assert pins(LOCKS / f"{core.name}.txt")["ansible-core"].startswith(f"{core.name}.")


def test_readme_names_the_lowest_versions() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    lowest = pins(LOCKS / "lowest.in")
    assert f"| ansible-core | {FIRST} | {pins(LOCKS / 'lowest.override.txt')['ansible-core']}, " in text
    assert f"`cryptography` {lowest['cryptography'].removesuffix('.0.0')} or later" in text


LOCKED = [
    (ROOT / "requirements.in", ROOT / "requirements.txt"),
    *((path, path.with_suffix(".txt")) for path in sorted(LOCKS.glob("*.in"))),
    (ROOT / "tests" / "unit" / "requirements.in", ROOT / "tests" / "unit" / "requirements.txt"),
]


@pytest.mark.parametrize(("asked", "lock"), LOCKED, ids=[str(lock.relative_to(ROOT)) for _asked, lock in LOCKED])
def test_the_lock_holds_what_is_asked_for(asked: Path, lock: Path) -> None:
    """`make requirements` was run after the last change; with `==`, the version is that one."""
    held = {name.lower(): version for name, version in pins(lock).items()}
    for line in filter(None, (line.partition("#")[0].strip() for line in asked.read_text().splitlines())):
        name, _equals, version = line.lower().partition("==")
        assert name in held, f"{lock.name} lacks {name}: run `make requirements`"
        assert version in ("", held[name]), f"{lock.name} has {name} {held[name]}: run `make requirements`"


@pytest.mark.parametrize("lock", [lock for _asked, lock in LOCKED[:-1]], ids=lambda lock: str(lock.name))
def test_every_pin_has_hashes(lock: Path) -> None:
    bare = [
        block.split()[0]
        for block in re.split(r"\n(?=[a-z0-9])", lock.read_text())
        if "==" in block and "--hash" not in block
    ]
    assert bare == []


def test_unit_tests_have_the_versions_of_the_lock() -> None:
    """On the project's own Python; older ones have the newest there is for them."""
    text = (ROOT / "tests" / "unit" / "requirements.txt").read_text()
    locked = {name.lower(): version for name, version in pins(ROOT / "requirements.txt").items()}
    for name in ("cryptography", "cffi"):
        assert f"\n{name}=={locked[name]} ;" in text
