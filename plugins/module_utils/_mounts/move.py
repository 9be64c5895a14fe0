# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move what lies in a directory onto the share that is to be mounted over it.

The share is mounted over the directory only when all of it is there, in one system call: there is no moment at which an
account has no home. What was copied is set aside afterwards. Nothing on the share is replaced.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import stat
import tempfile
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, shortened
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.read import current
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.report import ASIDE, MADE_ITSELF, UNFINISHED
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.users import Processes, home_of

STAGING = ".workbench-cluster-move-"
# Attributes whose loss changes who may do what.
KEPT = ("user.", "security.capability", "system.posix_acl_")


class Place(t.NamedTuple):
    """A directory, what is to be mounted over it (arguments of mount(8)), and what in it is not moved."""

    path: str
    share: t.Sequence[str]
    skip: t.Collection[str] = ()
    # Who may look into it is root alone; it is empty but while a move runs.
    private: str = "/run/workbench-cluster-move"

    @property
    def aside(self) -> str:
        return self.path + ASIDE


def place_of(path: str, share: t.Sequence[str]) -> Place:
    """The place as it is really called. What Ansible has put into the home it connects to is its own, and stays."""
    real = os.path.realpath(path)
    home = home_of(Processes().connected())
    if home is None or not os.path.realpath(home).startswith(f"{real}/"):
        return Place(real, share)
    return Place(real, share, [os.path.join(os.path.realpath(home), ".ansible")])


def to_move(place: Place) -> bool:
    """Whether the directory has files of this host, and nothing is mounted over them yet."""
    return not current().layers(place.path) and os.path.isdir(place.path) and bool(entries(place.path))


def to_set_aside(place: Place) -> bool:
    """Whether there are files under the mount that were moved."""
    return bool(current().layers(place.path)) and os.path.exists(os.path.join(place.aside, UNFINISHED))


def move(run: Run, place: Place, refuse_users: t.Callable[[], None]) -> None:
    """Raises `Failure`, with the directory as it was, unless all of it is on the share, which then is mounted over it."""
    _clean_private(run, place)
    refuse_users()
    with _private_mount(run, place, "share", ["mount", *place.share]) as share:
        before = snapshot(place)
        copy(run, place, share)
        _refuse_differences(place, share)
        refuse_users()
        if snapshot(place) != before:
            raise Failure(f"{place.path} changed while it was copied. Nothing was mounted; run again.")
        os.makedirs(place.aside, mode=0o700, exist_ok=True)
        with open(os.path.join(place.aside, UNFINISHED), "w", encoding="utf-8"):
            pass
        checked(run, ["mount", *place.share, place.path])


def entries(path: str) -> list[str]:
    return sorted(name for name in os.listdir(path) if name not in MADE_ITSELF)


def differences(place: Place, share: str) -> tuple[list[str], list[str]]:
    """What the share lacks, by its topmost names, and what it has otherwise; relative paths."""
    lacking: list[str] = []
    otherwise: list[str] = []

    def compare(folder: str) -> None:
        for name in entries(os.path.join(place.path, folder)):
            relative = os.path.join(folder, name)
            here, there = os.path.join(place.path, relative), os.path.join(share, relative)
            if here in place.skip or stat.S_ISSOCK(os.lstat(here).st_mode):
                continue
            if not os.path.lexists(there):
                lacking.append(relative)
            elif not same(here, there):
                otherwise.append(relative)
            elif stat.S_ISDIR(os.lstat(here).st_mode):
                compare(relative)

    compare("")
    return lacking, otherwise


def same(one: str, other: str) -> bool:
    """Whether two files are alike in kind, owner, mode and content; of directories the content is not looked at."""
    here, there = os.lstat(one), os.lstat(other)
    if (here.st_mode, here.st_uid, here.st_gid) != (there.st_mode, there.st_uid, there.st_gid):
        return False
    if stat.S_ISREG(here.st_mode):
        return here.st_size == there.st_size and filecmp.cmp(one, other, shallow=False)
    if stat.S_ISLNK(here.st_mode):
        return os.readlink(one) == os.readlink(other)
    return here.st_rdev == there.st_rdev


def snapshot(place: Place) -> dict[str, tuple[int, ...]]:
    """Inode, size and time of change of every file: two of them differ when somebody wrote in between."""
    found: dict[str, tuple[int, ...]] = {}
    for folder, folders, files in os.walk(place.path):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in place.skip]
        for name in files + folders:
            state = os.lstat(os.path.join(folder, name))
            # The folder around what is skipped changes with it.
            around = any(os.path.dirname(skipped) == os.path.join(folder, name) for skipped in place.skip)
            found[os.path.join(folder, name)] = (state.st_ino, state.st_size, 0 if around else state.st_ctime_ns)
    return found


