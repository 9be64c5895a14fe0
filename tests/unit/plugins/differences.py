# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what is reported has the shape that is written down. Python 3.10 or later can tell."""

from __future__ import annotations

import types
import typing as t


def differences(value: object, shape: t.Any, path: str = "") -> t.Iterator[str]:
    """Where a value, as JSON has it, is of another shape: `clock.n1.bound: 'x' is no float`."""
    origin, arguments = t.get_origin(shape), t.get_args(shape)
    if t.is_typeddict(shape):
        yield from _of_fields(value, shape, path)
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from differences(item, arguments[1], f"{path}.{key}".lstrip("."))
    elif origin is list and isinstance(value, list):
        for number, item in enumerate(value):
            yield from differences(item, arguments[0], f"{path}[{number}]")
    elif origin in (t.Union, types.UnionType):
        found = [list(differences(value, one, path)) for one in arguments]
        if all(found):
            # The alternative to None says best what is wrong.
            best, *__ = (wrong for wrong, one in zip(found, arguments) if one is not types.NoneType)
            yield from best
    elif origin is t.Literal:
        if value not in arguments:
            yield f"{path}: {value!r} is none of {', '.join(map(str, arguments))}"
    elif not _is(value, origin or shape):
        yield f"{path}: {value!r:.60} is no {getattr(shape, '__name__', shape)}"


def _of_fields(value: object, shape: t.Any, path: str) -> t.Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r:.60} is no {shape.__name__}"
        return
    fields = t.get_type_hints(shape)
    for name in sorted(shape.__required_keys__ - value.keys()):
        yield f"{path}.{name}: missing".lstrip(".")
    for name, item in value.items():
        if name in fields:
            yield from differences(item, fields[name], f"{path}.{name}".lstrip("."))
        else:
            yield f"{path}.{name}: not a field of {shape.__name__}".lstrip(".")


def _is(value: object, kind: t.Any) -> bool:
    if kind in (object, t.Any):
        return True
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)
