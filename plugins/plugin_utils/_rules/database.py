# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the database host and the nodes mean the same database. Pure; on the controller only."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

Members = t.Mapping[str, t.Mapping[str, t.Any]]


class _Variable(t.NamedTuple):
    """How a variable's value is compared, what the roles take where it is not set, and whether it may be shown."""

    comparable: t.Callable[[t.Any], t.Any]
    default: t.Any
    shown: bool = True


# The defaults of the role database: they are out of sight where another role's variables are compared.
VARIABLES = {
    "database_manage": _Variable(lambda value: boolean(value, strict=False), True),
    "database_port": _Variable(str, 5432),
    "database_name": _Variable(str, "rstudio"),
    "database_user": _Variable(str, "rstudio"),
    "database_password": _Variable(str, "", shown=False),
}


def database_differences(hosts: t.Sequence[str], hostvars: Members) -> list[str]:
    """One sentence for each variable of the database that is not the same on all of `hosts`; no password in any.

    `hostvars` holds each host's variables by its name. One that a host does not have, or has as `None`, counts as its
    default, an empty one for the password: that is what the host's own tasks would take.
    """
    sentences: list[str] = []
    for name, variable in VARIABLES.items():
        seen: dict[t.Any, list[str]] = {}
        for host in hosts:
            value = hostvars[host].get(name)
            seen.setdefault(variable.comparable(variable.default if value is None else value), []).append(str(host))
        if len(seen) > 1:
            words = seen if variable.shown else _hidden(seen)
            parts = [f"{word} for {', '.join(names)}" for word, names in zip(words, seen.values())]
            sentences.append(f"{name} is {'; '.join(parts)}.")
    return sentences


def _hidden(values: t.Iterable[str]) -> list[str]:
    """A word for each of different passwords: whether there is one, and not which."""
    words: list[str] = []
    for value in values:
        words.append(("set to another" if "set" in words else "set") if value else "empty")
    return words
