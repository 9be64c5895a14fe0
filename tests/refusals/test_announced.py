# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the scenarios hold what a run of `site` changed against what it announced."""

from __future__ import annotations

import importlib.util
import typing as t
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[2] / "molecule" / "announced.py"
SPEC = importlib.util.spec_from_file_location("announced", PATH)
assert SPEC is not None
assert SPEC.loader is not None
announced = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(announced)

CONF = "/etc/rstudio/rserver.conf"


def change(role: str = "server", path: str = "", waits: bool = False) -> dict[str, t.Any]:
    return {"host": "n1", "role": role, "path": path, "waits": waits}


def deed(play: str = "Workbench", role: str = "server", *files: str) -> dict[str, t.Any]:
    return {"host": "n1", "play": play, "role": role, "changed_files": [*files]}


@pytest.mark.parametrize(
    ("plan", "deeds", "expected"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([change()], [deed()], [], id="same"),
        pytest.param([change()], [deed(role="clock")], [], id="a_role_uses_another"),
        pytest.param([change()], [deed("Restart, one node after the other")], [], id="a_play_of_tasks"),
        pytest.param([change(), change("clock", waits=True)], [deed()], [], id="waiting_is_no_deed"),
        pytest.param([change(path=CONF)], [deed("Workbench", "server", CONF)], [], id="file"),
        pytest.param([change()], [], ["n1: announced, and not done: server"], id="not_done"),
        pytest.param([change("clock", waits=True)], [], [], id="nothing_but_waiting"),
        pytest.param([], [deed("Storage", "storage")], ["n1: done, and not announced: storage"], id="not_announced"),
        pytest.param(
            [change()],
            [deed("Workbench", "server", CONF)],
            [f"n1: written, and not announced: {CONF}"],
            id="file_not_announced",
        ),
    ],
)
def test_plan_and_deed(plan: t.Any, deeds: t.Any, expected: list[str]) -> None:
    assert announced.apart(plan, deeds) == expected


def test_plays_that_build_are_known_by_their_role() -> None:
    """A play that is renamed would fall back to the role of its tasks."""
    assert announced.apart([change("keys")], [deed("Keys", "clock")]) == []
