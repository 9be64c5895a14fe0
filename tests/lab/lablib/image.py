# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image: one root file system for both kinds of host, named after the hash of what it is made from."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from lablib.declaration import LabError
from lablib.system import CACHE, LAB, run, say, tail

RECIPE = LAB / "image"


def recipe_hash(recipe: Path, kernel: str) -> str:
    """12 hex digits over names, modes and contents of the recipe's files and the version of the machines' kernel."""
    digest = hashlib.sha256(kernel.encode())
    for path in sorted(path for path in recipe.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(recipe)}\0{path.stat().st_mode & 0o111:o}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def current() -> str:
    return recipe_hash(RECIPE, run("dpkg-query", "--show", "user-mode-linux"))


def folder(version: str) -> Path:
    return CACHE / version


def name(version: str) -> str:
    """The image's name in podman."""
    return f"localhost/workbench-lab:{version}"


def build() -> str:
    """Build the current image unless it is there; returns its hash."""
    version = current()
    known = run("podman", "images", "--quiet", "--filter", f"reference={name(version)}")
    if folder(version).exists() and known:
        return version
    say(f"Building the image {version}: a minute or two, once (log: {CACHE}/build.log)")
    work = CACHE / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(folder(version), ignore_errors=True)
    work.mkdir(parents=True)
    with open(CACHE / "build.log", "wb") as log:
        status = subprocess.run(
            [RECIPE / "build", work, name(version)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            close_fds=False,
            check=False,
        )
    if status.returncode:
        raise LabError(f"the image could not be built; the end of {CACHE}/build.log says:\n{tail(CACHE / 'build.log')}")
    work.rename(folder(version))
    say("The image is built")
    return version


def prune(used: set[str]) -> None:
    """Drop the images of older recipes that no host's disk stands on."""
    for path in CACHE.iterdir():
        if path.is_dir() and path.name not in used:
            shutil.rmtree(path)
    for line in run("podman", "images", "--format={{.Repository}}:{{.Tag}}").split():
        if line.startswith(name("")) and line.removeprefix(name("")) not in used:
            run("podman", "rmi", line)
