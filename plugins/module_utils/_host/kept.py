# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of ours in which copies are kept: they hold keys, so that all of it is root's, and appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

# What is being done, and what of it is not whole yet.
UNDERWAY, DRAFT = "underway", ".draft-"


def underway(folder: str, archive: str, kept: t.Sequence[str], record: tuple[str, str]) -> None:
    """Make `folder/underway` with an archive of `kept`, and `record`, a name and a text. Raises `Failure`, `OSError`."""
    make_private(folder)
    for name in os.listdir(folder):
        if name.startswith(DRAFT):  # of a run that was cut off
            shutil.rmtree(os.path.join(folder, name))
    draft = tempfile.mkdtemp(dir=folder, prefix=DRAFT)
    archived(os.path.join(draft, archive), kept)
    with _private_file(os.path.join(draft, record[0])) as file:
        file.write(record[1].encode())
    os.rename(draft, os.path.join(folder, UNDERWAY))


def archived(path: str, kept: t.Sequence[str]) -> None:
    """Copy files and folders with owners and modes; `tar -xpf` brings them back. A link to one of them is followed."""
    with _private_file(path) as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in kept:
            place = os.path.realpath(name)
            if os.path.exists(place):
                archive.add(place, arcname=name.lstrip("/"))


def make_private(folder: str) -> None:
    """Raises `Failure` where somebody else could have put something there."""
    for place in (os.path.dirname(folder), folder):
        try:
            os.mkdir(place, 0o700)
        except FileExistsError:
            status = os.lstat(place)
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise Failure(f"{place} must be a directory that only root may write.") from None


def _private_file(path: str) -> t.IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
