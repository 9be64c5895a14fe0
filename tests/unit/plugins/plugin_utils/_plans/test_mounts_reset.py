# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node unmounts and mounts anew, and who is in the way."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_reset import ResetPlan, plan_reset
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.mount_samples import (
    DEFAULTS,
    HOME,
    LINE,
    OPTIONS,
    OURS,
    SERVER,
    SESSION,
    SHELL,
    WANTED,
    Report,
    autofs,
    entry,
    mountinfo,
    over,
    report,
)

MOUNT = {**{name: LINE[name] for name in ("fstype", "dump", "passno")}, "path": "/home", "src": "files:/home"}
MOUNTED = {**MOUNT, "opts": OPTIONS, "state": "mounted"}


def plan(
    found: Report,
    want: Report | None = None,
    *,
    product: t.Sequence[Report] = (),
    stopped: bool = True,
    **defaults: t.Any,
) -> ResetPlan:
    want = want or WANTED
    return plan_reset(report({want["path"]: found}, product), [want], {**DEFAULTS, **defaults}, stopped=stopped)


def test_what_is_mounted_as_it_should_be_is_unmounted_and_mounted_all_the_same() -> None:
    answer = plan(entry(mountinfo(), fstab=[LINE]))
    assert answer == {"errors": [], "unmount": ["/home"], "mounts": [MOUNTED], "replaced": [], "busy": []}


def test_one_that_does_not_answer_any_more_is_unmounted_too() -> None:
    answer = plan(entry(mountinfo(), fstab=[LINE], error="Stale file handle", directory=None))
    assert (answer["errors"], answer["unmount"], answer["mounts"]) == ([], ["/home"], [MOUNTED])


def test_behind_a_link_it_is_the_mount_itself_that_is_unmounted() -> None:
    answer = plan(entry(mountinfo(), fstab=[LINE], real="/data/home"))
    assert (answer["unmount"], answer["mounts"][0]["path"]) == (["/data/home"], "/home")


def test_a_reset_that_was_cut_off_mounts_what_is_in_fstab_also_over_files_that_lay_under_it() -> None:
    answer = plan(entry(fstab=[LINE], directory=HOME))
    assert (answer["errors"], answer["unmount"], answer["mounts"]) == ([], [], [MOUNTED])


def test_what_was_never_mounted_hides_no_files() -> None:
    (error,) = plan(entry(directory=HOME))["errors"]
    assert "would hide" in error
    assert plan(entry())["mounts"] == [MOUNTED]


@pytest.mark.parametrize(
    ("found", "was"),
    [
        (entry(mountinfo("old:/home"), fstab=[{**LINE, "source": "old:/home"}]), "nfs4 old:/home"),
        (entry(fstab=[{**LINE, "source": "old:/home"}]), "old:/home"),
        (entry(mountinfo("old:/home"), fstab=[LINE]), "nfs4 old:/home"),
    ],
)
def test_another_export_takes_the_place_of_the_one_before(found: Report, was: str) -> None:
    answer = plan(found)
    assert answer["errors"] == []
    assert answer["replaced"] == [f"/home: {was} → files:/home"]
    assert answer["mounts"] == [MOUNTED]


@pytest.mark.parametrize(("named", "opts"), [(True, OPTIONS), (False, "rw,soft")])
def test_a_line_with_our_source_keeps_what_the_inventory_does_not_name(named: bool, opts: str) -> None:
    line = {**LINE, "options": "rw,soft", "passno": "2"}
    (mount,) = plan(entry(mountinfo(), fstab=[line]), opts_named=named)["mounts"]
    assert (mount["opts"], mount["passno"]) == (opts, "2")


def test_of_a_line_with_another_source_its_place_stays_and_no_option() -> None:
    line = {**LINE, "source": "old:/home", "options": "rw,soft", "fstype": "nfs4", "passno": "2"}
    (mount,) = plan(entry(mountinfo("old:/home"), fstab=[line]), opts_named=False)["mounts"]
    assert mount == {**MOUNTED, "passno": "2"}


@pytest.mark.parametrize("users", [[SESSION], [SHELL]])
def test_who_uses_it_when_all_are_stopped_is_named(users: list[Report]) -> None:
    answer = plan(entry(mountinfo(), fstab=[LINE], users=users))
    (error,) = answer["errors"]
    assert f"{users[0]['user']}: {users[0]['command']} (pid {users[0]['pid']}, works in it)" in error
    assert answer["unmount"] == []


def test_a_server_that_still_runs_uses_it() -> None:
    (error,) = plan(entry(mountinfo(), fstab=[LINE]), product=[SERVER])["errors"]
    assert "root: rserver (pid 700, runs)" in error


def test_before_the_stop_sessions_are_no_trouble_and_others_are_announced() -> None:
    found = entry(mountinfo(), fstab=[LINE], users=[SESSION, SHELL])
    answer = plan(found, product=[SERVER, SESSION], stopped=False)
    assert (answer["errors"], answer["unmount"]) == ([], ["/home"])
    assert answer["busy"] == ["/home: bob: bash (pid 813, works in it)"]


@pytest.mark.parametrize("stopped", [True, False])
def test_the_connection_of_the_run_may_not_be_in_it(stopped: bool) -> None:
    (error,) = plan(entry(mountinfo(), fstab=[LINE], users=[OURS]), stopped=stopped)["errors"]
    assert "the home of admin lies there" in error


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (entry(over(autofs("/etc/auto.home"), mountinfo())), "an automounter (/etc/auto.home)"),
        (entry(over(autofs("systemd-1"), mountinfo()), fstab=[LINE]), "systemd on demand"),
        (entry(mountinfo(), unit="/etc/systemd/system/home.mount"), "/etc/systemd/system/home.mount"),
        (entry(mountinfo(), fstab=[LINE, LINE]), "2 lines"),
        (entry(error="no answer"), "does not answer (no answer)"),
    ],
)
def test_what_others_mount_is_reset_by_them(found: Report, words: str) -> None:
    answer = plan(found)
    assert words in answer["errors"][0]
    assert (answer["unmount"], answer["mounts"]) == ([], [])
