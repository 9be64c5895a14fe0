# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles promise: documented variables, short tables of contents, reference pages in step with the code."""

from __future__ import annotations

import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
# A table of contents: 40 lines serve for most. Three roles are longer, because a refusal with its words or a module call with
# its options stands where it acts: in a file of its own it would be the only task. None grows beyond the longest of today.
LONGEST = 51
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
# Those whose variables are about the cluster and not about a host: one host is asked.
OF_THE_CLUSTER = {"verify"}


@pytest.mark.parametrize("role", ROLES)
def test_defaults_equal_argument_specs(role: str) -> None:
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text())
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    for entry, spec in specs.items():
        assert set(spec["options"]) == set(defaults), entry


@pytest.mark.parametrize("role", ROLES)
def test_constant_defaults_are_the_documented_ones(role: str) -> None:
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text())
    options = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"][
        "main"
    ]["options"]
    for name, option in options.items():
        if "default" in option:
            assert option["default"] == defaults[name], name
        else:
            computed = defaults[name] in (None, "") or "{{" in str(defaults[name])
            assert computed or option.get("type") == "list", (
                f"{name} has a constant default that the argument spec does not name"
            )


@pytest.mark.parametrize("role", ROLES)
def test_every_role_can_be_checked_without_hosts(role: str) -> None:
    """By the playbook, which knows its defaults; and by itself, before anything else but the end of a role that is off."""
    assert not yaml.safe_load((ROOT / "roles" / role / "tasks" / "variables.yml").read_text())
    plays = yaml.safe_load((ROOT / "playbooks" / "check_inventory.yml").read_text())
    tasks = [task for play in plays for task in play.get("tasks", ())]
    assert {"tasks/defaults.yml"} <= {task.get("ansible.builtin.import_tasks") for task in tasks}
    tasks += yaml.safe_load((ROOT / "playbooks" / "tasks" / "defaults.yml").read_text())
    known = [task.get("ansible.builtin.import_role") for task in tasks]
    assert {"name": f"workbench.cluster.{role}", "tasks_from": "variables"} in known
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text())
    first = next(task for task in tasks if task.get("ansible.builtin.meta") != "end_role")
    once = {"run_once": True} if role in OF_THE_CLUSTER else {}
    assert first == {"name": "Refuse wrong variables", "workbench.cluster.check_variables": {"roles": [role]}, **once}


@pytest.mark.parametrize("role", ROLES)
def test_main_is_a_table_of_contents(role: str) -> None:
    lines = (ROOT / "roles" / role / "tasks" / "main.yml").read_text().splitlines()
    assert len(lines) <= LONGEST, f"{role}: {len(lines)} lines"


# Those with a page beside the code, and those that have it in their file.
PLUGINS = [
    (kind, path)
    for kind in ("module", "filter", "lookup")
    for path in sorted((ROOT / "plugins" / (f"{kind}s" if kind == "module" else kind)).iterdir())
    if path.suffix in (".py", ".yml")
]


def documentation(path: Path) -> dict[str, t.Any]:
    """Of a plugin, or of what stands for one beside the file that has it; empty for such a file."""
    text = path.read_text()
    found = re.search(r'^DOCUMENTATION = r?"""(.*?)"""', text, re.MULTILINE | re.DOTALL)
    if path.suffix == ".py" and not found:
        return {}
    said = yaml.safe_load(found[1]) if found else yaml.safe_load(text)["DOCUMENTATION"]
    return t.cast("dict[str, t.Any]", said)


DOCUMENTED = {(kind, path.stem): documentation(path) for kind, path in PLUGINS}
INTERNAL = {part for part, said in DOCUMENTED.items() if str(said.get("short_description")).startswith("[INTERNAL] ")}
PUBLIC = [
    *(("role", name) for name in ROLES),
    *(part for part, said in DOCUMENTED.items() if said and part not in INTERNAL),
]


