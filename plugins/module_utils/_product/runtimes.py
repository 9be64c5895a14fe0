# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find R and Python where Workbench looks for them.

Sources: "Installing R" and "Using Multiple Versions of R" of the vendor; RVersionsPosix.cpp of the open source.
"""

from __future__ import annotations

import glob
import os
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost

HOMES = [
    f"{prefix}/{lib}/R" for prefix in ("usr", "usr/local", "opt/local") for lib in ("lib", "lib64")
]  # and those below /opt/R and /opt/local/R
PROGRAMS = ("usr/local/bin/R", "usr/bin/R")
UNKNOWN = "(version unknown)"


def find_r(config_dir: str = "/etc/rstudio", root: str = "/", besides: t.Iterable[str] = ()) -> dict[str, str]:
    """`{program: version}` of each R. `besides` are programs that a configuration still to be written names."""
    homes = [os.path.join(root, home) for home in HOMES]
    homes += [home for place in ("opt/R", "opt/local/R") for home in sorted(glob.glob(os.path.join(root, place, "*")))]
    homes += re.findall(r"^\s*(?:Path:\s*)?(/\S+)\s*$", file_text(os.path.join(config_dir, "r-versions")), re.MULTILINE)
    programs = [os.path.join(home, "bin/R") for home in homes]
    programs += [os.path.join(root, program) for program in PROGRAMS]
    programs += parse_boost(file_text(os.path.join(config_dir, "rserver.conf"))).get("rsession-which-r", [])
    return {program: _version(program) for program in (*programs, *besides) if os.access(program, os.X_OK)}


def find_python(root: str = "/") -> list[str]:
    """The programs of the vendor's Pythons."""
    return sorted(glob.glob(os.path.join(root, "opt/python/*/bin/python3")))


def _version(program: str) -> str:
    """R says its version in the description of its base package; it need not run."""
    homes = {os.path.dirname(os.path.dirname(path)) for path in (program, os.path.realpath(program))}
    for home in sorted(homes):
        for place in ("", "lib/R", "lib64/R"):
            text = file_text(os.path.join(home, place, "library/base/DESCRIPTION"))
            found = re.search(r"^Version: *(\S+)", text, re.MULTILINE)
            if found:
                return found.group(1)
    return UNKNOWN
