# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host runs, as Ansible's own facts say it."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_text

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import System

if t.TYPE_CHECKING:  # pragma: no cover
    from ansible.module_utils.basic import AnsibleModule

# By ID of os-release(5), systems of which two files tell the rest.
DEBIAN = {"debian", "ubuntu"}
REDHAT = {"almalinux", "amzn", "centos", "fedora", "ol", "rhel", "rocky"}
ID = re.compile(r"^ID=[\"']?([\w.-]+)[\"']?\s*$", re.MULTILINE)


def read_system(module: AnsibleModule) -> System:
    """The values that `setup` has."""
    return known_system() or _collected(module)


def known_system(root: str = "") -> System | None:
    """Those of the systems that everybody has; `None` for others, and where more has to be asked."""
    name = ID.search(file_text(f"{root}/etc/os-release"))

    def has(path: str) -> bool:
        return os.path.exists(f"{root}{path}")

    if name and name[1] in DEBIAN and has("/usr/bin/apt-get") and not has("/usr/bin/rpm"):
        return {"os_family": "Debian", "pkg_mgr": "apt"}
    if name and name[1] in REDHAT and has("/usr/bin/dnf") and not has("/run/ostree-booted"):
        fifth = os.path.realpath(f"{root}/usr/bin/dnf") == f"{root}/usr/bin/dnf5"
        return {"os_family": "RedHat", "pkg_mgr": "dnf5" if fifth else "dnf"}
    return None


def _collected(module: AnsibleModule) -> System:
    # With them come the collectors of all systems: to compile those takes a third of the time that a ping does.
    from ansible.module_utils.facts.system.distribution import DistributionFactCollector
    from ansible.module_utils.facts.system.pkg_mgr import PkgMgrFactCollector

    family = DistributionFactCollector().collect(module)["os_family"]
    managed = PkgMgrFactCollector().collect(module, {"ansible_os_family": family})
    return {"os_family": family, "pkg_mgr": managed["pkg_mgr"]}
