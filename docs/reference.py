#!/usr/bin/env python3
"""Write docs/reference/ from what the code itself says: argument specs of roles, documentation of modules and filters.

``reference.py`` writes the pages, ``reference.py --check`` exits 1 and names those that are out of date.
"""

from __future__ import annotations

import re
import sys
import typing as t
from pathlib import Path

import yaml
from ansible.plugins.loader import fragment_loader, init_plugin_loader
from ansible.utils.plugin_docs import get_docstring

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
MARKUP = [
    (re.compile(r"[VCOE]\(([^()]*(?:\([^()]*\))?[^()]*)\)"), r"`\1`"),
    (re.compile(r"RV\(([^()]*)\)"), r"`\1`"),
    (re.compile(r"M\(([^()]*)\)"), r"`\1`"),
    (re.compile(r"[BI]\(([^()]*)\)"), r"*\1*"),
    (re.compile(r"[UL]\(([^()]*)\)"), r"\1"),
]


def prose(text: str | list[str] | None) -> str:
    """Ansible's documentation markup as Markdown, on one line."""
    lines = [text] if isinstance(text, str) else text or []
    joined = " ".join(" ".join(str(line).split()) for line in lines)
    for pattern, replacement in MARKUP:
        joined = pattern.sub(replacement, joined)
    return joined.replace("|", "\\|")


def options(spec: dict[str, t.Any], prefix: str = "") -> t.Iterator[str]:
    """Table rows of options and their sub-options."""
    for name, option in spec.items():
        kind = option.get("type", "str") + (f" of {option['elements']}" if "elements" in option else "")
        default = "required" if option.get("required") else f"`{option['default']}`" if "default" in option else ""
        choices = f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}." if "choices" in option else ""
        yield f"| `{prefix}{name}` | {kind} | {default} | {prose(option.get('description'))}{choices} |"
        nested = option.get("options") or option.get("suboptions") or {}
        yield from options(nested, f"{prefix}{name}.")


def table(spec: dict[str, t.Any]) -> list[str]:
    rows = list(options(spec))
    return ["| name | type | default | meaning |", "|---|---|---|---|", *rows, ""] if rows else []


def role_page(role: Path) -> str:
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    main = specs["main"]
    lines = [f"# Role `workbench.cluster.{role.name}`", "", main["short_description"] + ".", ""]
    lines += [f"{prose(line)}\n" for line in main["description"]]
    lines += ["## Variables", "", *table(main.get("options", {}))]
    others = [name for name in specs if name != "main"]
    lines += ["## Other entry points", "", "They take the same variables.", ""]
    lines += [f"* `{name}`: {specs[name]['short_description']}. {prose(specs[name]['description'])}" for name in others]
    return "\n".join(lines).rstrip() + "\n"


def plugin_page(source: Path, kind: str) -> str:
    doc, examples, returned, _metadata = get_docstring(
        str(source), fragment_loader, collection_name="workbench.cluster", plugin_type=kind.lower()
    )
    lines = [f"# {kind} `workbench.cluster.{source.stem}`", "", doc["short_description"] + ".", ""]
    lines += [
        f"{prose(line)}\n"
        for line in ([doc["description"]] if isinstance(doc["description"], str) else doc["description"])
    ]
    lines += ["## Options", "", *table(doc.get("options") or {})]
    if doc.get("attributes"):
        lines += ["## Attributes", "", "| name | support | details |", "|---|---|---|"]
        lines += [
            f"| {name} | {at['support']} | {prose(at.get('details'))} |"
            for name, at in sorted(doc["attributes"].items())
        ]
        lines.append("")
    lines += ["## Examples", "", "```yaml", (examples or "").strip(), "```", ""]
    if returned:
        lines += ["## Returns", "", "| name | type | meaning |", "|---|---|---|"]
        lines += [f"| `{name}` | {value['type']} | {prose(value['description'])} |" for name, value in returned.items()]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[Path, str]:
    """Every page with its text."""
    made: dict[Path, str] = {}
    index = ["# Reference", "", "Generated from the code by `make docs`.", "", "## Roles", ""]
    for role in sorted((ROOT / "roles").iterdir()):
        made[PAGES / f"role_{role.name}.md"] = role_page(role)
        index.append(f"* [{role.name}](role_{role.name}.md)")
    for kind, folder in (("Module", "modules"), ("Filter", "filter")):
        index += ["", f"## {kind}s", ""]
        for source in sorted((ROOT / "plugins" / folder).glob("[a-z]*.py")):
            made[PAGES / f"{kind.lower()}_{source.stem}.md"] = plugin_page(source, kind)
            index.append(f"* [{source.stem}]({kind.lower()}_{source.stem}.md)")
    made[PAGES / "README.md"] = "\n".join(index) + "\n"
    return made


def main() -> int:
    init_plugin_loader()
    made = pages()
    if "--check" in sys.argv:
        present = {page: page.read_text() for page in PAGES.glob("*.md")}
        stale = sorted(page.name for page in made.keys() | present.keys() if made.get(page) != present.get(page))
        print(f"out of date, run `make docs`: {', '.join(stale)}" if stale else "up to date")
        return 1 if stale else 0
    for page in PAGES.glob("*.md"):
        page.unlink()
    for page, text in made.items():
        page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
