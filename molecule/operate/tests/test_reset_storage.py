# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The full reset of storage, of a directory mounted for these tests: who is in the way, another export, a run cut off."""

from __future__ import annotations

import typing as t

import pytest
from operated import NODES, STARTED

if t.TYPE_CHECKING:
    from conftest import Lab, Run
    from operated import Verb

PLACE, ONE, OTHER = "/var/reset/place", "/var/reset/one", "/var/reset/other"
CONFIRMED = {"operate_confirmed": "reset_storage"}
Reset = t.Callable[..., "Run"]


@pytest.fixture(scope="module")
def reset(lab: Lab, verb: Verb) -> t.Iterator[Reset]:
    def run(*argv: str, rc: int = 0, src: str = ONE, **extra: t.Any) -> Run:
        # Homes are the lab's own, and stay mounted.
        storage = {
            "storage_manage": True,
            "storage_fstype": "none",
            "storage_options": "bind",
            "storage_mounts": [{"path": PLACE, "src": src}],
            "verify_paths": ["/nfs/workbench"],
        }
        return verb("reset_storage", *argv, rc=rc, **storage, **extra)

    lab.each(
        NODES, f"mkdir -p {PLACE} {ONE} {OTHER} && touch {ONE}/one {OTHER}/other && cp /etc/fstab /var/reset/fstab"
    )
    yield run
    lab.each(NODES, f"umount {PLACE}; cp /var/reset/fstab /etc/fstab && rm -r /var/reset; systemctl daemon-reload")


def seen(lab: Lab) -> set[str]:
    return {text.strip() for text in lab.each(NODES, f"ls {PLACE}").values()}


def all_are_online(lab: Lab) -> None:
    assert lab.sh("opt1", "rstudio-server list-nodes").count("Online") == len(NODES)


def test_all_nodes_stop_mount_and_start(lab: Lab, reset: Reset) -> None:
    before = lab.each(NODES, STARTED)
    assert "-e operate_confirmed=reset_storage" in reset(rc=2).output
    assert lab.each(NODES, STARTED) == before
    reset(**CONFIRMED)
    lab.each(NODES, f"mount -o remount,bind,ro {PLACE}")
    reset(**CONFIRMED)
    again = lab.each(NODES, f"findmnt -no VFS-OPTIONS {PLACE}")
    after = lab.each(NODES, STARTED)
    assert all(before[node] != after[node] for node in NODES)
    assert all(len(text.split()) == 1 and text.startswith("rw") for text in again.values()), "mounted once, and anew"
    assert seen(lab) == {"one"}
    all_are_online(lab)


def test_who_keeps_a_mount_busy_is_named_and_no_node_has_unmounted(lab: Lab, reset: Reset) -> None:
    before = lab.each(NODES, f"findmnt -no ID {PLACE}")
    lab.sh("opt2", f"systemd-run --quiet --unit=in-the-way --working-directory={PLACE} sleep 600")
    try:
        words = " ".join(reset("--check").output.split())
        assert f"In use besides on opt2, and to be ended before: {PLACE}: root: sleep (pid" in words
        words = " ".join(reset(rc=2, **CONFIRMED).output.split())
        assert f"opt2: {PLACE}: is in use: root: sleep (pid" in words
        assert lab.each(NODES, f"findmnt -no ID {PLACE}") == before
    finally:
        lab.sh("opt2", "systemctl stop in-the-way")
    reset(**CONFIRMED)
    all_are_online(lab)


def test_another_export_takes_the_place_on_all_nodes_also_after_a_run_that_was_cut_off(lab: Lab, reset: Reset) -> None:
    lab.sh("opt2", f"mv {OTHER} {OTHER}.gone")
    reset(rc=2, src=OTHER, **CONFIRMED)
    lab.sh("opt2", f"mv {OTHER}.gone {OTHER}")
    reset(src=OTHER, **CONFIRMED)
    assert seen(lab) == {"other"}
    for text in lab.each(NODES, f"grep -F {PLACE} /etc/fstab").values():
        assert [line.split()[0] for line in text.splitlines()] == [OTHER]
    all_are_online(lab)
