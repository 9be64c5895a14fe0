# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with options of the inventory before the product is asked. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import lock_option_problem
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.connection_uri import uri_problems
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import SWITCHES
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.keys import BREAKING, BREAKS
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.kinds import mode_problem
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.known_options import types_of

FILES = {
    "server_rserver_conf": "rserver.conf",
    "server_load_balancer": "load-balancer",
    "server_database_conf": "database.conf",
    "server_file_locks": "file-locks",
    "server_launcher_conf": "launcher.conf server",
    "server_launcher_local_conf": "launcher.local.conf",
}
SECTIONS = "server_launcher_sections"
INTEGER = re.compile(r"[+-]?[0-9]+\Z")
NUMBER = re.compile(r"[0-9]+([.][0-9]+)?\Z")
# Their parsers take 1 and 0 for a switch, and read anything else as the default.
ONE_AND_ZERO = ("database.conf", "load-balancer", "logging.conf", "crash-handler.conf")


def option_problems(variables: t.Mapping[str, t.Any]) -> list[str]:
    """One sentence for each variable that cannot be written and each option of a type the product would not take.

    `variables`: those of `FILES` and `SECTIONS`, by name. What is not in the table of known options is left to the
    product's own check.
    """
    problems: list[str] = []
    for variable, file in FILES.items():
        problems += _problems(variable, file, variables.get(variable) or {})
    for section in variables.get(SECTIONS) or []:
        problems += _problems(SECTIONS, f"launcher.conf {section['name']}", section["options"], section["name"])
    return problems + _connection(variables.get("server_database_conf") or {})


def _connection(options: t.Mapping[str, t.Any]) -> list[str]:
    """What is wrong with how `database.conf` logs in; neither the URI nor the password is repeated."""
    uri, password = options.get("connection-uri"), options.get("password")
    problems = []
    if uri:
        wrong = uri_problems(str(uri), str(password or ""))
        problems = [f"connection-uri in server_database_conf {problem}." for problem in wrong]
    if isinstance(password, str) and BREAKING.search(password):
        problems.append(f"password in server_database_conf {BREAKS}. Give the role another, of other characters.")
    return problems


def _problems(variable: str, file: str, options: t.Mapping[str, t.Any], section: str | None = None) -> list[str]:
    try:
        to_conf(options)
        to_sectioned_conf([] if section is None else [{"name": section, "options": {}}])
    except Failure as failure:
        return [f"{variable}: {failure}."]
    kinds = types_of(file)
    found = [(key, wrong_type(file, kinds[key], value)) for key, value in options.items() if key in kinds]
    if file == "file-locks":
        found += [(key, _wrong_lock_option(key, value)) for key, value in options.items()]
    return [f"{key}{said(options[key])} in {variable}: {wrong}." for key, wrong in found if wrong]


def wrong_type(file: str, kind: str, value: t.Any) -> str:
    """What the value of an option of type `kind` has to be, empty where it is that or is not set."""
    if kind == "lock":
        return ""
    if isinstance(value, (list, tuple)):
        items = [item for item in value if item is not None]
        if kind == "list":
            return next((wrong for wrong in (wrong_type(file, "string", item) for item in items) if wrong), "")
        if len(items) > 1:
            return "the product takes one value, and would not start with this key repeated"
        value = items[0] if items else None
    if value is None:
        return ""
    if kind == "bool":
        return _wrong_switch(file, value)
    if kind == "number":
        number = not isinstance(value, bool) and NUMBER.match(str(value))
        return "" if number else "the product takes a number, and would read its default"
    if kind == "mode":
        return mode_problem(value)
    if "|" in kind:
        words = kind.split("|")
        return (
            "" if str(value).lower() in words else f"the product takes {', '.join(words)}, and would read its default"
        )
    if kind == "int":
        fits = not isinstance(value, bool) and INTEGER.match(str(value)) and -(2**31) <= int(value) < 2**31
        return "" if fits else "the product takes a whole number of at most ten digits"
    return "the product takes text; write it in quotes" if isinstance(value, bool) else ""


def _wrong_switch(file: str, value: t.Any) -> str:
    if isinstance(value, bool):
        return ""
    if file in ONE_AND_ZERO:
        return (
            "" if str(value) in ("0", "1") else "the product takes true or false (1 or 0), and would read its default"
        )
    return "" if str(value).lower() in SWITCHES else "the product takes true or false (1, 0, yes, no, on, off)"


def _wrong_lock_option(key: str, value: t.Any) -> str:
    items = [item for item in (value if isinstance(value, (list, tuple)) else [value]) if item is not None]
    if len(items) > 1:
        return "the product takes the first of several values"
    switch = key in ("use-symlinks", "enable-logging")
    texts = [str(int(item)) if switch and isinstance(item, bool) else str(item) for item in items]
    return next((wrong for wrong in (lock_option_problem(key, text) for text in texts) if wrong), "")


def said(value: t.Any) -> str:
    """The value behind its option's name, but not of a list: it may be one of secrets."""
    return "" if isinstance(value, (list, tuple)) else f"={str(value).lower() if isinstance(value, bool) else value}"
