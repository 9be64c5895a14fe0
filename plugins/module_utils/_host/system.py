# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host runs, as Ansible's own facts say it."""

from __future__ import annotations

import platform
import typing as t

from ansible.module_utils.facts.system.distribution import DistributionFactCollector
from ansible.module_utils.facts.system.pkg_mgr import PkgMgrFactCollector
from ansible.module_utils.facts.system.service_mgr import ServiceMgrFactCollector
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import System

if t.TYPE_CHECKING:  # pragma: no cover
    from ansible.module_utils.basic import AnsibleModule


def read_system(module: AnsibleModule) -> System:
    """The values that `setup` has, by Ansible's own collectors."""
    facts = DistributionFactCollector().collect(module)
    known = {"ansible_system": platform.system(), **{f"ansible_{name}": value for name, value in facts.items()}}
    facts.update(PkgMgrFactCollector().collect(module, known))
    facts.update(ServiceMgrFactCollector().collect(module, known))
    return t.cast("System", {name: str(facts[name]) for name in System.__annotations__ if name in facts})