@pytest.mark.parametrize(("kind", "name"), PUBLIC, ids=[" ".join(part) for part in PUBLIC])
def test_every_part_has_a_page_in_the_reference(kind: str, name: str) -> None:
    page = f"{kind}_{name}.md"
    assert len((ROOT / "docs" / "reference" / page).read_text().splitlines()) > 10
    assert re.search(rf"\({page}\): \w", (ROOT / "docs" / "reference" / "README.md").read_text())


def test_what_has_no_page_says_so() -> None:
    """A filter's file may have several, each documented beside it."""
    silent = {part for part, said in DOCUMENTED.items() if not said}
    assert {kind for kind, _name in silent} <= {"filter"}
    assert not {name for kind, name in INTERNAL if kind != "module" and name[0] != "_"}
    assert not {name for kind, name in PUBLIC if name[0] == "_"}


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
# Where the paths of a column begin.
ROOMS = ("plugins/module_utils", "plugins/plugin_utils", "tests/unit/plugins/plugin_utils")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in ARCHITECTURE.partition("| what | measured on the node |")[2].partition("\n\n")[0].splitlines()[2:]
]


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_architecture_says_what_each_playbook_does(name: str) -> None:
    assert re.search(rf"^\| (`\w+`, )*`{name}`", ARCHITECTURE, re.MULTILINE)


def test_architecture_says_where_each_module_is_made() -> None:
    modules = {name for kind, name in DOCUMENTED if kind == "module"}
    assert modules <= {name for row in ROWS for cell in row[1:] for name in re.findall(r"`(\w+)`", cell)}


def test_what_architecture_says_to_open_is_there() -> None:
    named = [
        ROOT / room / path
        for row in ROWS
        for room, cell in zip(ROOMS, row[1:])
        for path in re.findall(r"`([\w./]+\.py)`", cell)
    ]
    assert len(named) > 3 * 16
    assert [path for path in named if not path.is_file()] == []


def test_architecture_says_where_each_requirement_is_judged_and_planted() -> None:
    """By what is named after it, so a new one has its line."""
    folder = ROOT / "plugins" / "plugin_utils" / "_verify" / "requirements"
    judged = {path.stem for path in folder.glob("*.py")}
    rows = {row[0].split("`")[1].replace("-", "_"): row for row in ROWS if row[0].startswith("`")}
    assert set(rows) == judged
    for name, (_what, measured, judges, planted) in rows.items():
        assert ".py`" in measured
        assert f"`_verify/requirements/{name}.py`" in judges
        assert f"`_verify/requirements/test_{name}.py`" in planted


YAML = [*(ROOT / "playbooks").glob("*.yml"), *(ROOT / "roles").rglob("*.yml")]


@pytest.mark.parametrize("path", YAML, ids=[str(path.relative_to(ROOT)) for path in YAML])
def test_what_is_merged_is_not_overridden(path: Path) -> None:
    """Ansible takes it for a duplicate key, and warns of it in every run."""
    twice = []
    ahead: list[yaml.Node | None] = [yaml.compose(path.read_text())]
    while ahead:
        node = ahead.pop()
        if isinstance(node, yaml.MappingNode):
            own = {key.value for key, _value in node.value}
            merged = [value for key, value in node.value if key.value == "<<"]
            twice += [key.value for value in merged for key, _value in value.value if key.value in own]
            ahead += [value for _key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            ahead += node.value
    assert twice == []


def test_every_scenario_is_run() -> None:
    """By `make test` or `make long`, which run the scenarios that tests/run lists only."""
    text = (ROOT / "tests" / "run").read_text()
    scenarios = {path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml")}
    assert set(re.findall(r'scenario\("(\w+)"', text)) == scenarios


@pytest.mark.parametrize("role", ROLES)
def test_docs_say_what_a_role_never_touches(role: str) -> None:
    text = (ROOT / "docs" / "never-touched.md").read_text()
    assert re.search(rf"^## {role}\n\n\* ", text, re.MULTILINE), (
        f"docs/never-touched.md has no section on the role {role}"
    )


def test_reference_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "reference.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