def copy(run: Run, place: Place, share: str) -> None:
    """Copy what the share lacks: into a private folder there, compared, and only then under its name."""
    _remove_staging(share)
    lacking, otherwise = differences(place, share)
    if otherwise:
        raise Failure(
            f"{place.path} and {place.share[-1]} both have {shortened(otherwise)}, and they differ. Settle it, and run again."
        )
    if not lacking:
        return
    staging = tempfile.mkdtemp(prefix=STAGING, dir=share)
    if os.lstat(staging).st_uid != os.geteuid():
        raise Failure(f"{place.share[-1]} makes root somebody else (root_squash), so that no owner could be kept")
    try:
        os.chdir(place.path)
        checked(
            run, ["cp", "--archive", "--parents", "--target-directory", staging, *(f"./{name}" for name in lacking)]
        )
        for skipped in place.skip:
            shutil.rmtree(os.path.join(staging, os.path.relpath(skipped, place.path)), ignore_errors=True)
        for name in lacking:
            refuse_losses(place, os.path.join(place.path, name), os.path.join(staging, name))
        checked(run, ["sync", "--file-system", staging])
        for name in lacking:
            target = os.path.join(share, name)
            if os.path.lexists(target):
                raise Failure(f"{target} appeared on the share while it was copied. Run again.")
            os.rename(os.path.join(staging, name), target)
    finally:
        os.chdir("/")
        shutil.rmtree(staging, ignore_errors=True)


def refuse_losses(place: Place, one: str, other: str) -> None:
    """Raises `Failure` when a copy is not alike, times, ACLs and attributes included."""
    pairs = [(one, other)]
    while pairs:
        here, there = pairs.pop()
        if here in place.skip or stat.S_ISSOCK(os.lstat(here).st_mode):
            continue
        lost = [name for name in os.listxattr(here, follow_symlinks=False) if name.startswith(KEPT)]
        lost = sorted(set(lost) - set(os.listxattr(there, follow_symlinks=False))) if lost else []
        if lost:
            raise Failure(f"the share keeps no {', '.join(lost)} of {here}")
        if not same(here, there):
            raise Failure(f"{here} is not the same on the share: it changed, or owner or mode are not kept there")
        if stat.S_ISDIR(os.lstat(here).st_mode):
            pairs += [(os.path.join(here, name), os.path.join(there, name)) for name in entries(here)]
        elif int(os.lstat(here).st_mtime) != int(os.lstat(there).st_mtime):
            raise Failure(f"the share does not keep the time of {here}")


def _refuse_differences(place: Place, share: str) -> None:
    lacking, otherwise = differences(place, share)
    if lacking or otherwise:
        raise Failure(
            f"{place.path} changed while it was copied ({shortened(lacking + otherwise)}). Nothing was mounted; run again."
        )


def _remove_staging(share: str) -> None:
    """What a run that was killed left on the share; only what is root's own, and never through a link."""
    for name in os.listdir(share):
        path = os.path.join(share, name)
        if name.startswith(STAGING) and os.lstat(path).st_uid == os.geteuid() and stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path)


def set_aside(run: Run, place: Place) -> None:
    """Rename what lies under the mount, through a second view of the directory above."""
    _clean_private(run, place)
    parent, name = os.path.split(place.path)
    with _private_mount(run, place, "under", ["mount", "--bind", parent]) as view:
        hidden, aside = os.path.join(view, name), os.path.join(view, name + ASIDE)
        for entry in entries(hidden):
            target = os.path.join(aside, entry)
            if os.path.lexists(target):
                raise Failure(f"{place.aside}/{entry} is there already: move it away, and run again")
            os.rename(os.path.join(hidden, entry), target)
    os.unlink(os.path.join(place.aside, UNFINISHED))


@contextlib.contextmanager
def _private_mount(run: Run, place: Place, name: str, argv: t.Sequence[str]) -> t.Iterator[str]:
    target = os.path.join(place.private, name)
    os.makedirs(place.private, mode=0o700, exist_ok=True)
    os.mkdir(target, 0o700)
    try:
        checked(run, [*argv, target])
        yield target
    finally:
        _clean_private(run, place)


def _clean_private(run: Run, place: Place) -> None:
    """Take away what is mounted privately; a directory that is still mounted stays, for nothing may be removed through it."""
    for name in ("share", "under"):
        target = os.path.join(place.private, name)
        if current().layers(target):
            checked(run, ["umount", target])
        if os.path.isdir(target):
            os.rmdir(target)
