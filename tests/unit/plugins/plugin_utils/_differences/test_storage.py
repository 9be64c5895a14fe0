# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is announced of the mounts of a node: a node as it is to be, with one thing that is not."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.storage import differences
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.mount_samples import (
    DEFAULTS,
    EMPTY,
    HOME,
    LINE,
    OPTIONS,
    SERVER,
    SESSION,
    SHOWN,
    Report,
    entry,
    mountinfo,
    report,
)

ASKED = {"path": "/home", "src": "files:/home", "owner": "root", "group": "root", "mode": "0755"}
OTHER = OPTIONS.replace("actimeo=2", "actimeo=1")
STRANGE = {**EMPTY, "owner": 65534, "owner_name": "nobody", "mode": "1777"}


def node(point: Report | None = None, **more: t.Any) -> t.Any:
    """The report of a node with the package, and the homes mounted as they are to be."""
    mounts = {"/home": entry(mountinfo(), fstab=[LINE]) if point is None else point}
    return {"packages": {"nfs-common": {"state": "installed", "version": "1"}}, "mounts": report(mounts), **more}


def compared(told: t.Any, speaks: bool = True, mounts: t.Any = None, **defaults: t.Any) -> Differences:
    wanted = {"packages": ["nfs-common"], "mounts": mounts or [ASKED], "speaks": speaks}
    return differences({**wanted, "defaults": {**DEFAULTS, "move": False, **defaults}}, told)


def whys(found: Differences) -> list[str]:
    assert found.problems == []
    assert {change.what for change in found.changes} <= {"/home"}
    return [change.why for change in found.changes]


def test_nothing_is_announced_where_all_is_as_it_is_to_be() -> None:
    assert compared(node()) == Differences()


def test_the_package_is_announced() -> None:
    (change,) = compared(node(packages={"nfs-common": {"state": "absent", "version": None}})).changes
    assert change.what == "package nfs-common"


@pytest.mark.parametrize(
    ("point", "defaults", "why"),
    [
        (
            entry(directory=None),
            {},
            "new; mounts files:/home; an empty share gets owner root, group root, mode 0755",
        ),
        (
            entry(directory=None),
            {"mode_named": True},
            "new; mounts files:/home; the share gets owner root, group root, mode 0755",
        ),
        (
            entry(fstab=[LINE]),
            {},
            "not mounted; mounts files:/home; an empty share gets owner root, group root, mode 0755",
        ),
        (
            entry(directory=HOME),
            {"move": True},
            "new; mounts files:/home; what lies there (admin, grace) moves onto it first, and is kept in "
            "/home.before-workbench-cluster; an empty share gets owner root, group root, mode 0755",
        ),
        (entry(mountinfo()), {}, "new line in /etc/fstab"),
        (
            entry(mountinfo(), fstab=[{**LINE, "options": OPTIONS + ",x-systemd.mount-timeout=90"}]),
            {},
            "in /etc/fstab x-systemd.mount-timeout=90 removed",
        ),
        (entry(mountinfo(), fstab=[LINE]), {"opts": OTHER}, "actimeo 2 → 1"),
        (
            entry(mountinfo(), fstab=[LINE]),
            {"opts": OTHER.replace(",nofail", "")},
            "actimeo 2 → 1; in /etc/fstab actimeo 2 → 1, nofail removed",
        ),
        (entry(mountinfo()), {"opts": OTHER}, "actimeo 2 → 1; new line in /etc/fstab"),
        (
            entry(mountinfo(), fstab=[LINE], moved=True),
            {"move": ["/home"]},
            "what was moved onto the share is set aside, to /home.before-workbench-cluster",
        ),
        (
            entry(mountinfo(), fstab=[LINE], directory=STRANGE),
            {},
            "owner nobody → root, mode 1777 → 0755",
        ),
        (
            entry(mountinfo(), fstab=[LINE], directory={**STRANGE, "entries": 1}),
            {"mode_named": True},
            "owner nobody → root, mode 1777 → 0755",
        ),
        (
            entry(mountinfo(), fstab=[LINE], directory=None),
            {},
            "owner and mode of the shared directory cannot be told",
        ),
    ],
    ids=[
        "new",
        "new, owner and mode named",
        "unmounted by hand",
        "files move",
        "mounted by hand",
        "line",
        "options",
        "options and line",
        "options without a line",
        "a move was cut off",
        "empty share",
        "share in use, named",
        "untold",
    ],
)
def test_what_differs_is_announced(point: Report, defaults: Report, why: str) -> None:
    assert whys(compared(node(point), **defaults)) == [why]


