# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a node that this collection did not write, as they may leave it.

A file of ours counts with the options only that were found and kept: those below its line `KEPT`.
"""

from __future__ import annotations

import os
import typing as t
import urllib.parse

from ansible_collections.workbench.cluster.plugins.module_utils._product import migration
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import KEPT, MANAGED
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import named_file
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import (
    grammar,
    parse_boost,
    parse_sections,
    parse_settings,
    sections,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import shown

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        FoundOptions,
        Options,
        OptionsFile,
        OptionsReport,
        OptionsSection,
        Sqlite,
    )

FILES = (
    *("rserver.conf", "load-balancer", "file-locks", "database.conf", "launcher.conf", "launcher.local.conf"),
    *("rsession.conf", "logging.conf", "env-vars", "crash-handler.conf", "repos.conf"),
)
# The role keys finds and writes it.
ELSEWHERE = ("database.conf", "password")
# The node list of 1.4, which nobody reads any more.
UNREAD = ("load-balancer", "nodes")
# What an unused server has rows in as well.
OWN_TABLES = ("schema_version", "cluster", "node")


def read_options(config_dir: str, data_dir: str) -> OptionsReport:
    """What the files of `FILES` have, and the SQLite database. `OSError` where a file that is there cannot be read."""
    files = {}
    for name in FILES:
        path = named_file(config_dir, "database-config-file", name) if name == "database.conf" else ""
        files[name] = read_file(path or os.path.join(config_dir, name), name)
    return {"files": files, "sqlite": _sqlite(config_dir, data_dir)}


def read_file(path: str, name: str) -> OptionsFile:
    """One file: its options, or of launcher.conf its `sections` instead."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return {"state": "absent", "options": {}, "hidden": [], "sections": []}
    ours = text.startswith(MANAGED)
    state: t.Literal["ours", "found"] = "ours" if ours else "found"
    if name == "launcher.conf":
        return {"state": state, "options": {}, "hidden": [], "sections": read_sections(text, ours)}
    return {"state": state, **_reported(name, _read(name, text, ours)), "sections": []}


def _read(name: str, text: str, ours: bool) -> Options:
    if name != "logging.conf":
        return (grammar(name) or parse_boost)(_counted(text, ours))
    options: Options = {}
    for section, body in sections(text):
        for key, values in (parse_sections(_counted(body, ours)) or {}).items():
            options.setdefault(f"{section}.{key}", []).extend(values)
    return options


def read_sections(text: str, ours: bool) -> list[OptionsSection]:
    found: list[OptionsSection] = []
    for name, body in sections(text):
        if name:
            label = parse_boost(body).get("name", [""])[0]
            counted = _reported("launcher.conf", parse_boost(_counted(body, ours)))
            found.append({"name": name, "label": label, **counted})
    return found


def _counted(text: str, ours: bool) -> str:
    return text.partition(f"{KEPT}\n")[2] if ours else text


def _reported(name: str, options: Options) -> FoundOptions:
    """Options as they may leave the node: of a secret, and of what is no text, the key alone."""
    told = {key: values for key, values in options.items() if key and (name, key) not in (ELSEWHERE, UNREAD)}
    hidden = {key for key, values in told.items() if not all(_tellable(key, value) for value in values)}
    return {
        "options": {key: values for key, values in told.items() if key not in hidden},
        "hidden": sorted(key.encode("utf-8", "replace").decode() for key in hidden),
    }


def _tellable(key: str, value: str) -> bool:
    try:
        f"{key}{value}".encode()
    except UnicodeEncodeError:
        return False
    return shown(key, value) == value


def _sqlite(config_dir: str, data_dir: str) -> Sqlite:
    """The SQLite database the server has used so far; `empty` where no user ever signed in."""
    moving = migration.underway()
    if moving:  # whatever database.conf says by now
        return {"path": moving, "state": "moving"}
    settings: Options = {}
    try:
        with open(named_file(config_dir, "database-config-file", "database.conf"), "rb") as file:
            settings = parse_settings(file.read().decode("utf-8", "surrogateescape"))
    except FileNotFoundError:
        pass
    path = os.path.join(settings.get("directory", [data_dir])[0], "rstudio.sqlite")
    if settings.get("provider", ["sqlite"])[0].lower() != "sqlite" or not os.path.isfile(path):
        return {"path": path, "state": "absent"}
    return {"path": path, "state": "data" if _has_rows(path) else "empty"}


def _has_rows(path: str) -> bool:
    """What cannot be told counts as data. The file is opened without a lock or a journal: the server may run."""
    try:
        import sqlite3
    except ImportError:
        return True
    if os.path.isfile(f"{path}-wal") and os.path.getsize(f"{path}-wal"):
        return True
    try:
        connection = sqlite3.connect(f"file:{urllib.parse.quote(path)}?mode=ro&immutable=1", uri=True)
        try:
            rows = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            tables = [str(name).replace('"', '""') for (name,) in rows if name not in OWN_TABLES]
            ask = connection.execute
            return any(ask(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone() for table in tables)  # quoted  # nosec B608
        finally:
            connection.close()
    except sqlite3.Error:
        return True
