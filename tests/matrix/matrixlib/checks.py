# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks. Each runs commands with an ansible-core and a Python, and answers with an outcome."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from matrixlib import pythons
from matrixlib.cores import CACHE, CORES, ROOT, Core, programs, turn

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
DEMO = ROOT / "examples" / "demo"
OWN = "3.11"  # the Python of the project itself
# What an artifact holds that sanity has tests for.
SHIPPED = ("plugins/", "roles/", "playbooks/", "meta/", "changelogs/", "galaxy.yml", "README.md")


@dataclass(frozen=True)
class Outcome:
    """`why` is the reason of a skip, or the command that failed; `printed` is what it said."""

    result: str
    why: str = ""
    printed: str = ""
    seconds: float = 0.0


class Failed(Exception):
    """A command that failed, and what it printed."""


@dataclass(frozen=True)
class Check:
    """A row of the table. `make` runs it with the Python that starts ansible-core and returns what was printed."""

    core: str
    python: str
    name: str
    needs: tuple[str, ...]
    make: Callable[[Path], str]

    @property
    def folder(self) -> Path:
        return CACHE / f"{self.core}-{self.name}-{self.python}"

    def run(self) -> Outcome:
        """Every Python it needs is there, or it is skipped and says which is not."""
        for version in self.needs:
            path, why = pythons.found(version)
            if path is None:
                return Outcome(SKIPPED, why if version == self.python else f"{why}, on which core {self.core} runs")
        starts = pythons.found(self.needs[0])[0]
        assert starts is not None
        begun = time.monotonic()
        try:
            with turn(self.folder):
                return Outcome(PASSED, "", self.make(starts), time.monotonic() - begun)
        except Failed as exc:
            why, printed = exc.args
            return Outcome(FAILED, why, printed, time.monotonic() - begun)
        except (OSError, RuntimeError) as exc:
            return Outcome(FAILED, str(exc).splitlines()[0], str(exc), time.monotonic() - begun)


def checks() -> list[Check]:
    """All rows, the dear ones of each core first."""
    rows: list[Check] = []
    for core in CORES:
        starts = next((version for version in core.controllers if pythons.found(version)[0]), core.controllers[0])
        rows += [Check(core.name, starts, "sanity", (starts,), _sanity(core, starts))]
        rows += [
            Check(core.name, version, "units", (starts, version), _units(core, version)) for version in core.pythons
        ]
        rows += [
            Check(core.name, version, "imports", (starts, version), _imports(core, version))
            for version in core.pythons
            if version != starts
        ]
        rows += [Check(core.name, starts, "syntax", (starts,), _playbook(core.name, "site", "--syntax-check"))]
        rows += [Check(core.name, starts, "inventory", (starts,), _playbook(core.name, "check_inventory"))]
    rows += [
        Check("lowest", OWN, "bounds", (OWN,), _bounds),
        Check("lowest", OWN, "units", (OWN,), _lowest_units),
        Check("lowest", OWN, "syntax", (OWN,), _playbook("lowest", "site", "--syntax-check")),
        Check("lowest", OWN, "inventory", (OWN,), _playbook("lowest", "check_inventory")),
        Check("2.19", OWN, "importer", (OWN,), _importer),
    ]
    return rows


def shipped_sanity() -> Check:
    """What a commit is asked: sanity of what is installed. The matrix asks the whole clone, on each core."""
    core = CORES[0]
    return Check(core.name, OWN, "shipped-sanity", (OWN,), _sanity(core, OWN, "shipped-sanity", SHIPPED))


def copy(folder: Path, parts: tuple[str, ...] = ("",)) -> Path:
    """The tree as git has it, at a real path …/ansible_collections/workbench/cluster, which ansible-test insists on.

    Of it only what begins with one of `parts`.
    """
    tree = _tree(folder)
    shutil.rmtree(tree, ignore_errors=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if name.startswith(parts) and ((ROOT / name).is_symlink() or (ROOT / name).exists()):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name, follow_symlinks=False)
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    subprocess.run(["git", "-C", str(tree), "add", "-A"], check=True)
    return tree


def _tree(folder: Path) -> Path:
    return folder / "ansible_collections" / "workbench" / "cluster"


def _sanity(core: Core, python: str, name: str = "sanity", parts: tuple[str, ...] = ("",)) -> Callable[[Path], str]:
    return lambda starts: _ansible_test(core, starts, f"{name}-{python}", "sanity", "--python", python, parts=parts)


def _imports(core: Core, python: str) -> Callable[[Path], str]:
    """Every file compiles, and every file that travels to nodes of that Python can be imported there."""
    words = ("sanity", "--test", "compile", "--test", "import", "--python", python)
    return lambda starts: _ansible_test(core, starts, f"imports-{python}", *words)


