# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts a play is about."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.tests.refusals.runs import ROOT, Run, playbook

PROXY: dict[str, t.Any] = {"workbench_proxy": {"hosts": {"front1": {}}}}


def listed(folder: Path, groups: dict[str, t.Any], name: str = "site") -> Run:
    (folder / "hosts.json").write_text(json.dumps({"workbench_nodes": {"hosts": {"n1": {}}}, **groups}))
    return playbook("-i", folder / "hosts.json", ROOT / "playbooks" / f"{name}.yml", "--list-hosts")


@pytest.mark.parametrize(
    ("groups", "hosts"), [pytest.param({}, 1, id="nodes only"), pytest.param(PROXY, 2, id="with a front end")]
)
def test_all_members_are_looked_at_and_a_group_that_is_not_there_is_not_missed(
    tmp_path: Path, groups: dict[str, t.Any], hosts: int
) -> None:
    run = listed(tmp_path, groups)
    assert run.status == 0, run.text
    look = run.output.partition("Look at every host once")[2].partition("play #")[0]
    assert f"hosts ({hosts})" in look
    assert "workbench_storage" not in look


@pytest.mark.parametrize(
    ("groups", "hosts"), [pytest.param({}, 0, id="nodes only"), pytest.param(PROXY, 1, id="with a front end")]
)
def test_verify_asks_front_ends_where_there_are_some(tmp_path: Path, groups: dict[str, t.Any], hosts: int) -> None:
    run = listed(tmp_path, groups, "verify")
    assert run.status == 0, run.text
    assert f"hosts ({hosts})" in run.output.partition("Ask the front ends")[2].partition("play #")[0]
    assert "Could not match" not in run.text
