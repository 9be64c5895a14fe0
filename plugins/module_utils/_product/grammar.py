# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammars of the product's configuration files: which file has which, and what is read from it. Pure."""

from __future__ import annotations

import fnmatch
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import read_settings

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options

SWITCHES = {"", "0", "1", "true", "false", "yes", "no", "on", "off"}
BOOST_BLANKS = " \t\r\n"
OPTION = re.compile(r"([A-Za-z][\w.-]*)\s*=\s*(.*)\Z")
VARIABLE = re.compile(r"((?:export\s+)?[A-Za-z_]\w*)\s*=\s*(.*)\Z")


def switched_on(options: t.Mapping[str, t.Sequence[str]], name: str, default: bool = False) -> bool:
    """A switch as the product reads it: `name=` alone is on (Boost's parser)."""
    values = options.get(name)
    return is_on(values[0]) if values else default


def is_on(switch: str) -> bool:
    return switch.lower() in ("", "1", "true", "yes", "on")


def port_number(text: str) -> int | None:
    """`None` for text that is no port, 1 to 65535."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    return number if 1 <= number <= 65535 else None


def grammar(name: str) -> t.Callable[[str], Options] | None:
    """The parser of a file with this name; `None` where the grammar is not known."""
    for pattern, parse in GRAMMARS:
        if fnmatch.fnmatchcase(name, pattern):
            return parse
    return None


def parse_boost(text: str) -> Options:
    """`key=value`, `#` begins a comment anywhere, quotes are part of the value, `[section]` prefixes what follows."""
    options: Options = {}
    section = ""
    for raw in text.split("\n"):
        line = raw.partition("#")[0].strip(BOOST_BLANKS)
        if line.startswith("[") and line.endswith("]"):
            section = f"{line[1:-1].strip(BOOST_BLANKS)}."
        elif line:
            key, _equals, value = line.partition("=")
            options.setdefault(section + key.strip(BOOST_BLANKS), []).append(value.strip(BOOST_BLANKS))
    return options


def sections(text: str) -> list[tuple[str, str]]:
    """Name and text of each `[section]` in its order; what stands before the first has no name."""
    found = []
    for part in re.split(r"(?m)^(?=[ \t]*\[)", text):
        header, _end, body = part.partition("\n")
        line = header.partition("#")[0].strip(BOOST_BLANKS)
        named = line.startswith("[") and line.endswith("]")
        found.append((line[1:-1].strip(BOOST_BLANKS), body) if named else ("", part))
    return found


def says_the_same(name: str, before: bytes, after: bytes) -> bool:
    """Whether the product reads the same from both texts of a file; `False` for a file whose grammar is not sure."""
    was = canonical(name, before)
    return was is not None and was == canonical(name, after)


def canonical(name: str, content: bytes) -> Options | list[tuple[str, Options]] | None:
    """What the product reads from a file, the same for two that say the same; `None` where the grammar is not sure."""
    text = content.decode("utf-8", "surrogateescape")
    if fnmatch.fnmatchcase(name, "launcher.*conf"):
        return _sectioned(text)
    parse = grammar(name) if name in ("rserver.conf", "load-balancer", "database.conf", "file-locks") else None
    return parse(text) if parse else None


def _sectioned(text: str) -> list[tuple[str, Options]]:
    read = [(name, parse_boost(body)) for name, body in sections(text)]
    return [(name, options) for name, options in read if name or options]


def parse_settings(text: str) -> Options:
    """The first of two values counts; a leading `#` makes a key that nobody asks for."""
    return {key: [value] for key, value in read_settings(text).items() if not key.startswith("#")}


def parse_sections(text: str) -> Options | None:
    """A file whose grammar is not known, as one of sections and options; `None` where it is plainly something else.

    Only whole lines are comments: whether a `#` within a line begins one nobody can tell.
    """
    options: Options = {}
    section = ""
    for line in map(str.strip, text.splitlines()):
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            section = f"{line[1:-1].strip()}."
            continue
        found = OPTION.match(line)
        if not found:
            return None
        key, value = found.groups()
        options.setdefault(section + key, []).append(value)
    return options


def parse_load_balancer(text: str) -> Options:
    """`[config]` may stand above the options; `[nodes]`, up to 1.4, has a node a line."""
    options: Options = {}
    for key, values in parse_boost(text).items():
        if key.startswith("nodes."):
            options.setdefault("nodes", []).append(key[len("nodes.") :])
        else:
            options.setdefault(key[len("config.") :] if key.startswith("config.") else key, []).extend(values)
    return options


def parse_variables(text: str) -> Options:
    """`KEY=VALUE` lines; a `#` begins a comment at the beginning of a line only.

    A line without a name may be the rest of a value; all such lines are values of the empty name.
    """
    options: Options = {}
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            found = VARIABLE.match(line)
            key, value = found.groups() if found else ("", line)
            options.setdefault(key, []).append(value)
    return options


GRAMMARS: tuple[tuple[str, t.Callable[[str], Options]], ...] = (
    ("rserver.conf", parse_boost),
    ("rsession.conf", parse_boost),
    ("launcher.conf", parse_boost),
    ("launcher.*.conf", parse_boost),
    ("load-balancer", parse_load_balancer),
    ("database.conf", parse_settings),
    ("audit-database.conf", parse_settings),
    ("file-locks", parse_settings),
    ("crash-handler.conf", parse_settings),
    ("repos.conf", parse_settings),
    ("env-vars", parse_variables),
)