def _units(core: Core, python: str) -> Callable[[Path], str]:
    """On a Python that only nodes have: the tests of modules and module_utils, which travel there."""
    name = f"units-{python}"

    def make(starts: Path) -> str:
        printed = _ansible_test(core, starts, name, "units", "--venv", "--python", python)
        missing = without_tests(_tree(CACHE / f"{core.name}-{name}") / "tests" / "output" / "junit")
        if missing:
            raise Failed(missing, printed)
        return printed

    return make


def without_tests(junit: Path) -> str:
    """Why these results prove nothing: ansible-test takes a pytest that found no tests for one that is content."""
    results = sorted(junit.glob("*-units.xml"))
    empty = [path.name for path in results if not list(ET.parse(path).getroot().iter("testcase"))]
    return f"no test ran: {', '.join(empty) or 'there are no results'}" if empty or not results else ""


def _ansible_test(core: Core, starts: Path, name: str, *words: str, parts: tuple[str, ...] = ("",)) -> str:
    folder = CACHE / f"{core.name}-{name}"
    home = folder / "home"
    pip = home / ".ansible" / "test" / "cache" / f"get_pip_{core.pip}.py"
    pip.parent.mkdir(parents=True, exist_ok=True)
    # ansible-test fetches get-pip from a host of its own; the file of this name is its documented way around that.
    shutil.copy(ROOT / "tests" / "matrix" / "get_pip.py", pip)
    tree = copy(folder, parts)
    argv = ["ansible-test", *words, "--color", "no"]
    return _run(argv, tree, programs(core.name, starts), HOME=str(home))


def _playbook(core: str, name: str, *words: str) -> Callable[[Path], str]:
    argv = ["ansible-playbook", "-i", str(DEMO / "hosts.yml"), f"playbooks/{name}.yml", *words]
    return lambda starts: _run(argv, ROOT, programs(core, starts), **PLAYBOOKS)


PLAYBOOKS = {
    "ANSIBLE_CONFIG": str(DEMO / "ansible.cfg"),
    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
    "ANSIBLE_LOCAL_TEMP": str(CACHE / "tmp"),
}


def _lowest_units(starts: Path) -> str:
    """With the lowest versions the collection asks for."""
    return _run(["python", "-m", "pytest", "-q", "tests/unit"], ROOT, programs("lowest", starts), **PLAYBOOKS)


def _bounds(starts: Path) -> str:
    """The collections there are the lowest that galaxy.yml asks for."""
    holds = programs("lowest", starts).parent
    asked = yaml.safe_load((ROOT / "galaxy.yml").read_text())["dependencies"]
    lines = []
    for name, bound in asked.items():
        manifest = next(holds.glob(f"lib/*/site-packages/ansible_collections/{name.replace('.', '/')}/MANIFEST.json"))
        lines.append((name, bound, f">={json.loads(manifest.read_text())['collection_info']['version']}"))
    printed = "\n".join(f"{name}: asked for {bound}, tested with {there}" for name, bound, there in lines)
    if any(bound != there for _name, bound, there in lines):
        raise Failed("the lowest versions are not those of galaxy.yml", printed)
    return printed


def _importer(starts: Path) -> str:
    """What Galaxy does with an artifact it is given, but ansible-test, for which it wants a container."""
    folder, bin_ = CACHE / "importer", programs("importer", starts)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _run(["ansible-galaxy", "collection", "build", "--output-path", str(folder)], ROOT, bin_)
    argv = ["python", "-m", "galaxy_importer.main", next(folder.glob("*.tar.gz")).name]
    return _run(argv, folder, bin_, HOME=str(folder / "home"))


def _run(argv: list[str], cwd: Path, bin_: Path, **env: str) -> str:
    """What it printed. Of our settings only those that are asked for reach it."""
    known = [path for version in _versions() if (path := pythons.found(version)[0])]
    folders = dict.fromkeys([str(bin_), *(str(path.parent) for path in known), "/usr/local/bin", "/usr/bin", "/bin"])
    system = ["/usr/local/sbin", "/usr/sbin", "/sbin"]
    home = Path.home()
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("ANSIBLE_", "MOLECULE_", "PYTEST_", "VIRTUAL_ENV"))
    }
    mine = {
        "PATH": os.pathsep.join([*folders, *system]),
        "LC_ALL": "C.UTF-8",
        # Another home must not cost the mirror and the downloads that pip has from this one.
        "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", str(home / ".config")),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(home / ".cache")),
    }
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={**kept, **mine, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Failed(f"{' '.join(argv[:3])} … exited {done.returncode}", done.stdout)
    return done.stdout


def _versions() -> list[str]:
    return sorted({version for core in CORES for version in core.pythons}, key=lambda one: int(one.split(".")[1]))
