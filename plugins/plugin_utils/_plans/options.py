# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of options that were found on nodes and that the inventory does not name. Pure."""

from __future__ import annotations

import typing as t

import yaml
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import DIRECTORY, file_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import flat, nested
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.found_options import (
    OWN_VARIABLES,
    VARIABLES,
    Asked,
    Item,
    asked_sections,
    unknown_options,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import SECTIONS
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import grouped, listed
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

# What the inventory may say of options.
INVENTORY = {*VARIABLES.values(), SECTIONS, *(name for names in OWN_VARIABLES.values() for name in names)}
Reports = t.Mapping[str, Answer]
# By the state of the SQLite database that a server has used so far.
SQLITE_ERRORS = {
    "data": (
        "{host}: Workbench has its data in SQLite ({path}), which a cluster cannot use. Move it with the playbook "
        "migrate_database, which keeps a copy. Or by hand, as the Administration "
        "Guide says under Database, Migration: make a role and an empty PostgreSQL database; stop rstudio-server on this node; "
        "set provider=postgresql, host, database, username and password in /etc/rstudio/database.conf, and leave directory as "
        "it is; run `rstudio-server migrate-db` and look at what it says; start rstudio-server, and run again. "
        "To begin with an empty database in place of that, move the file away."
    ),
    "moving": (
        "{host}: its data in SQLite ({path}) were on their way to PostgreSQL when a run was cut off. Run the playbook "
        "migrate_database again, before the server starts without them."
    ),
}


def plan_options(
    reports: Reports,
    asked: t.Mapping[str, Asked],
    ours: t.Mapping[str, t.Any],
    unknown: str = "refuse",
    present: t.Sequence[str] = (),
    *,
    migrate: bool = False,
) -> dict[str, t.Any]:
    """`{errors: [text], kept: {host: {file: {key: value}}}, sections: {host: list}}`.

    `reports`: the answers of options_info, of members outside the run as well. `asked`: the
    variables the inventory sets, by host, and its `address` in the cluster. `ours`: `{file: {key: value}}` as the role
    writes it where nobody sets anything, and `server_launcher_sections`. `unknown`: `refuse`, `keep` or `drop`. `present`:
    the hosts of the run. `migrate`: whether data in SQLite are moved by this run.

    An error has several lines: those to paste stand by themselves.
    """
    found = {
        host: unknown_options(report["options"], asked.get(host, {}), ours)
        for host, report in reports.items()
        if report["state"] == "reachable"
    }
    errors = [
        SQLITE_ERRORS[state].format(host=host, path=reports[host]["options"]["sqlite"]["path"])
        for host in present
        if host in found and not migrate and (state := reports[host]["options"]["sqlite"]["state"]) in SQLITE_ERRORS
    ]
    movers = [
        host for host in present if host in found and reports[host]["options"]["sqlite"]["state"] in SQLITE_ERRORS
    ]
    if migrate and len(movers) > 1:
        errors.append(
            f"{listed(movers)} each have data in SQLite, and a cluster has one database: one of them may keep its own."
        )
    kept: list[Item] = []
    there = {
        place
        for host, items in found.items()
        if any(item.section for item in items)
        for place in _places(reports[host])
    }
    if unknown == "refuse":
        errors += _listed({host: found.get(host, []) for host in present}, reports, asked, ours, _REFUSED)
    elif unknown == "keep":
        wanting = {host: [item for item in found.get(host, []) if not item.keepable] for host in present}
        errors += _listed(wanting, reports, asked, ours, _NOT_KEPT)
        kept, conflicts = _common(found)
        errors += conflicts
    return {
        "errors": errors,
        "kept": {host: _flat(kept, asked.get(host, {})) for host in present},
        "sections": {host: _sections(kept, there, asked.get(host, {}), ours) for host in present},
    }


def _common(found: t.Mapping[str, list[Item]]) -> tuple[list[Item], list[str]]:
    """What all nodes get of what some have, and a sentence for each option that two nodes have otherwise."""
    owners: dict[tuple[str, tuple[str, str] | None, str], dict[str, tuple[str, ...]]] = {}
    for host, items in found.items():
        for item in items:
            if item.keepable:
                owners.setdefault((item.file, item.section, item.key), {})[host] = item.values
    kept = [
        Item(*place, next(iter(hosts.values()))) for place, hosts in owners.items() if len(set(hosts.values())) == 1
    ]
    return kept, [
        f"{file}: {' and '.join(f'{key}={listed(value)} on {listed(hosts)}' for value, hosts in grouped(values).items())}. "
        f"All nodes of a cluster have one: set it in {SECTIONS if section else VARIABLES[file]}."
        for (file, section, key), values in owners.items()
        if len(set(values.values())) > 1
    ]


def _flat(kept: list[Item], asked: Asked) -> dict[str, dict[str, t.Any]]:
    files: dict[str, dict[str, t.Any]] = {file: {} for file in VARIABLES}
    for item in kept:
        if item.section is None and item.key not in _named(item.file, asked):
            files[item.file][item.key] = _value(item.values, plain=True)
    return files


def _named(file: str, asked: Asked) -> dict[str, t.Any]:
    """What the inventory names of a file, as it is found there."""
    return flat(file_of(DIRECTORY + file), asked.get(VARIABLES[file]))


def _places(report: Answer) -> set[tuple[str, str]]:
    """The sections a node has, `(name, label)`."""
    sections = report["options"]["files"]["launcher.conf"]["sections"] if report["state"] == "reachable" else []
    return {(section["name"], section["label"]) for section in sections}


def _sections(
    items: list[Item], there: set[tuple[str, str]], asked: Asked, ours: t.Mapping[str, t.Any]
) -> list[dict[str, t.Any]]:
    """The sections of launcher.conf with what was found in each as `kept`.

    Where the inventory names none, a default one that is not `there` gives way to those that were found.
    """
    found: dict[tuple[str, str], dict[str, t.Any]] = {}
    for item in items:
        if item.section is not None:
            found.setdefault(item.section, {})[item.key] = _value(item.values, plain=True)
    wanted = asked_sections(asked, ours)
    if found and wanted == ours[SECTIONS]:
        wanted = [section for section in wanted if (section["name"], section["options"].get("name")) in there]
    sections: list[dict[str, t.Any]] = [{"name": section["name"], "options": section["options"]} for section in wanted]
    for section in sections:
        section["kept"] = found.pop((section["name"], str(section["options"].get("name", ""))), {})
    return sections + [{"name": name, "options": {}, "kept": options} for (name, _label), options in found.items()]


_REFUSED = (
    "/etc/rstudio has options that the inventory does not name and this collection did not write. Add them to the inventory:",
    "or set server_unknown_options to keep (they stay, on all nodes) or to drop (they go).",
)
_NOT_KEPT = (
    "server_unknown_options=keep cannot keep these: they say which database, storage or address it is, are secrets, or have "
    "quotes or a '#' that not every parser of the product reads alike. "
    "Add them to the inventory:",
    "or set server_unknown_options to drop (they go).",
)


def _listed(
    found: t.Mapping[str, list[Item]],
    reports: Reports,
    asked: t.Mapping[str, Asked],
    ours: t.Mapping[str, t.Any],
    words: tuple[str, str],
) -> list[str]:
    """One error for hosts with the same options, with lines to paste."""
    lines = {
        host: tuple(_pasted(items, _places(reports[host]), asked.get(host, {}), ours))
        for host, items in found.items()
        if items
    }
    return ["\n".join([f"{listed(hosts)}: {words[0]}", *paste, words[1]]) for paste, hosts in grouped(lines).items()]


def _pasted(items: list[Item], there: set[tuple[str, str]], asked: Asked, ours: t.Mapping[str, t.Any]) -> list[str]:
    found: dict[str, t.Any] = {}
    hints: list[str] = []
    for item in items:
        variable = SECTIONS if item.section else VARIABLES[item.file]
        if not item.values:
            hints.append(
                f"# {variable}: {item.key} has a secret, or no text, that stays on the node; take it from a vault"
            )
        elif item.section is None and (item.file, item.key) in OWN_VARIABLES:
            found[OWN_VARIABLES[item.file, item.key][0]] = _value(item.values)
        elif item.section is None:
            found.setdefault(variable, {})[item.key] = _value(item.values)
    for file, variable in VARIABLES.items():
        if variable in found:
            found[variable] = nested(file_of(DIRECTORY + file), found[variable])
    if any(item.section and item.values for item in items):
        found[SECTIONS] = [
            {"name": section["name"], "options": {**section["options"], **section["kept"]}}
            for section in _sections([item for item in items if item.values], there, asked, ours)
        ]
    return [f"{variable}: {_yaml(value)}" for variable, value in found.items()] + hints


def _yaml(value: t.Any) -> str:
    """On one line."""
    text: str = yaml.safe_dump([value], default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True)
    return text.strip()[1:-1]


def _value(values: tuple[str, ...], plain: bool = False) -> t.Any:
    """One value as itself, whole numbers as such unless `plain`."""
    if len(values) != 1:
        return list(values)
    text = values[0]
    return int(text) if not plain and text.isascii() and text.isdigit() and str(int(text)) == text else text
