# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are moved onto a share: with real directories, and real mounts where this host lets us."""

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._mounts import move as mounts_move
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.move import (
    Place,
    copy,
    differences,
    move,
    set_aside,
    snapshot,
    to_move,
    to_set_aside,
)
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.read import current


def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def nobody() -> None:
    """Nobody uses the directory."""


def go(execute: t.Any, place: Place, refuse_users: t.Callable[[], None] = nobody) -> None:
    """What the role does: both steps, each where there is something to do."""
    if to_move(place):
        move(execute, place, refuse_users)
    if to_set_aside(place):
        set_aside(execute, place)


class Homes:
    """/home of a node and the share, as directories; the share is `mounted` by binding it."""

    def __init__(self, root: Path) -> None:
        self.share = root / "share"
        self.home = root / "home"
        self.share.mkdir()
        self.home.mkdir()
        self.place = self.of(self.home)
        ssh = self.home / "admin" / ".ssh"
        ssh.mkdir(parents=True, mode=0o700)
        (ssh / "authorized_keys").write_text("ssh-ed25519 AAAA\n")
        (ssh / "authorized_keys").chmod(0o600)
        (self.home / "ada").mkdir(mode=0o750)
        (self.home / "ada" / "data").write_text("1\n" * 1000)
        os.link(self.home / "ada" / "data", self.home / "ada" / "again")
        (self.home / "ada" / "link").symlink_to("data")
        os.utime(self.home / "ada" / "data", (1_000_000_000, 1_000_000_000))

    def of(self, home: Path, skip: t.Collection[str] = ()) -> Place:
        return Place(str(home), ["--bind", str(self.share)], skip, str(self.share.parent / "private"))

    def moved(self) -> bool:
        """Everything is on the share as it was made, and the share is seen where the homes were."""
        data = self.share / "ada" / "data"
        return (
            (self.share / "admin/.ssh/authorized_keys").read_text() == "ssh-ed25519 AAAA\n"
            and (self.share / "admin/.ssh/authorized_keys").stat().st_mode & 0o777 == 0o600
            and (self.share / "admin/.ssh").stat().st_mode & 0o777 == 0o700
            and (data.stat().st_nlink, int(data.stat().st_mtime)) == (2, 1_000_000_000)
            and os.readlink(self.share / "ada" / "link") == "data"
            and sorted(os.listdir(self.share)) == ["ada", "admin"]
        )


@pytest.fixture
def homes(tmp_path: Path) -> t.Iterator[Homes]:
    found = Homes(tmp_path)
    yield found
    for path in (found.home, tmp_path / "private" / "share", tmp_path / "private" / "under"):
        subprocess.run(["umount", "--lazy", str(path)], check=False, capture_output=True)


def test_a_copy_is_as_it_was(homes: Homes) -> None:
    copy(run, homes.place, str(homes.share))
    assert homes.moved()
    assert differences(homes.place, str(homes.share)) == ([], [])


def test_what_a_second_node_has_alike_is_fine_and_what_it_has_more_is_added(homes: Homes, tmp_path: Path) -> None:
    copy(run, homes.place, str(homes.share))
    second = tmp_path / "second"
    run(["cp", "-a", str(homes.home), str(second)])
    (second / "ada" / "more").write_text("2")
    (second / "grace").mkdir()
    assert differences(homes.of(second), str(homes.share)) == (["ada/more", "grace"], [])
    copy(run, homes.of(second), str(homes.share))
    assert (homes.share / "ada" / "more").read_text() == "2"
    assert differences(homes.of(second), str(homes.share)) == ([], [])


@pytest.mark.parametrize("change", ["content", "mode", "kind", "link"])
def test_names_that_differ_are_refused_and_nothing_is_copied(homes: Homes, change: str) -> None:
    copy(run, homes.place, str(homes.share))
    (homes.home / "new").write_text("")
    data = homes.home / "ada" / "data"
    if change == "content":
        data.write_text("2\n" * 1000)
    elif change == "mode":
        data.chmod(0o777)
    elif change == "kind":
        data.unlink()
        data.mkdir()
    else:
        (homes.home / "ada" / "link").unlink()
        (homes.home / "ada" / "link").symlink_to("again")
    with pytest.raises(Failure, match="ada/link" if change == "link" else "ada/"):
        copy(run, homes.place, str(homes.share))
    assert not (homes.share / "new").exists()


def test_a_copy_that_was_cut_off_leaves_nothing(homes: Homes) -> None:
    left = homes.share / ".workbench-cluster-move-x"
    left.mkdir()
    (left / "ada").mkdir()
    copy(run, homes.place, str(homes.share))
    assert homes.moved()


