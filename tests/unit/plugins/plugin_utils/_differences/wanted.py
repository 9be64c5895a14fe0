# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a role as Ansible makes them."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain

ROLES = Path(__file__).resolve().parents[5] / "roles"


def role_variable(role: str, name: str, **inventory: t.Any) -> t.Any:
    """A variable of a role on a host with these; those of the inventory come before the role's defaults."""
    loader = DataLoader()
    variables: dict[str, t.Any] = {}
    for part in ("defaults", "vars"):
        variables.update(loader.load_from_file(str(ROLES / role / part / "main.yml"), trusted_as_template=True))
    variables.update(inventory)
    return plain(Templar(loader, variables).template(variables[name]))
