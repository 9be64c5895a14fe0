# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a host for its roles, and what is said where it cannot answer. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

# What an old Python says to the first line of a module.
SYNTAX = re.compile(r"SyntaxError:.*\S")


def joined(asks: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """What several roles ask, as one question: lists have each entry once, of options those of all."""
    parts: dict[str, t.Any] = {}
    for ask in asks:
        parts = _both(parts, ask)
    return parts


def _both(one: t.Any, other: t.Any) -> t.Any:
    if isinstance(one, t.Mapping) and isinstance(other, t.Mapping):
        return {**one, **{key: _both(one[key], value) if key in one else value for key, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list):
        return one + [entry for entry in other if entry not in one]
    if one != other:
        raise Failure(f"roles ask for {one!r} and for {other!r} at once")
    return one


def unanswered(answer: t.Mapping[str, t.Any], core: str, interpreter: str) -> str:
    """Why a host that ran no module to its end did not, in a sentence: often its Python is too old."""
    said = SYNTAX.search(f"{answer.get('module_stderr') or ''}\n{answer.get('module_stdout') or ''}")
    if said:
        return (
            f"ansible-core {core} cannot run its modules with {interpreter}, "
            f"which is too old ({said[0]}). Install a newer one beside it (3.8 or later for ansible-core 2.19, 3.9 for 2.20 and "
            "2.21) and name it in ansible_python_interpreter, or use an older ansible-core. Nothing was changed."
        )
    words = " ".join(str(answer.get(name) or "") for name in ("msg", "module_stderr")).split()
    return f"could not be looked at: {' '.join(words)}"
