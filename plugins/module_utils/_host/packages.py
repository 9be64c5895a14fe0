# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages a host has, in one question to its package manager."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Package

DEBIAN = "/etc/debian_version"
ABSENT: Package = {"state": "absent", "version": None}
DPKG = ["dpkg-query", "--show", "--showformat", "${Package}\\t${db:Status-Abbrev}\\t${Version}\\n", "--"]
RPM = ["rpm", "--query", "--queryformat", "%{NAME}\\t%{VERSION}-%{RELEASE}\\n", "--"]
# The most that one of several architectures has is what counts.
MOST = ("absent", "broken", "unpacked", "installed")


def read_packages(run: Run, names: t.Sequence[str], debian: bool | None = None) -> dict[str, Package]:
    """Each of `names`. Raises `Failure` with the words of a package manager that cannot tell."""
    if not names:
        return {}
    if os.path.exists(DEBIAN) if debian is None else debian:
        rc, out, err = run([*DPKG, *names])
        found = parse_dpkg(out) if rc in (0, 1) else None
    else:
        rc, out, err = run([*RPM, *names])
        found = None if rc == 127 or "error:" in err else parse_rpm(out)
    if found is None:
        raise Failure(words(out, err))
    return {name: found.get(name, ABSENT) for name in names}


def parse_dpkg(text: str) -> dict[str, Package]:
    """Lines of dpkg-query: name, state as in `ii `, version. Removed packages whose configuration stays are absent."""
    found: dict[str, Package] = {}
    for line in text.splitlines():
        name, status, version = line.split("\t")
        state = dpkg_state(status)
        if MOST.index(state) >= MOST.index(found.get(name, ABSENT)["state"]):
            found[name] = {"state": state, "version": None if state == "absent" else version}
    return found


def dpkg_state(status: str) -> t.Literal["absent", "installed", "unpacked", "broken"]:
    """What the letters mean: wanted, state, error. A package whose triggers wait is installed."""
    state, error = status[1], status[2:3]
    if error == "R" or state == "H":
        return "broken"
    if state in "UF":
        return "unpacked"
    return "installed" if state in "iWt" else "absent"


def parse_rpm(text: str) -> dict[str, Package]:
    """Lines of rpm: name and version; of those that are not installed it says so in a sentence."""
    rows = [line.split("\t") for line in text.splitlines() if "\t" in line]
    return {name: {"state": "installed", "version": version} for name, version in rows}
