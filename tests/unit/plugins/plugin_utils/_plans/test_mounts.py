# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done about the mounts of a node: a healthy report with one change, and one decision."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts import Plan, plan_mounts
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.mount_samples import (
    DEFAULTS,
    EMPTY,
    HOME,
    LINE,
    OPTIONS,
    OURS,
    ROOT,
    SERVER,
    SESSION,
    SHOWN,
    WANTED,
    Report,
    autofs,
    entry,
    mountinfo,
    over,
    report,
)


def plan(found: Report, want: Report | None = None, product: t.Sequence[Report] = (), **defaults: t.Any) -> Plan:
    want = want or WANTED
    return plan_mounts(report({want["path"]: found}, product), [want], {**DEFAULTS, **defaults})


def nothing_to_do(answer: Plan) -> None:
    assert (answer["errors"], answer["unmount"], answer["mounts"]) == ([], [], [])


def test_a_new_node_is_mounted() -> None:
    answer = plan(entry(directory=None))
    assert answer["errors"] == []
    assert answer["mounts"] == [
        {
            "path": "/home",
            "src": "files:/home",
            "fstype": "nfs",
            "opts": OPTIONS,
            "dump": "0",
            "passno": "0",
            "state": "mounted",
        }
    ]


def test_the_second_run_does_nothing() -> None:
    nothing_to_do(plan(entry(mountinfo(), fstab=[LINE], users=[SESSION]), product=[SERVER]))


def test_a_mount_over_files_is_refused_with_what_lies_there_and_whose_home_it_is() -> None:
    answer = plan(entry(directory=HOME))
    assert answer["mounts"] == []
    (error,) = answer["errors"]
    for word in (
        "/home",
        "admin, grace",
        "files:/home",
        "admin (/home/admin with authorized_keys",
        "locked out",
        "grace (/home/grace)",
    ):
        assert word in error


def test_many_names_are_counted() -> None:
    (error,) = plan(entry(directory={**HOME, "entries": 12}))["errors"]
    assert "admin, grace and 10 more" in error


@pytest.mark.parametrize("move", [True, ["/home"]])
def test_files_are_moved_where_the_inventory_says_so(move: t.Any) -> None:
    answer = plan(entry(directory=HOME, users=[OURS]), move=move)
    assert answer["errors"] == []
    # The module mounts; a restart in between must not show a share that lacks the homes.
    assert [mount["state"] for mount in answer["mounts"]] == ["present"]
    assert answer["moves"] == answer["mounts"]


def test_files_of_another_path_are_not_moved() -> None:
    assert "storage_move_existing: [/home]" in plan(entry(directory=HOME), move=["/srv"])["errors"][0]


@pytest.mark.parametrize(("users", "product"), [([SESSION], []), ([], [SERVER])])
def test_files_in_use_are_not_moved(users: list[Report], product: list[Report]) -> None:
    answer = plan(entry(directory=HOME, users=users), move=True, product=product)
    assert answer["moves"] == []
    assert "in use: " in answer["errors"][0]


def test_a_move_that_was_cut_off_is_completed() -> None:
    answer = plan(entry(mountinfo(), fstab=[LINE]), move=True)
    nothing_to_do(answer)
    assert [mount["path"] for mount in answer["moves"]] == ["/home"]


def test_nothing_is_moved_under_an_automounter() -> None:
    assert plan(entry(over(autofs("/etc/auto.direct"), mountinfo())), move=True)["moves"] == []


def test_a_file_in_the_way_is_refused() -> None:
    assert "is a file" in plan(entry(directory={**EMPTY, "kind": "file"}))["errors"][0]


def test_a_share_that_does_not_answer_is_refused() -> None:
    (error,) = plan(entry(mountinfo(), directory=None, error="no answer within 30 seconds"))["errors"]
    assert "no answer within 30 seconds" in error


