# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents: links that lead somewhere, examples that name real variables, no markup of Ansible left in a page."""

from __future__ import annotations

import itertools
import re
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from generator.roles import Role, examples
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
MARKDOWN = MarkdownIt("commonmark").enable("table")
# Variables of playbooks and of the connection, which no role's argument spec has.
OTHERS = {"workbench_cluster", "workbench_other_variables", "cluster_address"}


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return sorted({ROOT / name for name in listed if (ROOT / name).is_file()})


def tokens(text: str) -> t.Iterator[Token]:
    """Every token of a document, those within lines included."""
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or []


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    parsed, seen = MARKDOWN.parse(text), dict[str, int]()
    for heading, inline in itertools.pairwise(parsed):
        if heading.type == "heading_open":
            words = "".join(part.content for part in inline.children or [])
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            seen[slug] = seen.get(slug, -1) + 1
    return {slug + (f"-{again}" if again else "") for slug, times in seen.items() for again in range(times + 1)}


def broken(page: Path, text: str) -> list[str]:
    """Targets of relative links that lead nowhere."""
    found = []
    for token in tokens(text):
        target = str(token.attrGet("href") or token.attrGet("src") or "")
        if not target or re.match(r"[a-z]+:", target):
            continue
        name, __, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        there = file.read_text() if name and file.is_file() else text
        if (name and not file.exists()) or (anchor and anchor not in anchors(there)):
            found.append(target)
    return found


@pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page, page.read_text()) == []


def test_a_link_that_leads_nowhere_is_seen() -> None:
    text = "# One `way`\n[a](nowhere.md) [b](README.md#no-such) [c](#one-way) [d](#another) [e](https://example.org)\n"
    assert broken(ROOT / "page.md", text) == ["nowhere.md", "README.md#no-such", "#another"]


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), {ROOT / "README.md"}
    while waiting:
        page = waiting.pop()
        reached.add(page)
        found = (str(token.attrGet("href") or "").partition("#")[0] for token in tokens(page.read_text()))
        waiting |= {
            (page.parent / name).resolve() for name in found if name.endswith(".md") and ":" not in name
        } - reached
    assert sorted(page for page in documents() if page.is_relative_to(ROOT / "docs") and page not in reached) == []


RAW = re.compile(r"(?<!\w)(?:[BCEILMOPRUV]|RV)\([^)\n]*\)?|(?<=[\s(])R`")


@pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_markup_of_ansible_is_left(page: Path) -> None:
    assert RAW.findall(page.read_text()) == []


def test_markup_that_is_left_is_seen() -> None:
    for markup in (
        "P(a.b.c#filter)",
        "the C(path), ",
        "RV(found)",
        "(O(reveal))",
        "where R`checked` is",
        "V(1)",
        "M(a.b.c).",
    ):
        assert RAW.search(markup), markup


def fences(folder: Path, language: str) -> list[tuple[str, str]]:
    """`(page, text)` of the fenced blocks of a language below a folder."""
    return [
        (page.name, token.content)
        for page in sorted(folder.glob("*.md"))
        for token in tokens(page.read_text())
        if token.type == "fence" and token.info == language
    ]


def role_options() -> dict[str, t.Any]:
    """Options of the main entry points of all roles, by variable."""
    specs = (yaml.safe_load(path.read_text()) for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
    return {name: option for spec in specs for name, option in spec["argument_specs"]["main"]["options"].items()}


def wrong(variables: dict[str, t.Any]) -> list[str]:
    """What an argument spec says about variables of an inventory; text that Ansible would template is left out."""
    options = role_options()
    known = {name: value for name, value in variables.items() if name in options and "{{" not in str(value)}
    errors: list[str] = ArgumentSpecValidator({name: options[name] for name in known}).validate(known).error_messages
    strangers = variables.keys() - options.keys() - OTHERS
    return errors + sorted(name for name in strangers if not name.startswith("ansible_"))


def variables_of(inventory: dict[str, t.Any]) -> dict[str, t.Any]:
    """Variables of an example: its own, and those of the hosts and groups it has."""
    found: dict[str, t.Any] = {}
    for name, value in inventory.items():
        if isinstance(value, dict) and value.keys() <= {"hosts", "vars"}:
            found.update(value.get("vars", {}))
            for host in (value.get("hosts") or {}).values():
                found.update(host or {})
        else:
            found[name] = value
    return found


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_examples_of_roles_are_plays_with_their_variables(role: str) -> None:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    plays = yaml.safe_load(specs["main"]["examples"])
    used = [one for play in plays for one in play.get("roles", [])]
    assert f"workbench.cluster.{role}" in [one["role"] for one in used]
    for one in used:
        assert wrong(one.get("vars", {})) == []


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_examples_in_defaults_are_of_their_variable(role: str) -> None:
    for name, text in examples(Role.read(ROOT / "roles" / role)).items():
        example = yaml.safe_load(text)
        assert list(example) == [name]
        assert wrong(example) == []


@pytest.mark.parametrize(
    ("page", "text"), fences(ROOT / "docs" / "how-to", "yaml"), ids=lambda value: value.split("\n")[0]
)
def test_examples_of_how_to_are_variables_of_the_roles(page: str, text: str) -> None:
    assert wrong(variables_of(yaml.safe_load(text))) == [], page


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("balance-sessions", "balancing/files/system-load.yml"),
        ("balance-sessions", "balancing/files/custom.yml"),
        ("launcher-clusters", "balancing/files/clusters.yml"),
        ("tls", "tls/files/authority.yml"),
    ],
)
def test_examples_are_the_files_that_a_scenario_uses(page: str, file: str) -> None:
    shown = [
        token.content for token in tokens((ROOT / "docs/how-to" / f"{page}.md").read_text()) if token.type == "fence"
    ]
    assert (ROOT / "molecule" / file).read_text() in shown


def test_the_example_of_a_directory_is_what_its_scenario_uses() -> None:
    used = yaml.safe_load((ROOT / "molecule" / "ldap" / "inventory" / "directory.yml").read_text())["all"]["vars"]
    shown = [text for page, text in fences(ROOT / "docs" / "how-to", "yaml") if page == "directory-users.md"]
    assert yaml.safe_load(shown[0]) == used


def test_an_example_that_would_not_work_is_seen() -> None:
    assert wrong({"server_rserver_config": {}}) == ["server_rserver_config"]
    assert wrong({"database_manage": "perhaps"})


def test_commands_of_how_to_name_playbooks() -> None:
    named = re.compile(r"ansible-playbook -i hosts\.yml workbench\.cluster\.(\w+)")
    used = {name for __, text in fences(ROOT / "docs" / "how-to", "sh") for name in named.findall(text)}
    assert "site" in used
    assert used <= {path.stem for path in (ROOT / "playbooks").glob("*.yml")}


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "how-to").glob("[!R]*.md")), ids=lambda page: page.stem)
def test_how_to_has_an_example_and_is_listed(page: Path) -> None:
    assert any(token.type == "fence" for token in tokens(page.read_text()))
    assert f"]({page.name})" in (page.parent / "README.md").read_text()


def test_verify_says_of_every_requirement_what_fails_it() -> None:
    text = (ROOT / "docs" / "verify.md").read_text()
    listed = re.findall(r"^\| \d+ \| `([\w-]+)` \|", text, re.MULTILINE)
    told = re.findall(r"^\* \*\*`([\w-]+)`\*\*: ", text, re.MULTILINE)
    assert len(listed) >= 16
    assert told == listed