@pytest.mark.parametrize(
    "point",
    [
        entry(mountinfo(), fstab=[LINE], directory=STRANGE),
        entry(mountinfo(), fstab=[LINE], directory=None),
        entry(mountinfo(), fstab=[LINE], directory={**STRANGE, "entries": 1}),
    ],
)
def test_what_all_nodes_share_is_announced_on_one_of_them(point: Report) -> None:
    assert compared(node(point), speaks=False) == Differences()


def test_a_mount_is_announced_on_every_node_in_the_same_words() -> None:
    """So that the plan has one line for all of them."""
    point = entry(directory=None)
    assert compared(node(point), speaks=False) == compared(node(point))


def test_a_move_that_is_done_is_not_announced() -> None:
    assert compared(node(entry(mountinfo(), fstab=[LINE], directory=HOME)), move=True) == Differences()


def test_an_owner_asked_for_by_number_is_known() -> None:
    assert compared(node(), mounts=[{**ASKED, "owner": "0", "group": "0", "mode": "755"}]) == Differences()


def test_a_mount_that_is_interrupted_says_so() -> None:
    (change,) = compared(node(), opts=OTHER).changes
    assert "unmounted" in change.interrupts
    assert change.restarts == ()


@pytest.mark.parametrize("point", [entry(directory=None), entry(mountinfo())])
def test_what_interrupts_nothing_does_not_say_so(point: Report) -> None:
    assert [change.interrupts for change in compared(node(point)).changes] == [""]


@pytest.mark.parametrize(
    ("point", "words"),
    [
        (entry(directory=HOME), "mounting files:/home would hide what lies there"),
        (entry(mountinfo("other:/srv"), fstab=[LINE]), "storage_mounts wants files:/home"),
        (entry(mountinfo(), fstab=[LINE], error="no answer within 5 seconds"), "does not answer"),
    ],
)
def test_what_the_role_refuses_is_a_problem_and_no_change(point: Report, words: str) -> None:
    found = compared(node(point))
    assert (found.changes, found.diff) == ([], [])
    assert words in found.problems[0]


@pytest.mark.parametrize("who", [{"users": [SESSION]}, {"product": [SERVER]}], ids=["session", "Workbench"])
def test_options_of_what_is_in_use_are_a_problem(who: Report) -> None:
    report = node(entry(mountinfo(), fstab=[LINE], users=who.get("users", [])))
    report["mounts"]["product"] = who.get("product", [])
    found = compared(report, opts=OTHER)
    assert found.changes == []
    assert "it is in use" in found.problems[0]


def test_drift_that_is_left_is_noted() -> None:
    kept = {**LINE, "options": "rw,vers=4.1"}
    found = compared(node(entry(mountinfo(), fstab=[kept], directory={**HOME, "mode": "2770"})), opts_named=False)
    assert found.changes == []
    assert [note.split(",")[0] for note in found.notes] == [
        "/home: /etc/fstab has the options rw",
        "/home has the mode 2770",
    ]


@pytest.mark.parametrize("missing", ["part", "path"])
def test_what_cannot_be_told_is_a_change(missing: str) -> None:
    report = node(errors={"mounts": "no answer"})
    if missing == "part":
        del report["mounts"]
    else:
        report["mounts"]["mounts"] = {}
    (change,) = compared(report).changes
    assert (change.what, change.why) == ("/home", "what is mounted cannot be told: no answer")


def test_the_line_is_shown_as_it_is_and_as_it_will_be() -> None:
    (entry_of_diff,) = compared(node(), opts="vers=4.1,password=new").diff
    assert entry_of_diff["before"] == f"files:/home /home nfs {OPTIONS} 0 0\n"
    assert entry_of_diff["after"].startswith("files:/home /home nfs vers=4.1,password=sha256:")
    assert "new" not in entry_of_diff["after"]


def test_a_new_line_has_nothing_before_it() -> None:
    (entry_of_diff,) = compared(node(entry(directory=None))).diff
    assert (entry_of_diff["before"], entry_of_diff["after"]) == ("", f"files:/home /home nfs {OPTIONS} 0 0\n")


def test_what_the_kernel_calls_otherwise_is_not_announced() -> None:
    shown = SHOWN.replace("vers=4.1", "vers=4.1,namlen=255")
    assert compared(node(entry(mountinfo(shown=shown), fstab=[LINE]))) == Differences()
