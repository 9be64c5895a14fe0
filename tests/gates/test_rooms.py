# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a file tells where its code runs: module_utils travels to nodes, plugin_utils stays on the controller."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "ansible_collections.workbench.cluster."
FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / "plugins").rglob("*.py")}
# What a part may import of this collection.
ARROWS = {
    "modules": {"module_utils"},
    "module_utils": {"module_utils"},
    "plugin_utils": {"plugin_utils", "module_utils"},
    "filter": {"plugin_utils", "module_utils"},
    "action": {"plugin_utils", "module_utils"},
    "lookup": {"plugin_utils", "module_utils"},
    "doc_fragments": set(),
}
# What a module must find on a node besides the standard library and this collection; more may be used where it is there.
ON_NODES = "ansible.module_utils."


def room(name: str) -> str:
    return name.split(".")[1]


def imported(path: Path, *, at_load: bool = False) -> set[str]:
    """Dotted names that a file imports, ours without the collection's name; of `from a import b` both `a` and `a.b`.

    `at_load`: only those it cannot be loaded without.
    """
    names = set()
    tree = ast.parse(path.read_text())
    for node in tree.body if at_load else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.removeprefix(PREFIX) for name in names}


IMPORTS = {name: imported(path) for name, path in FILES.items()}
OURS = {name: {other for other in imports if other in FILES} for name, imports in IMPORTS.items()}


def closure(start: set[str]) -> set[str]:
    """All files that the ones of `start` need, themselves included."""
    seen: set[str] = set()
    ahead = set(start)
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= OURS[name] - seen
    return seen


@pytest.mark.parametrize("name", sorted(FILES))
def test_imports_never_point_back(name: str) -> None:
    assert {room(other) for other in OURS[name]} <= ARROWS[room(name)]


def test_no_file_needs_itself() -> None:
    assert [name for name in FILES if name in closure(OURS[name])] == []


def test_what_travels_to_nodes_is_needed_by_a_module() -> None:
    shipped = closure({name for name in FILES if room(name) == "modules"})
    assert sorted(name for name in FILES if room(name) == "module_utils" and name not in shipped) == []


def test_what_stays_on_the_controller_is_needed_by_a_filter_a_lookup_or_an_action() -> None:
    used = closure({name for name in FILES if room(name) in ("filter", "action", "lookup")})
    assert sorted(name for name in FILES if room(name) == "plugin_utils" and name not in used) == []


@pytest.mark.parametrize("name", sorted(name for name in FILES if room(name) in ("modules", "module_utils")))
def test_modules_load_with_nothing_but_python(name: str) -> None:
    foreign = {
        other for other in imported(FILES[name], at_load=True) if other.split(".")[0] not in sys.stdlib_module_names
    }
    assert [other for other in foreign if not other.startswith((ON_NODES, "plugins."))] == []


def test_packages_are_folders_without_init() -> None:
    assert list((ROOT / "plugins").rglob("__init__.py")) == []


def test_no_package_has_the_name_of_a_file() -> None:
    assert [path for path in FILES.values() if path.with_suffix("").is_dir()] == []
