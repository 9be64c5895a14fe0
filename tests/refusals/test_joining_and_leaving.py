# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is a member, and who is in a play, once the plan of a verb said who joins and who leaves."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.tests.refusals.runs import Run, playbook

ANSWER: dict[str, list[str]] = {"changes": [], "problems": [], "notes": []}
VERB = {"leaving": ["n3"], "outside": ["n2", "n3"], "building": [], "adds": False, "hosts": {"remove_node": ["n3"]}}
PLAYS: list[dict[str, t.Any]] = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {
                "set_fact": {
                    "__verb": "{{ verb }}",
                    "__differences": "{{ answers[inventory_hostname] | default(answer) }}",
                }
            },
            {
                "workbench.cluster.plan": {"cluster": "workbench", "verb": "a verb"},
                "register": "__plan",
                "run_once": True,
            },
        ],
    },
    {
        "hosts": "db1",
        "gather_facts": False,
        "tasks": [{"debug": {"msg": "lets in {{ query('workbench.cluster._members', 'nodes') | join(' ') }}."}}],
    },
    *(
        {
            "hosts": f"{{{{ lookup('workbench.cluster.{lookup}) }}}}",
            "gather_facts": False,
            "vars": variables,
            "tasks": [{"debug": {"msg": f"{name}: {{{{ ansible_play_hosts | join(' ') }}}}."}, "run_once": True}],
        }
        for name, lookup, variables in (
            ("looks", "_cluster', 'nodes', 'database'", {"plan_verb": "remove_node"}),
            ("all", "_cluster', 'nodes'", {}),
            ("stops", "_planned', 'remove_node', 'nodes'", {}),
            ("proves", "_planned', 'verify', 'nodes'", {}),
            ("rules", "_planned', 'database', 'database'", {}),
            ("serves", "_planned', 'server', 'nodes'", {}),
        )
    ),
]


def change(host: str, role: str) -> dict[str, t.Any]:
    said = {"what": "w", "why": "y", "interrupts": "", "restarts": [], "waits": False, "path": "", "opens": False}
    return {"host": host, "role": role, **said}


def run(
    folder: Path, verb: dict[str, t.Any], *arguments: str, plays: list[dict[str, t.Any]] = PLAYS, **differs: str
) -> Run:
    """`differs`: the role that has something to do on a host, besides those of n1 and of the database."""
    groups: dict[str, t.Any] = {
        "workbench_nodes": {"hosts": {"n1": {}, "n2": {}, "n3": {}}},
        "workbench_database": {"hosts": {"db1": {}}},
        "workbench_proxy": {"hosts": {"front1": {}}},
    }
    (folder / "hosts.json").write_text(json.dumps(groups))
    (folder / "plays.json").write_text(json.dumps(plays))
    roles = {"n1": "server", "db1": "database", **differs}
    answers = {name: {**ANSWER, "changes": [change(name, role)]} for name, role in roles.items()}
    extra = {"verb": {**VERB, **verb}, "answers": answers, "answer": ANSWER}
    done = playbook("-i", folder / "hosts.json", folder / "plays.json", "-c", "local", *arguments, extra=extra)
    assert done.status == 0, done.text
    return done


def test_a_node_that_leaves_is_no_member_for_the_others(tmp_path: Path) -> None:
    words = run(tmp_path, {}).words
    assert "lets in n1 n2." in words
    assert "looks: n1 db1." in words  # neither who leaves, nor whom the verb goes on without
    assert "all: n1 n2 n3." in words
    assert "stops: n3." in words
    assert "rules: db1." in words
    assert "serves:" not in words
    assert "proves:" not in words


def test_what_the_others_change_is_known_where_the_first_node_of_the_inventory_leaves(tmp_path: Path) -> None:
    """It has the verb's plan, and is in none that comes after it."""
    leaves = {"leaving": ["n1"], "outside": ["n1"], "hosts": {"remove_node": ["n1"]}}
    first, *others = PLAYS
    plays = [
        {
            "hosts": "n1",
            "gather_facts": False,
            "tasks": [{"set_fact": {"__verb": "{{ verb }}", "__plan": "{{ verb }}"}}],
        },
        {**first, "hosts": "all:!n1"},
        *others,
    ]
    words = run(tmp_path, leaves, plays=plays).words
    assert "stops: n1." in words
    assert "rules: db1." in words


@pytest.mark.parametrize(
    ("verb", "check", "proves", "serves"),
    [
        pytest.param({"building": ["n1"]}, False, True, True, id="one that joins"),
        pytest.param({"building": []}, False, False, False, id="nobody"),
        pytest.param({"building": ["n1"]}, True, False, False, id="a check"),
    ],
)
def test_nodes_are_verified_where_one_joins(
    verb: dict[str, t.Any], check: bool, proves: bool, serves: bool, tmp_path: Path
) -> None:
    joins = {**verb, "adds": True, "leaving": [], "outside": [], "hosts": {}}
    words = run(tmp_path, joins, *(["--check"] if check else [])).words
    assert ("proves: n1 n2 n3." in words) is proves
    assert ("serves: n1." in words) is serves


def test_nodes_are_verified_before_a_front_end_is_told_of_one_that_joined_in_a_run_that_was_cut_off(
    tmp_path: Path,
) -> None:
    joins = {"building": [], "adds": True, "leaving": [], "outside": [], "hosts": {}}
    assert "proves: n1 n2 n3." in run(tmp_path, joins, front1="proxy").words
