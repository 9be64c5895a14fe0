# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles promise: documented variables, short tables of contents, reference pages in step with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
# A table of contents: 40 lines serve for most. Three roles are longer, because a refusal with its words or a module call with
# its options stands where it acts: in a file of its own it would be the only task. None grows beyond the longest of today.
LONGEST = 51
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


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
    known = [task.get("ansible.builtin.import_role") for play in plays for task in play.get("tasks", ())]
    assert {"name": f"workbench.cluster.{role}", "tasks_from": "variables"} in known
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text())
    first = next(task for task in tasks if task.get("ansible.builtin.meta") != "end_role")
    assert first == {"name": "Refuse wrong variables", "workbench.cluster.check_variables": {"roles": [role]}}


@pytest.mark.parametrize("role", ROLES)
def test_main_is_a_table_of_contents(role: str) -> None:
    lines = (ROOT / "roles" / role / "tasks" / "main.yml").read_text().splitlines()
    assert len(lines) <= LONGEST, f"{role}: {len(lines)} lines"


# Those with a page beside the code, and those that have it in their file.
FILTERS = sorted(
    path.stem
    for path in (ROOT / "plugins" / "filter").iterdir()
    if path.suffix == ".yml" or (path.suffix == ".py" and "\nDOCUMENTATION = " in path.read_text())
)
PARTS = [
    *(("role", name) for name in ROLES),
    *(("playbook", path.stem) for path in sorted((ROOT / "playbooks").glob("*.yml"))),
    *(("module", path.stem) for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))),
    *(("filter", name) for name in FILTERS),
]


@pytest.mark.parametrize(("kind", "name"), PARTS, ids=[" ".join(part) for part in PARTS])
def test_architecture_names_every_part(kind: str, name: str) -> None:
    """Roles and playbooks in the first column of a table, modules and filters as code that begins with their name."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = rf"^\| (`\w+`, )*`{name}`" if kind in ("role", "playbook") else rf"`{name}[`(]"
    assert re.search(named, text, re.MULTILINE), f"docs/architecture.md does not name the {kind} {name}"


def test_every_scenario_is_run() -> None:
    """By `make test`, which runs the scenarios of its lanes only."""
    text = (ROOT / "tests" / "run").read_text()
    scenarios = {path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml")}
    assert set(re.findall(r'scenario\("(\w+)"\)', text)) == scenarios


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
