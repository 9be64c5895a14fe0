# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of roles, and their README files, from argument specs; examples of variables stand in their defaults."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml
from antsibull_docs_parser.dom import PluginIdentifier
from generator.markup import Links, Prose, cell, code, linked, plugin_identifier
from generator.options import Spec, section, table, value

TOLD = "Default is "
WRITTEN = "<!-- Written by docs/reference.py from meta/argument_specs.yml. -->"


@dataclass(frozen=True)
class Role:
    """A role by its argument specs; `defaults` is the text of `defaults/main.yml`."""

    name: str
    specs: t.Mapping[str, Spec]
    defaults: str

    @classmethod
    def read(cls, folder: Path) -> Role:
        specs = yaml.safe_load((folder / "meta" / "argument_specs.yml").read_text())["argument_specs"]
        return cls(folder.name, specs, (folder / "defaults" / "main.yml").read_text())

    @property
    def identifier(self) -> PluginIdentifier:
        return plugin_identifier("role", self.name)

    @property
    def main(self) -> Spec:
        return self.specs["main"]

    @property
    def options(self) -> Spec:
        options: Spec = self.main["options"]
        return options


def examples(role: Role) -> dict[str, str]:
    """Examples by variable: what is commented out in the defaults, from a line `# <variable>:` to the end of the comment."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in role.defaults.splitlines():
        if not line.startswith("#"):
            current = ""
            continue
        bare = line[1:].removeprefix(" ")
        named = bare.partition(":")[0]
        if named in role.options:
            current = named
        if current:
            found.setdefault(current, []).append(bare)
    return {name: "\n".join(lines) for name, lines in found.items()}


def default(option: Spec, prose: Prose) -> str:
    """For a cell: the default's value, else what the description says it is."""
    if option.get("default") is not None:
        return cell(value(option["default"]))
    told = [line for line in prose.sentences(option["description"]) if line.startswith(TOLD)]
    return told[0].removeprefix(TOLD).removesuffix(".") if told else ""


def overview(role: Role, prose: Prose) -> str:
    """A row for each variable: name, default and the first sentence about it."""
    rows = (
        [
            linked(code(name), prose.links.option_link(role.identifier, name)),
            default(option, prose),
            prose.sentences(option["description"])[0],
        ]
        for name, option in role.options.items()
    )
    return table(["variable", "default", "meaning"], rows)


def _head(role: Role, prose: Prose) -> list[str]:
    return [
        f"# Role `workbench.cluster.{role.name}`",
        f"{prose.line(role.main['short_description'])}.",
        prose.paragraphs(role.main["description"]),
        "## Example",
        f"```yaml\n{role.main['examples'].strip()}\n```",
        "## Variables",
    ]


def _other_entry_points(role: Role, prose: Prose) -> list[str]:
    lines = [
        f"* {code(name)}: {prose.line(spec['short_description'])}. {prose.line(spec['description'])}"
        for name, spec in role.specs.items()
        if name != "main"
    ]
    if not lines:
        return []
    told = "For `tasks_from` of `ansible.builtin.include_role`. They take the same variables."
    return ["## Other entry points", told, "\n".join(lines)]


def role_page(role: Role, links: Links) -> str:
    prose, shown = Prose(role.identifier, links), examples(role)
    parts = [
        *_head(role, prose),
        overview(role, prose).rstrip(),
        *(section(name, spec, prose, example=shown.get(name, "")).rstrip() for name, spec in role.options.items()),
        *_other_entry_points(role, prose),
        "## See also",
        f"[What this role never touches](../never-touched.md#{role.name}).",
        WRITTEN,
    ]
    return "\n\n".join(parts) + "\n"


def role_readme(role: Role, links: Links) -> str:
    """Short: what it does, an example, the variables, and where the rest stands."""
    prose = Prose(role.identifier, links)
    parts = [
        *_head(role, prose),
        overview(role, prose).rstrip(),
        f"Types, choices and examples: [reference]({links.plugin_link(role.identifier)}).",
        f"What it leaves alone: [what is never touched](../../docs/never-touched.md#{role.name}).",
        WRITTEN,
    ]
    return "\n\n".join(parts) + "\n"