@pytest.mark.parametrize(
    ("source", "shown", "wanted", "more"),
    [
        ("files:/home", SHOWN, "files:/home/", {}),
        ("FILES.:/home", SHOWN, "files:/home", {}),
        ("10.0.0.21:/home", SHOWN, "files.example.com:/home", {"addresses": ["10.0.0.21"]}),
        ("files.example.com:/home", SHOWN, "10.0.0.21:/home", {"addresses": ["10.0.0.21"]}),
        ("alias:/home", SHOWN, "files:/home", {"addresses": ["10.0.0.9", "10.0.0.21"]}),
        ("[fd00::21]:/home", SHOWN.replace("10.0.0.21", "fd00::21"), "[fd00:0::21]:/home", {}),
        ("[fd00::21]:/home", SHOWN.replace("10.0.0.21", "fd00::21"), "files:/home", {"addresses": ["fd00::21"]}),
        ("10.0.0.21@tcp:/fs", "rw,flock", "10.0.0.21@tcp:/fs", {}),
        ("10.0.0.21@tcp:/fs", "rw,flock", "mgs@tcp:/fs", {"addresses": ["10.0.0.21"]}),
        ("10.0.0.1@tcp:10.0.0.2@tcp:/fs/home", "rw,flock", "10.0.0.1@tcp,10.0.0.2@tcp:/fs/home", {}),
        (
            "10.0.0.1:6789,10.0.0.2:6789:/home",
            "rw,name=admin",
            "mon1,mon2:/home",
            {"addresses": ["10.0.0.1", "10.0.0.2"]},
        ),
        ("admin@0f5a-11.fs=/home", "rw,mon_addr=10.0.0.1:6789/10.0.0.2:6789", "admin@.fs=/home", {}),
        ("admin@0f5a-11.fs=/home", "rw,mon_addr=10.0.0.1:6789/10.0.0.2:6789", "10.0.0.2:/home", {}),
        ("127.0.0.1:/", SHOWN + ",port=20127", "fs-0123abcd:/", {"efs": "fs-0123abcd"}),
        ("127.0.0.1:/", SHOWN + ",port=20127", "fs-0123abcd", {"efs": "fs-0123abcd"}),
        ("127.0.0.1:/team", SHOWN + ",port=20127", "fs-0123abcd:/team", {"efs": "fs-0123abcd"}),
        ("fs-0123abcd.efs.eu-west-1.amazonaws.com:/", SHOWN, "fs-0123abcd:/", {}),
        ("//server/share", "rw,vers=3.1.1", "//SERVER/share", {}),
    ],
)
def test_the_role_knows_its_own_mount(source: str, shown: str, wanted: str, more: Report) -> None:
    found = entry(mountinfo(source, shown), fstab=[{**LINE, "source": wanted}], **more)
    nothing_to_do(plan(found, {**WANTED, "src": wanted}, opts_named=False))


def test_the_line_says_what_is_behind_a_tunnel_of_the_efs_helper() -> None:
    line = {**LINE, "source": "fs-0123abcd:/", "fstype": "efs"}
    found = entry(mountinfo("127.0.0.1:/", SHOWN + ",port=20127"), fstab=[line])
    nothing_to_do(plan(found, {**WANTED, "src": "fs-0123abcd:/"}, opts_named=False))


@pytest.mark.parametrize("same", [True, False])
def test_a_bind_mount_is_compared_by_what_it_shows(same: bool) -> None:
    found = entry(
        mountinfo("overlay", "rw", "overlay", "/srv/home"),
        same_place=same,
        fstab=[{**LINE, "source": "/srv/home", "options": "bind"}],
    )
    answer = plan(found, {**WANTED, "src": "/srv/home", "opts": "bind"})
    if same:
        nothing_to_do(answer)
    else:
        assert "overlay overlay[/srv/home] is mounted" in answer["errors"][0]


@pytest.mark.parametrize(
    ("source", "shown", "wanted", "more"),
    [
        ("other:/home", SHOWN.replace("10.0.0.21", "10.0.0.99"), "files:/home", {"addresses": ["10.0.0.21"]}),
        ("files:/homes", SHOWN, "files:/home", {}),
        ("files:/home/sub", SHOWN, "files:/home", {}),
        ("[fd00::22]:/home", SHOWN.replace("10.0.0.21", "fd00::22"), "[fd00::21]:/home", {}),
        ("127.0.0.1:/", SHOWN + ",port=20127", "fs-0123abcd:/", {"efs": "fs-99999999"}),
        ("127.0.0.1:/", SHOWN + ",port=20127", "fs-0123abcd:/", {}),
        ("10.0.0.21@tcp:/other", "rw,flock", "10.0.0.21@tcp:/fs", {}),
        ("/dev/sdb1", "rw", "files:/home", {}),
        ("tmpfs", "rw", "files:/home", {}),
    ],
)
def test_another_mount_is_never_replaced(source: str, shown: str, wanted: str, more: Report) -> None:
    answer = plan(entry(mountinfo(source, shown), **more), {**WANTED, "src": wanted})
    assert (answer["unmount"], answer["mounts"]) == ([], [])
    assert f"{source} is mounted, storage_mounts wants {wanted}" in answer["errors"][0]


