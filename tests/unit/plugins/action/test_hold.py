# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a run asks for the cluster: one host after the other, until one has answered, whatever it says."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.workbench.cluster.plugins.action import hold
from ansible_collections.workbench.cluster.plugins.plugin_utils import _hold

HOLDER = {"verb": "restart", "who": "ada@laptop", "pid": 4711, "since": "2026-11-22T09:30:00Z", "token": "x"}
Answers = t.List[t.Dict[str, t.Any]]
HELD: dict[str, t.Any] = {"held": True, "holder": HOLDER, "ago": None}
REFUSED: dict[str, t.Any] = {**HELD, "held": False}
DEAD: dict[str, t.Any] = {"error": "Connection refused"}


def turns(monkeypatch: pytest.MonkeyPatch, *answers: dict[str, t.Any], check: bool = False) -> Answers:
    """What each turn of the task's loop gives; `answers` are those of the hosts that are asked."""
    ahead = iter(answers)
    monkeypatch.setattr(hold, "settled", [])
    monkeypatch.setattr(_hold, "hold", lambda take, read: dict(next(ahead)))
    found = []
    for host in ("n1", "n2", "n3"):
        how = {"async_val": 0, "check_mode": check, "environment": None, "diff": False, "delegate_to": host}
        task: t.Any = SimpleNamespace(args={"verb": "site"}, **how)
        connection: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
        unused: t.Any = None
        action = hold.ActionModule(task, connection, unused, unused, unused, unused)
        found.append(action.run(task_vars={"inventory_hostname": "n2"}))
    assert next(ahead, None) is None
    assert not any(turn["changed"] for turn in found)
    return found


def test_the_first_that_answers_holds_it_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    found = turns(monkeypatch, DEAD, HELD)
    assert found[0]["error"] == "n1: Connection refused"
    assert (found[1]["held"], found[1]["host"], found[2]["skipped"]) == (True, "n2", True)


def test_who_is_refused_asks_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    found = turns(monkeypatch, REFUSED)
    assert found[0]["failed"]
    assert "ada@laptop runs restart on this cluster" in found[0]["msg"]
    assert all(turn["skipped"] for turn in found[1:])


def test_where_none_answers_none_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [turn.get("held") for turn in turns(monkeypatch, DEAD, DEAD, DEAD)] == [None] * 3


def test_a_check_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(turn["skipped"] for turn in turns(monkeypatch, check=True))
