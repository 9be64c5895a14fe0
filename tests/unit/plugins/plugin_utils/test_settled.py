# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables as Ansible would make them, each of them once."""

from __future__ import annotations

import collections
import typing as t

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.workbench.cluster.plugins.plugin_utils._settled import Settled


def trusted(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: trusted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [trusted(inner) for inner in value]
    return trust_as_template(value) if isinstance(value, str) else value


def settled(**variables: t.Any) -> Settled:
    known = trusted(variables)
    return Settled(Templar(DataLoader(), known), known)


@pytest.mark.parametrize(
    ("variables", "made"),
    [
        pytest.param({"a": 1}, 1, id="no template"),
        pytest.param({"a": "{{ b }}", "b": "{{ c + 1 }}", "c": 1}, 2, id="of others"),
        pytest.param({"a": {"x": ["{{ b }}"], "y": True}, "b": "z"}, {"x": ["z"], "y": True}, id="in containers"),
        pytest.param(
            {"a": "{{ b if c else 'd' }}", "b": "{{ none_such }}", "c": False}, "d", id="one that nobody needs"
        ),
        pytest.param(
            {"a": "{{ b | default('d') }}", "b": "{{ none_such }}"}, "d", id="a default for what there is not"
        ),
        pytest.param(
            {"a": "{{ b if c else 'd' }}", "b": "{{ lookup('ansible.builtin.file', '/none/such') }}", "c": False},
            "d",
            id="a file that nobody asks for",
        ),
        pytest.param(
            {"a": "{{ b }}", "b": "{{ '{' ~ '{ c }' ~ '}' }}", "c": 1}, "{{ c }}", id="what was made is no template"
        ),
    ],
)
def test_variables_are_made_as_ansible_makes_them(variables: dict[str, t.Any], made: t.Any) -> None:
    assert settled(**variables)["a"] == made
    known = trusted(variables)
    assert Templar(DataLoader(), known).template(known["a"]) == made


def test_a_value_that_is_no_template_to_ansible_stays_as_it_is() -> None:
    variables = {"a": "{{ b }}", "b": 1}
    assert Settled(Templar(DataLoader(), variables), variables)["a"] == "{{ b }}"


@pytest.mark.parametrize("wrong", ["{{ none_such }}", "{{ a }}", "{{ b"])
def test_what_cannot_be_made_is_an_error_where_it_is_needed(wrong: str) -> None:
    with pytest.raises(AnsibleError):
        settled(a="{{ wrong }}", wrong=wrong)["a"]


def test_each_variable_is_compiled_once_however_often_it_is_mentioned(compiled: list[str]) -> None:
    variables = settled(a="{{ [b, c, c] }}", b="{{ c ~ c ~ d }}", c="{{ d }}{{ d }}", d="{{ 'x' }}")
    assert variables["a"] == ["xxxxx", "xx", "xx"]
    assert variables["b"] == "xxxxx"
    assert sorted(compiled) == sorted({*compiled})
    assert len(compiled) == 4


CHOICES = [
    ("{{ b if c else d }}", "b"),
    ("{{ [] if c else d }}", "none"),
    ("{{ d if not c else '' }}", "none"),
    ("{{ b if x.y | default(false) else d if c else 'e' }}", "d"),
    ("{{ 'a if c else b' if c else d }}", "text"),
    ("{{ [b if c else d, 'x'] }}", "a part of another"),
    ("{{ (b if c else d) ~ 'x' }}", "in brackets"),
    ("{{ b ~ ')' if c else d }}", "a bracket that is text"),
    ("{{ 'it''s' if c else d }}", "quotations"),
    ("{{ b if e | select('eq', 1) else d }}", "a condition that is a generator"),
    ("{{ {'x': {'y': b}} if c else d }}", "braces"),
    ("{{ b if c else d }}{{ b if c else d }}", "two"),
    ("{{ b | length if b == ' if ' or c else d }}", "a text that looks like a choice"),
]


@pytest.mark.parametrize("text", [text for text, _name in CHOICES], ids=[name for _text, name in CHOICES])
@pytest.mark.parametrize("c", [True, False])
def test_a_choice_is_made_as_ansible_makes_it(text: str, c: bool) -> None:
    variables: dict[str, t.Any] = {"a": text, "b": "{{ [1] }}", "c": c, "d": "{{ 'd' ~ 1 }}", "e": [], "x": {}}
    known = trusted(variables)
    assert settled(**variables)["a"] == Templar(DataLoader(), known).template(known["a"])


def test_of_a_choice_the_other_side_is_not_compiled(compiled: list[str]) -> None:
    sides = {"b": "{{ 'b' ~ c }}", "d": "{{ 'd' ~ c }}", "c": False}
    assert settled(a=["{{ b if c else d }}", "{{ b if c else [] }}"], **sides)["a"] == ["dFalse", []]
    assert compiled == ["{{ true if c else false }}", "{{ 'd' ~ c }}"]


class Asked:
    """Ansible's templar, of which each template has another answer."""

    def __init__(self) -> None:
        self.available_variables: t.Any = {}
        self.texts: list[str] = []

    def copy_with_new_env(self, *, available_variables: t.Any) -> Asked:
        return self

    def template(self, variable: t.Any) -> t.Any:
        self.texts.append(variable)
        return len(self.texts)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("{{ query('workbench.cluster._members', 'nodes') }}", [1, 1]),
        ("{{ lookup('workbench.cluster._variable', 'tls_source') }}", [1, 1]),
        ("{{ lookup('ansible.builtin.pipe', 'date') }}", [1, 2]),
        ("{{ query('workbench.cluster._members', 'nodes') | random }}", [1, 2]),
        ("{{ query('workbench.cluster._members', lookup('ansible.builtin.pipe', 'date')) }}", [1, 2]),
    ],
)
def test_what_several_variables_ask_is_asked_once(text: str, answers: list[int]) -> None:
    variables = trusted({"a": text, "b": text})
    node = Settled(Asked(), variables)
    assert [node["a"], node["b"]] == answers


def test_no_other_host_is_asked_for_its_variables() -> None:
    class Hosts(collections.UserDict[str, t.Any]):
        def values(self) -> t.Any:
            raise AssertionError("all variables of all hosts")

    variables = {**trusted({"a": "{{ hostvars | length }}"}), "hostvars": Hosts(x=1)}
    assert Settled(Templar(DataLoader(), variables), variables)["a"] == 1
