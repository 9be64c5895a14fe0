# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module documents is what it reports: RETURN has the fields and types of the shapes."""

from __future__ import annotations

import ast
import importlib.util
import sys
import types
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def loaded(path: Path) -> t.Any:
    """A file as a module. Imported as a part of the collection it would keep others from loading that as one."""
    spec = importlib.util.spec_from_file_location(f"loaded{path.stem}", path)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_shapes = loaded(ROOT / "plugins" / "module_utils" / "_shapes.py")
PLAIN = {str: "str", int: "int", float: "float", bool: "bool", object: "raw"}
REPORTS: dict[tuple[str, str], tuple[t.Any, ...]] = {
    ("accounts_info", "accounts"): (_shapes.AccountsReport,),
    ("backup_info", "backup"): (_shapes.Backup,),
    ("clock_info", "clock"): (_shapes.Clock,),
    ("cluster_info", "cluster"): (_shapes.Cluster,),
    ("database_info", "names"): (_shapes.ResolvedName,),
    ("database_info", "server"): (_shapes.DatabaseServer,),
    ("keys_info", "key_files"): (_shapes.KeyFiles,),
    ("lock_test", "locks"): (_shapes.LockStep,),
    ("mounts_info", "report"): (_shapes.MountsReport,),
    ("node_info", "node"): (_shapes.NodeReport, _shapes.NodePeers),
    ("options_info", "options"): (_shapes.OptionsReport,),
    ("support_info", "support"): (_shapes.Support,),
    ("teardown", "made"): (_shapes.Made,),
}


def documented(module: str) -> dict[str, t.Any]:
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text())
    texts = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    return t.cast("dict[str, t.Any]", yaml.safe_load(str(texts["RETURN"])))


def without_none(shape: t.Any) -> t.Any:
    chosen = [one for one in t.get_args(shape) if one is not types.NoneType]
    return chosen[0] if t.get_origin(shape) in (t.Union, types.UnionType) else shape


def kind(shape: t.Any) -> str:
    """The word of RETURN for a type."""
    shape = without_none(shape)
    origin = t.get_origin(shape)
    if t.is_typeddict(shape) or origin is dict:
        return "dict"
    return "list" if origin is list else "str" if origin is t.Literal else PLAIN[shape]


def entry(shape: t.Any) -> t.Any:
    """The fields that a value has, or each value of a map or list of them; None without fields."""
    shape = without_none(shape)
    if t.get_origin(shape) in (dict, list):
        return entry(t.get_args(shape)[-1])
    return shape if t.is_typeddict(shape) else None


def drifted(said: dict[str, t.Any], shapes: tuple[t.Any, ...], path: str) -> t.Iterator[str]:
    fields = {name: field for shape in shapes for name, field in t.get_type_hints(shape).items()}
    for name in sorted(fields.keys() ^ said.keys()):
        yield f"{path}.{name} is {'documented' if name in said else 'reported'} only"
    for name in fields.keys() & said.keys():
        field, doc, here = fields[name], said[name], f"{path}.{name}"
        inner = t.get_args(without_none(field))
        words = kind(field), kind(inner[0]) if kind(field) == "list" else None
        if (doc["type"], doc.get("elements")) != words:
            yield f"{here} is documented as {doc['type']}, reported as {words[0]}"
        if entry(field) and "RV(" not in str(doc["description"]):  # which has the fields
            yield from drifted(doc.get("contains") or {}, (entry(field),), here)


@pytest.mark.parametrize(("module", "result"), REPORTS)
def test_return_has_the_fields_and_types_of_the_shape(module: str, result: str) -> None:
    said = documented(module)[result]
    assert sorted(drifted(said["contains"], REPORTS[module, result], result)) == []


def test_every_module_that_reports_is_held_against_its_shape() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*_info.py")}
    # What host_info reports is text; tests/unit/plugins/modules/test_shapes.py reads it and holds it against its shape.
    assert modules - {"host_info"} <= {module for module, _result in REPORTS}


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"bound": None}, "clock.bound is reported only"),
        ({"bond": {"type": "float"}}, "clock.bond is documented only"),
        ({"bound": {"type": "str", "description": "Seconds."}}, "clock.bound is documented as str, reported as float"),
        ({"kernel": {"type": "dict", "description": "It."}}, "clock.kernel.max_error is reported only"),
    ],
)
def test_what_drifted_is_named(change: dict[str, t.Any], difference: str) -> None:
    said = {**documented("clock_info")["clock"]["contains"], **change}
    said = {name: doc for name, doc in said.items() if doc}
    assert difference in list(drifted(said, (_shapes.Clock,), "clock"))
