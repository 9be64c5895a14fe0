# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of storage that contradict others are named before any host is touched."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.storage import storage_problems

HOME, SHARED = "/nfs/workbench/home", "/nfs/workbench/shared-storage"
MOUNTS = [
    {"path": HOME, "src": "10.0.0.21:/var/nfs/workbench/home"},
    {"path": SHARED, "src": "10.0.0.21:/var/nfs/workbench/shared-storage"},
]
OTHERS = {"home_root": HOME, "shared_path": SHARED, "verify_paths": []}
STORE = {"store1": {"ansible_host": "10.0.0.21"}}


def problems(
    mounts: t.Sequence[t.Mapping[str, t.Any]] = (),
    store: t.Mapping[str, t.Any] | None = None,
    **others: t.Any,
) -> list[str]:
    hostvars = {"store1": {**STORE["store1"], **(store or {})}}
    return storage_problems(mounts or MOUNTS, {**OTHERS, **others}, ["store1"], hostvars)


@pytest.mark.parametrize(
    "others",
    [
        {},
        {"home_root": f"{HOME}/staff", "shared_path": f"{SHARED}/one"},
        {"home_root": "/home", "verify_paths": ["/home", SHARED]},
        {"verify_paths": [HOME, SHARED, "/projects"]},
    ],
)
def test_variables_that_fit(others: dict[str, t.Any]) -> None:
    assert problems(**others) == []


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"home_root": "/home"}, ["accounts_home_root=/home", "storage_mounts", HOME, "verify_paths"]),
        ({"shared_path": "/srv/shared"}, ["server_shared_storage_path=/srv/shared", "storage_mounts"]),
        ({"verify_paths": [HOME]}, [f"server_shared_storage_path={SHARED}", "verify_paths"]),
        ({"verify_paths": ["/projects", SHARED]}, [f"accounts_home_root={HOME}", "verify_paths"]),
    ],
)
def test_homes_and_shared_storage_that_are_not_mounted(others: dict[str, t.Any], words: list[str]) -> None:
    (problem,) = problems(**others)
    for word in words:
        assert word in problem


@pytest.mark.parametrize("server", ["10.0.0.21", "store1"])
def test_a_mount_of_what_the_file_server_does_not_export(server: str) -> None:
    mounts = [{"path": HOME, "src": f"{server}:/export/home"}, MOUNTS[1]]
    (problem,) = problems(mounts)
    for word in (
        f"{server}:/export/home",
        "storage_home_export",
        "nfs_server_exports",
        "store1",
        "/var/nfs/workbench/home",
    ):
        assert word in problem
    assert (
        problems(mounts, {"nfs_server_exports": [{"path": "/export"}, {"path": MOUNTS[1]["src"].split(":")[1]}]}) == []
    )


def test_other_file_servers_and_unmanaged_exports_are_not_ours_to_compare() -> None:
    assert problems([{"path": HOME, "src": "filer:/export/home"}, MOUNTS[1]]) == []
    mounts = [{"path": HOME, "src": "10.0.0.21:/export/home"}, MOUNTS[1]]
    assert problems(mounts, {"nfs_server_manage": False}) == []


@pytest.mark.parametrize(
    "path", ["/", "/etc", "/etc/rstudio", "/usr/share", "/root", "/var/lib/rstudio-server", "/var/"]
)
def test_a_directory_of_the_system_is_no_place_for_a_mount(path: str) -> None:
    (problem,) = [text for text in problems([*MOUNTS, {"path": path, "src": "x:/y"}]) if "would hide" not in text]
    assert f"{path.rstrip('/') or '/'}, a directory of the system" in problem


def test_a_mount_that_would_hide_one_listed_before_it() -> None:
    mounts = [*MOUNTS, {"path": "/nfs", "src": "x:/y"}]
    assert [text for text in problems(mounts) if "give /nfs first" in text] == problems(mounts)
    assert problems([mounts[-1], *MOUNTS]) == []


def test_options_with_blanks_would_break_fstab() -> None:
    assert "rw, hard" in problems([{**MOUNTS[0], "opts": "rw, hard"}, MOUNTS[1]])[0]
