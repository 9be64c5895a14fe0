# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A requirement is a file that is named by its id; its faults say what to do, and get the words that they have places for."""

from __future__ import annotations

import ast
import functools
import importlib
import string
import typing as t
from pathlib import Path
from types import ModuleType

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify import verdict
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import FAIL, UNKNOWN, Fault

FOLDER = Path(verdict.__file__).parent
PACKAGE = verdict.__name__.rpartition(".")[0]
MODULES = [
    importlib.import_module(".".join([PACKAGE, *path.relative_to(FOLDER).with_suffix("").parts]))
    for path in sorted(FOLDER.rglob("*.py"))
]


def faults(module: ModuleType) -> dict[str, Fault]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Fault)}


def calls(module: ModuleType) -> t.Iterator[tuple[Fault, ast.Call]]:
    """Each call of a fault: `FAULT(…)`, `module.FAULT(…)` of another one's, `(ONE if … else OTHER)(…)`."""
    for call in ast.walk(ast.parse(Path(t.cast(str, module.__file__)).read_text())):
        if isinstance(call, ast.Call):
            either = [call.func.body, call.func.orelse] if isinstance(call.func, ast.IfExp) else [call.func]
            for place in either:
                named: t.Any = functools.reduce(
                    lambda one, name: getattr(one, name, None), ast.unparse(place).split("."), t.cast(t.Any, module)
                )
                if isinstance(named, Fault):
                    yield named, call


def places(*texts: str) -> set[str]:
    return {field for text in texts for _before, field, _form, _conversion in string.Formatter().parse(text) if field}


def test_words_stand_where_the_fault_has_places_for_them() -> None:
    closed = Fault("Port {port} of {peer} is closed", measured="{said}", wanted="{port} open", remedy="Open {port}.")
    assert closed(["n3"], port=5559, peer="n3", said="timeout") == {
        "verdict": "fail",
        "hosts": ["n3"],
        "what": "Port 5559 of n3 is closed",
        "measured": "timeout",
        "wanted": "5559 open",
        "remedy": "Open 5559.",
    }


def test_braces_in_what_was_measured_are_only_braces() -> None:
    fault = Fault("{what} differs", measured="{what}", verdict=UNKNOWN)
    assert fault(what="{0} {x!r}")["what"] == "{0} {x!r} differs"
    assert fault(what="x", measured="{0} {x!r}")["measured"] == "{0} {x!r}"


def test_keys_of_a_finding_have_the_order_of_the_report() -> None:
    assert list(Fault("x")()) == ["verdict", "hosts", "what", "measured", "wanted", "remedy"]


def test_each_file_is_a_requirement_and_is_named_by_its_id() -> None:
    ids = [file.REQUIREMENT.id for file in verdict.REQUIREMENTS]
    assert sorted(ids) == sorted(path.stem.replace("_", "-") for path in (FOLDER / "requirements").glob("*.py"))
    for file, its in zip(verdict.REQUIREMENTS, ids):
        assert t.cast(ModuleType, file).__name__ == f"{PACKAGE}.requirements.{its.replace('-', '_')}"


def test_the_vendor_s_nine_come_first_and_in_its_order() -> None:
    sources = [file.REQUIREMENT.source.rpartition(", ")[2] for file in verdict.REQUIREMENTS]
    assert sources[:9] == [f"requirement {number}" for number in range(1, 10)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.removeprefix(f"{PACKAGE}."))
def test_what_fails_or_is_unknown_has_a_remedy(module: ModuleType) -> None:
    assert [
        name for name, fault in faults(module).items() if fault.verdict in (FAIL, UNKNOWN) and not fault.remedy
    ] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.removeprefix(f"{PACKAGE}."))
def test_each_call_gives_a_fault_the_words_it_has_places_for(module: ModuleType) -> None:
    for fault, call in calls(module):
        given = {word.arg for word in call.keywords}
        texts = [fault.what, fault.wanted, fault.remedy, *([] if "measured" in given else [fault.measured])]
        assert given - {"measured"} == places(*texts), f"line {call.lineno}: {fault.what}"


def test_each_fault_can_be_found() -> None:
    """Somewhere it is called, in one of the three forms that `calls` knows."""
    called = [fault for module in MODULES for fault, _call in calls(module)]
    assert [name for module in MODULES for name, fault in faults(module).items() if fault not in called] == []
