#!/usr/bin/env python3
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what the code says itself: docs/reference/ and the roles' README files, and the table of requirements in docs/verify.md.

``reference.py`` writes them, ``reference.py --check`` exits 1 and names those that are out of date.
"""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import yaml
from ansible.plugins.loader import init_plugin_loader
from generator.markup import Links
from generator.plugins import Plugin, documented, plugin_page
from generator.requirements import with_requirements
from generator.roles import Role, role_page, role_readme

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
VERIFY = ROOT / "docs" / "verify.md"


def playbooks() -> t.Iterator[tuple[str, str]]:
    """Name of each playbook that is no part of another one, and the first sentence of the comment below its `---`."""
    texts = {path: path.read_text() for path in sorted((ROOT / "playbooks").glob("*.yml"))}
    parts = {play.get("ansible.builtin.import_playbook") for text in texts.values() for play in yaml.safe_load(text)}
    for path, text in texts.items():
        if path.name not in parts:
            said = text.partition("---\n# ")[2].partition("\n")[0]
            yield path.stem, said.partition(". ")[0].removesuffix(".")


def index(roles: t.Sequence[Role], plugins: t.Sequence[Plugin]) -> str:
    """A line for each page."""
    lines = ["# Reference", "", "Written by `make docs` from what the code says itself.", "", "## Playbooks", ""]
    lines += [f"* `workbench.cluster.{name}`: {said}." for name, said in playbooks()]
    lines += ["", "Which plays they have, and in which order: [architecture](../architecture.md).", "", "## Roles", ""]
    lines += [f"* [{role.name}](role_{role.name}.md): {role.main['short_description']}." for role in roles]
    for kind in ("module", "filter"):
        lines += ["", f"## {kind.capitalize()}s", ""]
        lines += [
            f"* [{plugin.name}]({kind}_{plugin.name}.md): {plugin.doc['short_description']}."
            for plugin in plugins
            if plugin.kind == kind
        ]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Every page with its text."""
    roles = [Role.read(folder) for folder in sorted((ROOT / "roles").iterdir())]
    plugins = [
        *documented(ROOT / "plugins" / "modules", "module"),
        *documented(ROOT / "plugins" / "filter", "filter"),
    ]
    known = frozenset([*(role.identifier for role in roles), *(plugin.identifier for plugin in plugins)])
    made = {PAGES / "README.md": index(roles, plugins), VERIFY: with_requirements(VERIFY.read_text())}
    for role in roles:
        made[PAGES / f"role_{role.name}.md"] = role_page(role, Links(known, role.identifier))
        made[ROOT / "roles" / role.name / "README.md"] = role_readme(role, Links(known, folder="../../docs/reference/"))
    for plugin in plugins:
        made[PAGES / f"{plugin.kind}_{plugin.name}.md"] = plugin_page(plugin, Links(known, plugin.identifier))
    return made


def main() -> int:
    init_plugin_loader([str(ROOT / ".cache" / "collections")])
    made = pages()
    present = {page: page.read_text() for page in (*made, *PAGES.glob("*.md")) if page.exists()}
    stale = sorted(page for page in made.keys() | present.keys() if made.get(page) != present.get(page))
    if "--check" in sys.argv:
        names = ", ".join(str(page.relative_to(ROOT)) for page in stale)
        print(f"out of date, run `make docs`: {names}" if stale else "up to date")
        return 1 if stale else 0
    for page in stale:
        if page in made:
            page.write_text(made[page])
        else:
            page.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
