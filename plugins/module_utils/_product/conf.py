# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write the product's configuration files. Pure.

Two parsers read them. That of `rserver.conf` drops what follows a `#`, keeps quotes, and refuses a key it has seen;
that of `database.conf` and `file-locks` keeps a `#`, reads a value in double quotes as a JSON string, and takes the first
of two values. Both split lines at `\n` only and know the blanks of ASCII only. What is written here means the same to both.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

# std::isspace of the classic locale, which boost::algorithm::trim asks.
BLANKS = " \t\n\v\f\r"
# First line of a file this collection writes, and the line above options it found and keeps. Neither has a `=`, which
# would make it a setting.
MANAGED = "# Managed by Ansible, workbench.cluster"
KEPT = "# Found on a node and kept: server_unknown_options"
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
# Of profiles `*` is everybody, and `@` stands before a group.
SECTION = re.compile(r"(\*|@?[A-Za-z_][A-Za-z0-9_.$-]*)\Z")


def managed(variable: str) -> str:
    """The line that says who writes a file, and which variable changes it."""
    return f"{MANAGED}: change {variable} in the inventory.\n"


def to_conf(options: t.Mapping[str, object], variable: str = "", kept: t.Mapping[str, object] | None = None) -> str:
    """`key=value` lines in the order of `options`; a list repeats its key, `None` leaves the key out.

    With `variable` the first line says who manages the file. Options that were found and are `kept` stand last, below a
    line that says so, in place of those of the same name.
    """
    head = managed(variable) if variable else ""
    if not kept:
        return head + _lines(options)
    return head + _lines({key: value for key, value in options.items() if key not in kept}) + f"{KEPT}\n{_lines(kept)}"


def _lines(options: t.Mapping[str, object]) -> str:
    lines: list[str] = []
    for key, value in options.items():
        if not KEY.match(key):
            raise Failure(f"'{key}' is not a key of a configuration file: letters, digits, '-', '_' and '.' only")
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if item is not None:
                lines.append(f"{key}={_written(key, item)}\n")
    return "".join(lines)


def to_sectioned_conf(sections: t.Iterable[t.Mapping[str, t.Any]], variable: str = "") -> str:
    """`[name]` and its options for each `{name, options, kept}`, in order; a name may come twice, `kept` be absent."""
    parts: list[str] = []
    for section in sections:
        if not SECTION.match(section["name"]):
            raise Failure(
                f"'{section['name']}' is not a name of a section: letters, digits, '-', '_', '.' and '$' only, or '*'"
            )
        parts.append(f"[{section['name']}]\n{to_conf(section['options'], kept=section.get('kept'))}")
    return (managed(variable) if variable else "") + "\n".join(parts)


def read_settings(text: str) -> dict[str, str]:
    """What the parser of `database.conf` and `file-locks` reads: the first value of a key, a quoted one as JSON."""
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        key, found, value = line.partition("=")
        if found:
            settings.setdefault(key.strip(BLANKS), _unquoted(value.strip(BLANKS)))
    return settings


def _unquoted(value: str) -> str:
    """A JSON string as what it says; what only looks like one stays as it is, quotes included."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            text = str(json.loads(value))
            text.encode()
        except ValueError:
            return value
        return text
    return value


def _written(key: str, value: object) -> str:
    """One value as text. Errors name the key only: the value may be a secret."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (dict, list, tuple)):
        raise Failure(f"the value of {key} is a {type(value).__name__}, not text, a number or a boolean")
    text = str(value)
    if "\n" in text or "\r" in text:
        raise Failure(f"the value of {key} has a line break, which would start another option")
    if "#" in text:
        raise Failure(f"the value of {key} has a '#', which would start a comment")
    if '"' in text:
        raise Failure(
            f"the value of {key} has a double quote, which one of the product's parsers keeps and another drops"
        )
    if text != text.strip(BLANKS):
        raise Failure(f"the value of {key} begins or ends with a blank, which the product would drop")
    return text
