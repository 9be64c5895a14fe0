# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often Ansible is asked for a host's variables, and that nobody is told what was true before."""

from __future__ import annotations

import collections
import multiprocessing
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.filter.members import FilterModule
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import first_known

FILTERS = FilterModule().filters()

HOSTS = {f"node{i}": {"ansible_host": f"192.0.2.{i}"} for i in (1, 2, 3)}


class Asked(dict[str, t.Any]):
    """Hosts' variables that count how often they are put together."""

    def __init__(self) -> None:
        super().__init__(HOSTS)
        self.times: collections.Counter[str] = collections.Counter()

    def __getitem__(self, host: str) -> t.Any:
        self.times[host] += 1
        return super().__getitem__(host)


def test_a_question_for_addresses_puts_each_host_together_once() -> None:
    asked = Asked()
    assert FILTERS["_member_addresses"]([*HOSTS], asked) == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    assert set(asked.times.values()) == {1}


def test_where_variables_may_change_they_are_asked_for_again() -> None:
    asked = Asked()
    FILTERS["_member_addresses"](["node1"], asked)
    asked["node1"] = {"ansible_host": "192.0.2.9"}
    assert FILTERS["_member_addresses"](["node1"], asked) == ["192.0.2.9"]


def _in_a_task(answers: t.Any) -> None:
    asked, others = Asked(), Asked()
    for _turn in range(3):
        FILTERS["_member_addresses"]([*HOSTS], asked)
        FILTERS["_first_known"]([*HOSTS], asked, "none")
    times = dict(asked.times)
    others["node1"] = {"ansible_host": "192.0.2.9"}
    answers.put((times, FILTERS["_member_addresses"](["node1"], others)))


def test_all_questions_of_a_task_put_each_host_together_once() -> None:
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=_in_a_task, args=(answers,))
    process.start()
    times, others = answers.get()
    process.join()
    assert times == {"node1": 1, "node2": 1, "node3": 1}
    assert others == ["192.0.2.9"], "variables of another inventory are not those of the first"


@pytest.mark.parametrize(
    ("facts", "known"),
    [
        ({}, {}),
        ({"node2": {"key": "b"}, "node3": {"key": "c"}}, "b"),
    ],
)
def test_the_first_that_knows_tells(facts: dict[str, dict[str, str]], known: object) -> None:
    hostvars = {host: {**variables, **facts.get(host, {})} for host, variables in HOSTS.items()}
    assert first_known([*HOSTS], hostvars, "key") == known
