# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of roles, modules and filters: a section for each, a table for those within one."""

from __future__ import annotations

import textwrap
import typing as t

import yaml
from ansible.parsing.yaml.dumper import AnsibleDumper
from generator.markup import Prose, cell, code

Spec = t.Mapping[str, t.Any]


def _yaml(content: t.Any, flow: bool | None) -> str:
    text: str = yaml.dump(
        content, Dumper=AnsibleDumper, default_flow_style=flow, width=10_000, allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...")


def value(content: t.Any) -> str:
    """A value as it stands in an inventory, on one line."""
    return code(_yaml(content, True))


def block(content: t.Any, indent: str) -> str:
    """A value line by line, what is innermost on one."""
    return textwrap.indent(f"```yaml\n{_yaml(content, None)}\n```", indent)


def kind(option: Spec) -> str:
    """`list of dict`, or the choices in place of the type."""
    named: str = option.get("type", "str")
    if "choices" in option:
        choices = ", ".join(value(choice) for choice in option["choices"])
        return f"list of any of {choices}" if named == "list" else f"one of {choices}"
    return f"{named} of {option['elements']}" if "elements" in option else named


def table(head: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _inner(spec: Spec, prose: Prose, prefix: str = "") -> t.Iterator[list[str]]:
    """Rows of the options within an option, those within them included."""
    for name, option in spec.items():
        default = "required" if option.get("required") else value(option["default"]) if "default" in option else ""
        yield [code(prefix + name), cell(kind(option)), cell(default), prose.cell(option.get("description"))]
        yield from _inner(within(option), prose, f"{prefix}{name}.")


def within(option: Spec) -> Spec:
    """The options within one; roles and modules have different words for it."""
    inner: Spec = option.get("options") or option.get("suboptions") or {}
    return inner


def _described(option: Spec, prose: Prose) -> str:
    """Paragraphs; those that begin with a choice are a list."""
    choices = tuple(code(str(choice)) for choice in option.get("choices", ()))
    text = ""
    for paragraph in prose.paragraphs(option.get("description")).split("\n\n"):
        item = paragraph.startswith(choices)
        follows = text.rpartition("\n")[2].startswith("* ") and item
        text += ("" if not text else "\n" if follows else "\n\n") + ("* " if item else "") + paragraph
    return text


def section(name: str, option: Spec, prose: Prose, *, title: str = "", example: str = "") -> str:
    """Heading, facts on one line, description, the options within, an example."""
    facts = [kind(option)]
    if option.get("required"):
        facts.append("required")
    elif option.get("default") is not None:
        facts.append(f"default {value(option['default'])}")
    if option.get("no_log"):
        facts.append("secret")
    parts = [f"### {title or code(name)}", " · ".join(facts), _described(option, prose)]
    if within(option):
        parts.append(table(["key", "type", "default", "meaning"], _inner(within(option), prose)).rstrip())
    if example:
        parts.append(f"```yaml\n{example.strip()}\n```")
    return "\n\n".join(parts) + "\n"