def test_a_link_that_somebody_planted_is_not_followed(homes: Homes, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (homes.share / ".workbench-cluster-move-x").symlink_to(tmp_path / "precious")
    copy(run, homes.place, str(homes.share))
    assert (tmp_path / "precious").is_dir()
    assert (homes.share / ".workbench-cluster-move-x").is_symlink()


def test_a_copy_that_fails_puts_no_name_on_the_share(homes: Homes) -> None:
    def full(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        done = run(argv)
        return (1, "", "cp: No space left on device") if argv[0] == "cp" else done

    with pytest.raises(Failure, match="No space left on device"):
        copy(full, homes.place, str(homes.share))
    assert os.listdir(homes.share) == []


def test_a_copy_that_lost_something_puts_no_name_on_the_share(homes: Homes) -> None:
    def lossy(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        done = run(argv)
        if argv[0] == "cp":
            (next(homes.share.glob(".workbench*")) / "ada" / "data").chmod(0o600)
        return done

    with pytest.raises(Failure, match="ada/data is not the same"):
        copy(lossy, homes.place, str(homes.share))
    assert os.listdir(homes.share) == []


def test_ansible_s_own_folder_is_not_moved(homes: Homes) -> None:
    (homes.home / "admin" / ".ansible" / "tmp").mkdir(parents=True)
    place = homes.of(homes.home, [str(homes.home / "admin" / ".ansible")])
    before = snapshot(place)
    copy(run, place, str(homes.share))
    (homes.home / "admin" / ".ansible" / "tmp" / "new").mkdir()
    assert snapshot(place) == before
    assert differences(place, str(homes.share)) == ([], [])
    assert homes.moved()


def test_a_change_shows(homes: Homes) -> None:
    before = snapshot(homes.place)
    (homes.home / "ada" / "data").write_text("3")
    assert snapshot(homes.place) != before


def can_mount() -> bool:
    with_root = os.geteuid() == 0
    return (
        with_root and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0
    )


mounts = pytest.mark.skipif(not can_mount(), reason="mounting takes root")


@mounts
def test_homes_are_moved_and_the_share_is_mounted_over_them(homes: Homes) -> None:
    assert to_move(homes.place)
    go(run, homes.place)
    assert homes.moved()
    assert (homes.home / "ada" / "data").stat().st_ino == (homes.share / "ada" / "data").stat().st_ino
    aside = Path(homes.place.aside)
    assert sorted(os.listdir(aside)) == ["ada", "admin"]
    assert aside.stat().st_mode & 0o777 == 0o700
    assert not to_move(homes.place)
    assert not to_set_aside(homes.place)
    subprocess.run(["umount", str(homes.home)], check=True)
    assert os.listdir(homes.home) == []


@mounts
@pytest.mark.parametrize("when", ["before", "after"])
def test_homes_in_use_are_left_alone(homes: Homes, when: str) -> None:
    calls = []

    def refuse() -> None:
        calls.append(1)
        if when == "before" or len(calls) == 2:
            raise Failure("is in use: ada")

    with pytest.raises(Failure, match="in use"):
        go(run, homes.place, refuse)
    assert not current().layers(str(homes.home))
    assert sorted(os.listdir(homes.home)) == ["ada", "admin"]
    go(run, homes.place)
    assert homes.moved()


@mounts
def test_homes_that_change_meanwhile_are_left_alone(homes: Homes) -> None:
    calls = []

    def write() -> None:
        calls.append(1)
        if len(calls) == 2:
            (homes.home / "ada" / "late").write_text("")

    with pytest.raises(Failure, match="changed while it was copied"):
        go(run, homes.place, write)
    assert not current().layers(str(homes.home))
    go(run, homes.place)
    assert (homes.share / "ada" / "late").exists()


@mounts
@pytest.mark.parametrize("step", range(1, 8))
def test_cut_off_at_any_step_the_next_run_completes_it(homes: Homes, step: int) -> None:
    """Killed before each command in turn, with no chance to clean up."""

    class Killed(BaseException):
        pass

    calls = []

    def killed(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        calls.append(argv)
        if len(calls) >= step:
            raise Killed
        return run(argv)

    with pytest.raises(Killed):
        go(killed, homes.place)
    assert (homes.home / "admin/.ssh/authorized_keys").read_text() == "ssh-ed25519 AAAA\n"
    go(run, homes.place)
    assert homes.moved()
    assert current().layers(str(homes.home))
    assert sorted(os.listdir(homes.place.aside)) == ["ada", "admin"]
    assert not os.listdir(homes.place.private)


@mounts
def test_until_the_share_comes_back_after_a_restart_the_files_are_where_they_were(homes: Homes) -> None:
    move(run, homes.place, nobody)
    subprocess.run(["umount", str(homes.home)], check=True)
    assert sorted(os.listdir(homes.home)) == ["ada", "admin"]


@mounts
def test_names_that_were_set_aside_before_are_not_replaced(homes: Homes) -> None:
    Path(homes.place.aside, "ada").mkdir(parents=True)
    with pytest.raises(Failure, match="is there already"):
        go(run, homes.place)
    assert current().layers(str(homes.home))
    Path(homes.place.aside, "ada").rmdir()
    go(run, homes.place)
    assert sorted(os.listdir(homes.place.aside)) == ["ada", "admin"]


def test_nothing_is_to_be_moved_out_of_an_empty_directory(tmp_path: Path) -> None:
    (tmp_path / "empty" / "lost+found").mkdir(parents=True)
    for name in ("none", "empty"):
        assert not to_move(Place(str(tmp_path / name), []))
    assert mounts_move.entries(str(tmp_path / "empty")) == []
