# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of the files that are written where the inventory names something for them. Pure."""

from __future__ import annotations

import base64
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import (
    BLANKS,
    KEPT,
    managed,
    to_conf,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import (
    DIRECTORY,
    HOMES,
    OPTIONAL,
    OPTIONS,
    SECTIONS,
    TEXT,
    VARIABLES,
    File,
)

Values = t.Mapping[str, t.Any]
# Of logging.conf: all programs, one of them, or one part of the log.
LOG_SECTION = re.compile(r"(\*|@?[A-Za-z][A-Za-z0-9_-]*)\Z")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# What a definition of R may have besides its path. Admin Guide, Using Multiple Versions of R, Extended R version definitions.
DEFINITION = ("path", "label", "module", "script", "repo", "library")


def entries(asked: Values, kept: t.Mapping[str, Values]) -> list[dict[str, str]]:
    """Files as config_files takes them, of which the inventory names something. `asked`: variables by name.

    `kept`: options that were found and stay, by file.
    """
    return [_entry(file, asked, kept.get(file.name, {})) for file in OPTIONAL if value_of(file, asked)]


def value_of(file: File, asked: Values) -> t.Any:
    """What the inventory says of a file, empty where it says nothing."""
    value = asked.get(file.variable)
    if file.grammar == HOMES:
        return [*({"path": path} for path in asked.get("server_r_paths") or []), *(value or [])]
    return value


def flat(file: File, value: t.Any) -> dict[str, t.Any]:
    """Options by key, of a file with sections by `section.key`, as what was found has them."""
    if file.grammar != SECTIONS:
        return dict(value or {})
    parts = {name: options for name, options in (value or {}).items() if isinstance(options, t.Mapping)}
    return {f"{name}.{key}": item for name, options in parts.items() for key, item in options.items()}


def nested(file: File, options: Values) -> dict[str, t.Any]:
    """What `flat` was made of."""
    if file.grammar != SECTIONS:
        return dict(options)
    found: dict[str, t.Any] = {}
    for place, item in options.items():
        name, __, key = place.partition(".")
        found.setdefault(name, {})[key] = item
    return found


def text(file: File, value: t.Any, kept: Values | None = None) -> str:
    """A file with what the inventory says of it. Raises `Failure` for what no parser would read back."""
    return WRITERS[file.grammar](file, value, kept or {})


def _entry(file: File, asked: Values, kept: Values) -> dict[str, str]:
    content = text(file, value_of(file, asked), kept)
    told = {"secret_base64": base64.b64encode(content.encode()).decode()} if file.hidden else {"content": content}
    return {"path": DIRECTORY + file.name, "mode": file.mode, **told}


def _options(file: File, value: Values, kept: Values) -> str:
    return to_conf(value, file.variable, kept)


def _sections(file: File, value: Values, kept: Values) -> str:
    stay = nested(file, kept)
    parts = []
    for name in dict.fromkeys([*value, *stay]):
        if not LOG_SECTION.match(name):
            raise Failure(f"'{name}' is not a section: *, @program, or a part of the log by its name")
        parts.append(f"[{name}]\n{to_conf(value.get(name) or {}, kept=stay.get(name))}")
    return managed(file.variable) + "\n".join(parts)


def _variables(file: File, value: Values, kept: Values) -> str:
    """What the product sets it reads as it stands: quotes and a `#` are part of a value, blanks at its end are not."""
    lines = _assignments({name: item for name, item in value.items() if name not in kept})
    return managed(file.variable) + lines + (f"{KEPT}\n{_assignments(kept)}" if kept else "")


def _assignments(variables: Values) -> str:
    lines = ""
    for name, item in variables.items():
        if not NAME.match(str(name)):
            raise Failure(f"'{name}' is not a name of a variable: letters, digits and '_' only")
        if isinstance(item, (bool, dict, list, tuple)) or item is None:
            raise Failure(f"the value of {name} is not text or a number; write it in quotes")
        found = str(item)
        if re.search(r"[\r\n]", found) or found != found.strip(BLANKS):
            raise Failure(f"the value of {name} has a line break, or a blank at an end, which the product would drop")
        lines += f"{name}={found}\n"
    return lines


def _homes(file: File, value: t.Sequence[Values], _kept: Values) -> str:
    """One home a line, or where one has more than a path a block for each."""
    if not any(set(home) - {"path"} for home in value):
        return "".join(f"{home['path']}\n" for home in value)
    return managed(f"{file.variable} or server_r_paths") + "\n".join(map(_definition, value))


def _definition(home: Values) -> str:
    lines = ""
    for key in DEFINITION:
        item = home.get(key)
        if item in (None, ""):
            continue
        if re.search(r"[\r\n]", str(item)) or str(item) != str(item).strip(BLANKS):
            raise Failure(
                f"{key} of {home['path']} has a line break, or a blank at an end, which the product would drop"
            )
        lines += f"{key.capitalize()}: {item}\n"
    return lines


def _text(file: File, value: str, _kept: Values) -> str:
    """Lines for nginx say who manages them; the answer of a health check goes to whoever asks."""
    head = managed(file.variable) if file.name.startswith("nginx.") else ""
    return head + value.rstrip("\n") + "\n"


WRITERS: dict[str, t.Callable[[File, t.Any, Values], str]] = {
    OPTIONS: _options,
    SECTIONS: _sections,
    VARIABLES: _variables,
    HOMES: _homes,
    TEXT: _text,
}
