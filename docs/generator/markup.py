# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's documentation markup as Markdown, by the parser of the field, with links to the pages made here."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from antsibull_docs_parser import dom
from antsibull_docs_parser.format import Formatter, LinkProvider
from antsibull_docs_parser.md import to_md
from antsibull_docs_parser.parser import Context, Whitespace, parse

COLLECTION = "workbench.cluster"
SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*<["})
Text = t.Union[str, t.Sequence[str], None]


def code(text: str) -> str:
    """A code span, also of text that has backticks."""
    fence = "``" if "`" in text else "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def linked(text: str, url: str | None) -> str:
    return f"[{text}]({url})" if url else text


def plugin_identifier(kind: str, name: str) -> dom.PluginIdentifier:
    """Kind is `role`, `module` or `filter`, as in `P(…#filter)`."""
    return dom.PluginIdentifier(fqcn=f"{COLLECTION}.{name}", type=kind)


@dataclass(frozen=True)
class Links(LinkProvider):
    """Addresses of the pages, as seen from the one that is written, `here`, or from a document elsewhere.

    `folder` is the way from there to the pages.
    """

    pages: frozenset[dom.PluginIdentifier]
    here: dom.PluginIdentifier | None = None
    folder: str = ""

    def plugin_link(self, plugin: dom.PluginIdentifier) -> str | None:
        if plugin not in self.pages or plugin == self.here:
            return None
        return f"{self.folder}{plugin.type}_{plugin.fqcn.removeprefix(COLLECTION + '.')}.md"

    def plugin_option_like_link(
        self,
        plugin: dom.PluginIdentifier,
        entrypoint: str | None,
        what: t.Literal["option"] | t.Literal["retval"],
        name: list[str],
        current_plugin: bool,
    ) -> str | None:
        """Options have a heading of their own, by their first name; return values stand below one heading."""
        return self.option_link(plugin, name[0]) if what == "option" else self._within(plugin, "returns")

    def option_link(self, plugin: dom.PluginIdentifier, name: str) -> str | None:
        return self._within(plugin, name.lstrip("_"))

    def _within(self, plugin: dom.PluginIdentifier, anchor: str) -> str | None:
        page = "" if plugin == self.here else self.plugin_link(plugin)
        return None if page is None else f"{page}#{anchor}"


@dataclass(frozen=True)
class Markdown(Formatter):
    """Backticks for what is typed, links for what has a page; other text as it is written."""

    subject: dom.PluginIdentifier

    def _named(self, part: dom.OptionNamePart | dom.ReturnValuePart, url: str | None) -> str:
        shown = linked(code(part.name if part.value is None else f"{part.name}={part.value}"), url)
        return shown if part.plugin in (None, self.subject) else f"{shown} of {code(part.plugin.fqcn)}"

    def format_error(self, part: dom.ErrorPart) -> str:
        raise ValueError(part.message)

    def format_bold(self, part: dom.BoldPart) -> str:
        return f"**{part.text.translate(SPECIAL)}**"

    def format_code(self, part: dom.CodePart) -> str:
        return code(part.text)

    def format_horizontal_line(self, part: dom.HorizontalLinePart) -> str:
        return "\n\n---\n\n"

    def format_italic(self, part: dom.ItalicPart) -> str:
        return f"*{part.text.translate(SPECIAL)}*"

    def format_link(self, part: dom.LinkPart) -> str:
        return linked(part.text.translate(SPECIAL), part.url)

    def format_module(self, part: dom.ModulePart, url: str | None) -> str:
        return linked(code(part.fqcn), url)

    def format_rst_ref(self, part: dom.RSTRefPart) -> str:
        return part.text.translate(SPECIAL)

    def format_url(self, part: dom.URLPart) -> str:
        return f"<{part.url}>"

    def format_text(self, part: dom.TextPart) -> str:
        return part.text.translate(SPECIAL)

    def format_env_variable(self, part: dom.EnvVariablePart) -> str:
        return code(part.name)

    def format_option_name(self, part: dom.OptionNamePart, url: str | None) -> str:
        return self._named(part, url)

    def format_option_value(self, part: dom.OptionValuePart) -> str:
        return code(part.value)

    def format_plugin(self, part: dom.PluginPart, url: str | None) -> str:
        return linked(code(part.plugin.fqcn), url)

    def format_return_value(self, part: dom.ReturnValuePart, url: str | None) -> str:
        return self._named(part, url)


@dataclass(frozen=True)
class Prose:
    """Texts about `subject`: a role (its entry point `main`), a module or a filter."""

    subject: dom.PluginIdentifier
    links: Links

    def _parsed(self, text: Text) -> list[dom.Paragraph]:
        context = Context(self.subject, "main" if self.subject.type == "role" else None)
        lines = [text] if isinstance(text, str) else list(text or [])
        return parse(lines, context, errors="exception", whitespace=Whitespace.STRIP)

    def _written(self, paragraphs: t.Sequence[dom.Paragraph], separator: str) -> str:
        return to_md(
            paragraphs,
            formatter=Markdown(self.subject),
            link_provider=self.links,
            par_sep=separator,
            current_plugin=self.subject,
        )

    def paragraphs(self, text: Text) -> str:
        """A paragraph for each item."""
        return self._written(self._parsed(text), "\n\n")

    def line(self, text: Text) -> str:
        """All items on one line."""
        return self._written(self._parsed(text), " ")

    def cell(self, text: Text) -> str:
        """One line for a cell of a table."""
        return cell(self.line(text))

    def sentences(self, text: Text) -> list[str]:
        """Each sentence on one line, for a cell of a table."""
        found: list[list[dom.AnyPart]] = []
        for paragraph in self._parsed(text):
            found.append([])
            for part in paragraph:
                if not isinstance(part, dom.TextPart):
                    found[-1].append(part)
                    continue
                *ended, last = part.text.split(". ")
                for end in ended:
                    found[-1].append(dom.TextPart(text=f"{end}."))
                    found.append([])
                found[-1].append(dom.TextPart(text=last))
        return [cell(self._written([sentence], " ")) for sentence in found]


def cell(text: str) -> str:
    """Markdown in a cell of a table, where a bar would end it, in code too."""
    return text.replace("|", "\\|")
