# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of modules and filters, from the documentation in their files or beside them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring
from antsibull_docs_parser.dom import PluginIdentifier
from generator.markup import COLLECTION, Links, Prose, cell, code, linked, plugin_identifier
from generator.options import Spec, block, kind, section, table, value

# Of a sample that stands within a line.
LONGEST = 80


@dataclass(frozen=True)
class Plugin:
    """A module or filter by its documentation. `kind` is `module` or `filter`."""

    kind: str
    name: str
    doc: Spec
    examples: str
    returned: Spec

    @property
    def identifier(self) -> PluginIdentifier:
        return plugin_identifier(self.kind, self.name)


def documented(folder: Path, kind: str) -> list[Plugin]:
    """Those meant for people, by name. A file of several plugins has none, but a `.yml` file beside it for each."""
    found = []
    for source in sorted(path for path in folder.iterdir() if path.suffix in (".py", ".yml")):
        doc, examples, returned, _metadata = get_docstring(
            str(source), fragment_loader, collection_name=COLLECTION, plugin_type=kind
        )
        if doc and not internal(source.stem, doc):
            found.append(Plugin(kind, source.stem, doc, str(examples or "").strip(), returned or {}))
    return sorted(found, key=lambda plugin: plugin.name)


def internal(name: str, doc: Spec) -> bool:
    """What only roles of this collection may use says so."""
    return name.startswith("_") or str(doc["short_description"]).startswith("[INTERNAL]")


def plugin_page(plugin: Plugin, links: Links) -> str:
    prose, doc = Prose(plugin.identifier, links), plugin.doc
    parts = [
        f"# {plugin.kind.capitalize()} `{plugin.identifier.fqcn}`",
        f"{prose.line(doc['short_description'])}.",
        prose.paragraphs(doc["description"]),
    ]
    if plugin.examples:
        parts += ["## Examples", f"```yaml\n{plugin.examples}\n```"]
    parts += _options(plugin, prose)
    if plugin.returned:
        parts += ["## Returns", "\n".join(_returned(plugin.returned, prose)).rstrip()]
    parts += _listed("Notes", doc.get("notes"), prose)
    parts += _listed("Requirements", doc.get("requirements"), prose)
    parts += _attributes(doc, prose)
    parts += _see_also(doc, prose)
    return "\n\n".join(parts) + "\n"


def _options(plugin: Plugin, prose: Prose) -> t.Iterator[str]:
    options = plugin.doc.get("options") or {}
    if not options:
        return
    if plugin.kind == "filter":
        given = ", ".join(str(plugin.doc.get("positional") or "").replace(",", " ").split())
        call = f"{plugin.identifier.fqcn}({given})" if given else plugin.identifier.fqcn
        yield "## Input and options"
        yield f"```jinja\ninput | {call}\n```"
    else:
        yield "## Options"
    for name, option in options.items():
        yield section(name, option, prose, title="Input" if name == "_input" else "").rstrip()


def _returned(values: Spec, prose: Prose, depth: int = 0) -> t.Iterator[str]:
    """A list, what a value contains below it."""
    for name, content in values.items():
        when = content.get("returned", "success")
        facts = kind(content) if when in ("success", "always") else f"{kind(content)}, {prose.line(when)}"
        title = "The result" if name == "_value" else code(name)
        yield f"{'  ' * depth}* {title} ({facts}): {prose.line(content['description'])}{_sample(content, '  ' * (depth + 1))}"
        yield from _returned(content.get("contains") or {}, prose, depth + 1)


def _sample(content: Spec, indent: str) -> str:
    """After the description where it is short, else below it."""
    if content.get("sample") in (None, [], {}, ""):
        return ""
    shown = value(content["sample"])
    return f" Such as {shown}." if len(shown) <= LONGEST else f" Such as\n\n{block(content['sample'], indent)}\n"


def _listed(title: str, lines: t.Sequence[str] | None, prose: Prose) -> list[str]:
    return [f"## {title}", "\n".join(f"* {prose.line(line)}" for line in lines)] if lines else []


def _attributes(doc: Spec, prose: Prose) -> list[str]:
    rows = [
        [code(name), cell(str(attribute["support"])), prose.cell(attribute.get("details"))]
        for name, attribute in sorted((doc.get("attributes") or {}).items())
    ]
    return ["## Attributes", table(["attribute", "support", "details"], rows).rstrip()] if rows else []


def _see_also(doc: Spec, prose: Prose) -> list[str]:
    lines = []
    for one in doc.get("seealso") or []:
        if "link" in one:
            shown = linked(one["name"], one["link"])
        elif "ref" in one:
            shown = one["ref"]
        else:
            fqcn = one.get("module") or one["plugin"]
            shown = linked(
                code(fqcn), prose.links.plugin_link(PluginIdentifier(fqcn, one.get("plugin_type", "module")))
            )
        said = f": {prose.line(one['description'])}" if one.get("description") else ""
        lines.append(f"* {shown}{said}")
    return ["## See also", "\n".join(lines)] if lines else []
