# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine: those on PATH, and those of pyenv where it is."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

# A shim of pyenv may stand for a Python it does not have, and a virtual environment for the one it was made from.
ASK = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"


def find(version: str) -> tuple[Path | None, str]:
    """The Python of a version such as `3.8`, or why there is none."""
    refused = ""
    for candidate in (*_on_path(version), *_of_pyenv(version)):
        done = subprocess.run([candidate, "-I", "-c", ASK], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.split()[0] == version:
            return Path(done.stdout.split(maxsplit=1)[1].strip()), ""
        if "No module named" in done.stderr:
            refused = f"{candidate} cannot make virtual environments: {done.stderr.strip().splitlines()[-1]}"
    return None, refused or f"no Python {version} on PATH or in pyenv"


found = functools.cache(find)


def _on_path(version: str) -> Iterator[str]:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = shutil.which(f"python{version}", path=folder)
        if path:
            yield path


def _of_pyenv(version: str) -> Iterator[str]:
    for name in _pyenv("versions", "--bare").splitlines():
        path = Path(_pyenv("root").strip(), "versions", name.strip(), "bin", "python")
        if name.strip().startswith(f"{version}.") and path.exists():
            yield str(path)


@functools.cache
def _pyenv(*words: str) -> str:
    program = shutil.which("pyenv")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False).stdout if program else ""
