# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is more than a lookup is Python: expressions of roles and playbooks are short, and do not name the default cluster."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import jinja2
import pytest
import yaml
from jinja2 import nodes

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path for folder in ("roles", "playbooks") for path in (ROOT / folder).rglob("*.yml") if path.parent.name != "meta"
)
CONDITIONS = ("when", "that", "failed_when", "changed_when", "until")
FILTERS = 3


def texts(value: t.Any, key: str = "") -> t.Iterator[str]:
    """The templates of a file; conditions have no braces of their own."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)
    elif isinstance(value, str):
        if "{{" in value or "{%" in value:
            yield value
        elif key in CONDITIONS:
            yield "{{ " + value + " }}"


def expressions(text: str) -> t.Iterator[nodes.Node]:
    for output in jinja2.Environment().parse(text).find_all(nodes.Output):
        yield from output.nodes


def filters(expression: nodes.Node) -> int:
    return len(list(expression.find_all(nodes.Filter))) + isinstance(expression, nodes.Filter)


@pytest.mark.filterwarnings("ignore:invalid escape sequence")  # as Ansible reads them
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_expressions_have_few_filters(path: Path) -> None:
    every = list(texts(yaml.safe_load(path.read_text())))
    assert [text for text in every if any(filters(one) > FILTERS for one in expressions(text))] == []


def test_filters_are_counted() -> None:
    assert [filters(one) for one in expressions("{{ a | b | c(d | e) }}{{ f }}{{ g | h + (i | j) }}")] == [3, 0, 2]
    assert list(texts({"when": ["a | b"], "msg": "a | b", "x": {"y": "{{ c }}"}})) == ["{{ a | b }}", "{{ c }}"]


def test_the_name_of_the_cluster_has_its_default_in_one_place() -> None:
    pattern = re.compile(r"workbench_cluster\s*\|\s*default")
    assert [path for path in FILES if pattern.search(path.read_text())] == []
