# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mounts go with a cluster: those whose line is ours word for word."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_taken import MountsTaken, plan_taken
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.mount_samples import (
    DEFAULTS,
    LINE,
    SESSION,
    SHELL,
    WANTED,
    Report,
    autofs,
    entry,
    mountinfo,
    report,
)

GONE = {"path": "/home", "src": "files:/home"}
NOTHING = {"unmount": [], "lines": [], "left": {}, "busy": [], "stays": False}


def plan(found: Report, *, product: t.Sequence[Report] = ()) -> MountsTaken:
    return plan_taken(report({"/home": found}, product), [WANTED], {**DEFAULTS, "opts_named": False})


def test_a_mount_with_our_line_goes_and_so_does_its_line() -> None:
    assert plan(entry(mountinfo(), fstab=[LINE])) == {**NOTHING, "unmount": ["/home"], "lines": [GONE]}


def test_where_a_run_was_cut_off_its_line_is_left_to_go() -> None:
    assert plan(entry(fstab=[LINE])) == {**NOTHING, "lines": [GONE]}
    assert plan(entry()) == NOTHING


@pytest.mark.parametrize(
    ("field", "value"),
    [("options", "rw,soft"), ("source", "10.0.0.21:/home"), ("fstype", "nfs4"), ("dump", "1"), ("passno", "2")],
)
def test_a_line_in_other_words_may_be_anothers_and_stays(field: str, value: str) -> None:
    taken = plan(entry(mountinfo(), fstab=[{**LINE, field: value}]))
    assert (taken["unmount"], taken["lines"], taken["stays"]) == ([], [], True)
    assert "may be another's" in taken["left"]["/home"]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (entry(mountinfo()), "without a line of /etc/fstab"),
        (entry(mountinfo("old:/home"), fstab=[LINE]), "nfs4 old:/home is mounted, and not files:/home"),
        (entry(mountinfo(), fstab=[LINE, LINE]), "has 2 lines"),
        (entry(mountinfo(), unit="home.mount", fstab=[LINE]), "is mounted by home.mount"),
        (entry(autofs("/etc/auto.home")), "is mounted by an automounter"),
        (entry(fstab=[LINE], error="Stale file handle", directory=None), "does not answer (Stale file handle)"),
    ],
)
def test_what_is_not_surely_ours_stays_mounted(found: Report, why: str) -> None:
    taken = plan(found)
    assert (taken["unmount"], taken["lines"], taken["stays"]) == ([], [], True)
    assert why in taken["left"]["/home"]


def test_who_uses_it_besides_workbench_is_named() -> None:
    taken = plan(entry(mountinfo(), fstab=[LINE], users=[SESSION, SHELL]), product=[SESSION])
    assert taken["busy"] == ["/home: bob: bash (pid 813, works in it)"]
    assert taken["unmount"] == ["/home"]