def test_a_bind_mount_of_a_directory_of_the_share_is_another_one() -> None:
    answer = plan(entry(mountinfo("10.0.0.1@tcp:/fs", "rw", "lustre", "/home")), {**WANTED, "src": "10.0.0.1@tcp:/fs"})
    assert "10.0.0.1@tcp:/fs[/home] is mounted" in answer["errors"][0]


CHANGED = OPTIONS.replace("actimeo=2", "actimeo=1")


def changed(**more: t.Any) -> Report:
    return entry(mountinfo(), fstab=[LINE], **more)


def test_changed_options_are_taken_when_nobody_uses_the_mount() -> None:
    answer = plan(changed(), opts=CHANGED)
    assert (answer["errors"], answer["unmount"]) == ([], ["/home"])
    assert answer["mounts"] == [
        {**answer["mounts"][0], "opts": CHANGED, "state": "mounted", "path": "/home", "src": "files:/home"}
    ]


@pytest.mark.parametrize(
    ("users", "product", "words"),
    [
        ([SESSION], [], ["ada: rsession (pid 812, works in it)"]),
        ([SESSION, OURS], [SERVER], ["ada: rsession (pid 812", "root: rserver (pid 700, runs)", "systemctl stop"]),
        ([], [SERVER], ["root: rserver (pid 700, runs)"]),
        ([OURS], [], ["the home of admin lies there", "account whose home is elsewhere"]),
    ],
)
def test_changed_options_of_a_mount_in_use_are_refused_with_who_uses_it(
    users: list[Report], product: list[Report], words: list[str]
) -> None:
    answer = plan(changed(users=users), opts=CHANGED, product=product)
    assert (answer["unmount"], answer["mounts"]) == ([], [])
    (error,) = answer["errors"]
    for word in ["acregmin", *words]:
        assert word in error


def test_a_process_is_named_once() -> None:
    (error,) = plan(changed(users=[SESSION]), opts=CHANGED, product=[{**SESSION, "use": "runs"}])["errors"]
    assert error.count("pid 812") == 1


def test_options_the_kernel_does_not_keep_unmount_nothing() -> None:
    """nofail counts when the node boots: the line is written, sessions notice nothing."""
    answer = plan(changed(users=[SESSION]), opts=OPTIONS.replace("nofail", "x-systemd.mount-timeout=30"))
    assert (answer["errors"], answer["unmount"]) == ([], [])
    assert [mount["state"] for mount in answer["mounts"]] == ["present"]


def test_a_run_that_ended_between_unmount_and_mount_is_completed() -> None:
    answer = plan(entry(fstab=[LINE]), opts=CHANGED)
    assert [(mount["opts"], mount["state"]) for mount in answer["mounts"]] == [(CHANGED, "mounted")]


def test_a_line_of_an_admin_keeps_its_options_where_the_inventory_names_none() -> None:
    line = {**LINE, "options": "soft,vers=3,x-systemd.automount", "passno": "2"}
    answer = plan(entry(mountinfo(), fstab=[line]), opts_named=False)
    nothing_to_do(answer)
    assert "soft,vers=3,x-systemd.automount, which are kept" in answer["notes"][0]
    (mount,) = plan(entry(fstab=[line]), opts_named=False)["mounts"]
    assert (mount["opts"], mount["passno"], mount["state"]) == (line["options"], "2", "mounted")


def test_options_of_one_entry_are_named() -> None:
    line = {**LINE, "options": "soft"}
    (mount,) = plan(entry(fstab=[line]), {**WANTED, "opts": "hard"}, opts_named=False)["mounts"]
    assert mount["opts"] == "hard"


def test_a_line_in_other_words_is_kept_to_the_letter() -> None:
    line = {
        **LINE,
        "target": "/home/",
        "source": "files:/home/",
        "fstype": "nfs4",
        "options": "nofail,_netdev,noatime,nfsvers=4.1,acregmin=2,acregmax=2,acdirmin=2,acdirmax=2",
    }
    nothing_to_do(plan(entry(mountinfo(), fstab=[line])))
    (mount,) = plan(entry(fstab=[line]))["mounts"]
    assert (mount["path"], mount["src"], mount["fstype"], mount["opts"]) == (
        "/home/",
        "files:/home/",
        "nfs4",
        line["options"],
    )


@pytest.mark.parametrize("text", [ROOT, mountinfo("store1:/home")])
def test_a_line_by_name_is_the_one_by_address(text: str) -> None:
    line = {**LINE, "source": "store1:/home", "addresses": ["10.0.0.21"]}
    answer = plan(entry(text, fstab=[line], addresses=["10.0.0.21"]), {**WANTED, "src": "10.0.0.21:/home"})
    assert answer["errors"] == []
    assert [mount["src"] for mount in answer["mounts"]] == (["store1:/home"] if text == ROOT else [])


