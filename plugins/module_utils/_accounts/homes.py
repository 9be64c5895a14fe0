# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Home directories that are missing: which, and how they are made."""

from __future__ import annotations

import os
import shutil
import stat
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.present import Wanted
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts


class Home(t.NamedTuple):
    """A home directory to make, and the numbers of its owner and group."""

    path: str
    uid: int
    gid: int


class Found(t.NamedTuple):
    """A home's place: the uid of what is there, `None` for nothing, and whether its parent directory is there."""

    owner: int | None
    parent: bool


def homes_of(users: t.Iterable[Wanted], present: Accounts) -> dict[str, str]:
    """`{user: home}` of those that have one: as asked for, else as it is, else as it will be."""
    there = present["users"]
    return {
        user["name"]: user["home"]
        or (there[user["name"]]["home"] if user["name"] in there else f"/home/{user['name']}")
        for user in users
        if not user["system"]
    }


def read_homes(paths: t.Iterable[str]) -> dict[str, Found]:
    return {path: Found(home_owner(path), os.path.isdir(os.path.dirname(path))) for path in paths}


def missing_homes(
    users: t.Iterable[Wanted],
    groups: t.Iterable[Wanted],
    present: Accounts,
    found: t.Mapping[str, Found],
    check_mode: bool,
) -> list[Home]:
    """Homes to make; one in another's hands is a `Failure`. A check may come before the mount. Pure."""
    paths = homes_of(users, present)
    gids = {name: group["gid"] for name, group in present["groups"].items()}
    gids.update({group["name"]: group["gid"] for group in groups})
    missing, strange = [], []
    for user in users:
        if user["name"] not in paths:
            continue
        path = paths[user["name"]]
        owner, parent = found[path]
        if owner is None:
            if not check_mode and not parent:
                strange.append(
                    f"home {path} of user {user['name']} cannot be made: {os.path.dirname(path)} is not there."
                )
            missing.append(Home(path, user["uid"], gids[user["group"] or user["name"]]))
        elif owner != user["uid"]:
            strange.append(f"home {path} of user {user['name']} ({user['uid']}) belongs to uid {owner}.")
    if strange:
        raise Failure("\n".join(strange))
    return missing


def home_owner(home: str) -> int | None:
    """uid of the owner of a home directory, `None` where there is none yet."""
    try:
        found = os.stat(home)
    except FileNotFoundError:
        return None
    if not stat.S_ISDIR(found.st_mode):
        raise Failure(f"{home} is to be a home directory, but is a file")
    return found.st_uid


def create_home(home: Home, mode: int, skeleton: str) -> None:
    """Make a home beside its place and rename it, so that it appears whole. Owners are numbers: no account needed."""
    path, uid, gid = home
    draft = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.new")
    if os.path.lexists(draft):
        shutil.rmtree(draft)  # left by an interrupted run
    os.mkdir(draft, 0o700)
    if os.path.isdir(skeleton):
        shutil.copytree(skeleton, draft, symlinks=True, dirs_exist_ok=True)
    for folder, folders, files in os.walk(draft):
        for name in folders + files:
            os.lchown(os.path.join(folder, name), uid, gid)
    os.chown(draft, uid, gid)
    os.chmod(draft, mode)
    os.rename(draft, path)
