# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Workbench, R and Python a node has."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.runtimes import find_python, find_r
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Versions

LAUNCHER = "usr/lib/rstudio-server/bin/rstudio-launcher"


class Workbench(t.NamedTuple):
    """Whether Workbench is installed, its version, and why that is not known although it is."""

    installed: bool
    version: str | None
    error: str | None


def read_workbench(run: Run) -> Workbench:
    rc, out, err = run(["rstudio-server", "version"])
    if rc == 127:
        return Workbench(False, None, None)
    if rc != 0 or not out.strip():
        return Workbench(True, None, f"rstudio-server version failed: {words(out, err)}")
    return Workbench(True, out.split()[0], None)


def read_versions(run: Run, config_dir: str, root: str = "/") -> tuple[Versions, list[str]]:
    """The versions a node has, and sentences on programs that do not tell theirs.

    The launcher has no documented way to say its version, and a daemon is not to be started to find out: the fingerprint
    of its program stands in.
    """
    errors = []
    workbench = read_workbench(run)
    if workbench.error:
        errors.append(workbench.error)
    python = []
    for program in find_python(root):
        rc, out, err = run([program, "--version"])
        if rc == 0 and out.startswith("Python "):
            python.append(out.split()[1])
        else:
            errors.append(f"{program} does not run: {words(out, err)}")
    launcher = _program(os.path.join(root, LAUNCHER))
    r = sorted(set(find_r(config_dir, root).values()))
    return {"workbench": workbench.version, "launcher": launcher, "r": r, "python": sorted(set(python))}, errors


def _program(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return fingerprint(file.read())
    except OSError:
        return None
