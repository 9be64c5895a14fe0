# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of different versions are refused before the first change, those outside the run included."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.tests.refusals.runs import playbook

PLAY = [
    {
        "hosts": "workbench_nodes",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.set_fact": {"__server_before": "{{ before }}"}},
            {"ansible.builtin.set_fact": {"__server_before_absent": {"results": "{{ absent }}"}}},
            {
                "ansible.builtin.include_role": {
                    "name": "workbench.cluster.server",
                    "tasks_from": "decide",
                    "public": True,
                }
            },
        ],
    }
]
OPTIONS = {"files": {}, "sqlite": {"path": "/x", "state": "absent"}}


def found(version: str | None) -> dict[str, t.Any]:
    return {"cluster": {"version": version}, "options": OPTIONS}


@pytest.mark.parametrize(
    ("here", "there", "refused"),
    [("1", "1", False), (None, "1", False), ("1", "2", True)],
    ids=["one", "a new node", "two"],
)
def test_nodes_have_one_version(here: str | None, there: str, refused: bool, tmp_path: Path) -> None:
    absent = [{"item": "n2", "report": json.dumps(found(there))}]
    hosts = {"n1": {"before": found(here), "absent": absent}, "n2": {}}
    (tmp_path / "play.json").write_text(json.dumps(PLAY))
    (tmp_path / "hosts.json").write_text(json.dumps({"workbench_nodes": {"hosts": hosts}}))
    run = playbook("-i", tmp_path / "hosts.json", tmp_path / "play.json", "--limit", "n1")
    assert (run.status != 0) == refused, run.text
    assert ("The nodes have different versions: {'1': ['n1'], '2': ['n2']}." in run.words) == refused


@pytest.mark.parametrize(
    ("there", "said", "installed"),
    [
        pytest.param("1", "", "rstudio-server=1", id="as the others"),
        pytest.param("1", "2", "rstudio-server=2", id="as the inventory says"),
        pytest.param(None, "", "rstudio-server", id="the first of all"),
    ],
)
def test_a_new_node_gets_the_version_that_the_others_have(
    there: str | None, said: str, installed: str, tmp_path: Path
) -> None:
    """The newest of a repository would be another, and would not be started."""
    absent = [{"item": "n2", "report": json.dumps(found(there))}]
    hosts = {"n1": {"before": found(None), "absent": absent}, "n2": {}}
    told = {"ansible.builtin.debug": {"msg": "gets {{ __server_wanted_package }} ."}}
    (tmp_path / "play.json").write_text(
        json.dumps([{**PLAY[0], "tasks": [*t.cast("list[t.Any]", PLAY[0]["tasks"]), told]}])
    )
    (tmp_path / "hosts.json").write_text(json.dumps({"workbench_nodes": {"hosts": hosts}}))
    extra = {"server_version": said, "server_package": "rstudio-server", "__server_version_separator": "="}
    run = playbook("-i", tmp_path / "hosts.json", tmp_path / "play.json", "--limit", "n1", extra=extra)
    assert run.status == 0, run.text
    assert f"gets {installed} ." in run.words
