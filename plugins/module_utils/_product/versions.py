# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Workbench, R and Python a node has."""

from __future__ import annotations

import os

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.runtimes import find_python, find_r
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Versions

LAUNCHER = "usr/lib/rstudio-server/bin/rstudio-launcher"


def read_versions(run: Run, config_dir: str, root: str = "/") -> tuple[Versions, list[str]]:
    """The versions a node has, and sentences on programs that do not tell theirs.

    The launcher has no documented way to say its version, and a daemon is not to be started to find out: the fingerprint
    of its program stands in.
    """
    errors = []
    rc, out, err = run(["rstudio-server", "version"])
    workbench = out.split()[0] if rc == 0 and out.strip() else None
    if workbench is None and rc != 127:
        errors.append(f"rstudio-server version failed: {words(out, err)}")
    python = []
    for program in find_python(root):
        rc, out, err = run([program, "--version"])
        if rc == 0 and out.startswith("Python "):
            python.append(out.split()[1])
        else:
            errors.append(f"{program} does not run: {words(out, err)}")
    launcher = _program(os.path.join(root, LAUNCHER))
    r = sorted(set(find_r(config_dir, root).values()))
    return {"workbench": workbench, "launcher": launcher, "r": r, "python": sorted(set(python))}, errors


def _program(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return fingerprint(file.read())
    except OSError:
        return None