def test_a_line_with_another_source_is_never_overwritten() -> None:
    for text in (ROOT, mountinfo()):
        answer = plan(entry(text, fstab=[{**LINE, "source": "old:/home"}]))
        assert (answer["unmount"], answer["mounts"]) == ([], [])
        assert "/etc/fstab mounts old:/home there, storage_mounts wants files:/home" in answer["errors"][0]


def test_two_lines_are_refused() -> None:
    assert "2 lines" in plan(entry(fstab=[LINE, {**LINE, "source": "old:/home"}]))["errors"][0]


def test_what_is_mounted_by_hand_gets_its_line() -> None:
    answer = plan(entry(mountinfo(), users=[SESSION]))
    assert (answer["errors"], answer["unmount"]) == ([], [])
    assert [mount["state"] for mount in answer["mounts"]] == ["present"]


@pytest.mark.parametrize("opts", [OPTIONS, OPTIONS + ",x-systemd.automount"])
def test_a_mount_on_demand_by_systemd_is_known(opts: str) -> None:
    text = over(autofs("systemd-1"), mountinfo())
    nothing_to_do(plan(entry(text, fstab=[{**LINE, "options": opts}]), opts=opts))


def test_options_of_a_mount_on_demand_by_systemd_are_changed_by_hand() -> None:
    answer = plan(entry(over(autofs("systemd-1"), mountinfo()), fstab=[LINE]), opts=CHANGED)
    assert "automount unit" in answer["errors"][0]
    assert answer["unmount"] == []


@pytest.mark.parametrize(
    "found",
    [
        entry(over(autofs("/etc/auto.direct"), mountinfo())),
        entry(mountinfo(), above={"source": "/etc/auto.home", "fstype": "autofs", "target": "/"}),
        entry(mountinfo(), unit="/etc/systemd/system/home.mount"),
    ],
    ids=["direct map", "indirect map", "unit"],
)
def test_who_mounts_it_keeps_it(found: Report) -> None:
    nothing_to_do(plan(found))
    answer = plan(found, opts=CHANGED)
    assert "Set them there" in answer["errors"][0]
    assert (answer["unmount"], answer["mounts"]) == ([], [])


def test_nothing_is_mounted_over_an_automounter() -> None:
    assert "mounted on demand (/etc/auto.direct)" in plan(entry(autofs("/etc/auto.direct")))["errors"][0]
    above = {"source": "/etc/auto.home", "fstype": "autofs", "target": "/home"}
    assert "which an automounter manages (/etc/auto.home)" in plan(entry(above=above, directory=None))["errors"][0]


def test_a_unit_that_did_not_mount_is_named() -> None:
    assert "/etc/systemd/system/home.mount" in plan(entry(unit="/etc/systemd/system/home.mount"))["errors"][0]


OWNED = {**WANTED, "owner": "root", "group": "root", "mode": "0755"}
OTHERS = {**HOME, "mode": "2770"}


@pytest.mark.parametrize(
    ("found", "named", "directories", "notes"),
    [
        (entry(directory=None), False, 1, 0),
        (entry(mountinfo(), fstab=[LINE]), False, 1, 0),
        (entry(mountinfo(), fstab=[LINE], directory=OTHERS), False, 0, 1),
        (entry(mountinfo(), fstab=[LINE], directory=HOME), False, 0, 0),
        (entry(mountinfo(), fstab=[LINE], directory=OTHERS), True, 1, 0),
    ],
    ids=["new", "empty", "of others", "as wanted", "named"],
)
def test_owner_and_mode_of_a_share_in_use_change_only_by_name(
    found: Report, named: bool, directories: int, notes: int
) -> None:
    answer = plan(found, OWNED, mode_named=named)
    assert answer["directories"] == [{"path": "/home", "owner": "root", "group": "root", "mode": "0755"}] * directories
    assert len(answer["notes"]) == notes


def test_errors_of_one_mount_do_not_hide_those_of_the_next() -> None:
    node = report({"/home": entry(directory=HOME), "/srv": entry(directory=HOME)})
    answer = plan_mounts(node, [WANTED, {"path": "/srv", "src": "files:/srv"}], {**DEFAULTS, "opts_named": False})
    assert [error.split(":")[0] for error in answer["errors"]] == ["/home", "/srv"]
