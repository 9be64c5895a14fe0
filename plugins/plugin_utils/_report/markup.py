# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that cannot be broken by what it shows. Pure."""

from __future__ import annotations

import html
import typing as t


class Markup(str):
    """Text that is markup already; every other text is escaped."""

    __slots__ = ()


# Elements that have no content and no end.
VOID = {"meta", "circle", "line", "path", "rect"}


def el(tag: str, *children: t.Any, **attributes: t.Any) -> Markup:
    """An element. `class_` stands for `class`, `_` in a name for `-`; an attribute or child that is None is left out."""
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Markup(f"<{tag}{named}/>")
    return Markup(f"<{tag}{named}>{join(*children)}</{tag}>")


def join(*children: t.Any) -> Markup:
    """Children one after the other; lists are opened, texts escaped."""
    parts = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, (list, tuple)):
            parts.append(str(join(*child)))
        else:
            parts.append(str(child) if isinstance(child, Markup) else html.escape(str(child)))
    return Markup("".join(parts))
