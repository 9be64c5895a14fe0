# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a role as Ansible makes them."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.workbench.cluster.plugins.filter.conf import FilterModule
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain

ROLES = Path(__file__).resolve().parents[5] / "roles"


def role_variable(role: str, name: str, **inventory: t.Any) -> t.Any:
    """A variable of a role on a host with these; those of the inventory come before the role's defaults."""
    variables = {**of_role(role, "defaults"), **of_role(role, "vars"), **inventory}
    templar = Templar(DataLoader(), variables)
    environment = templar._engine.environment

    def lookup(plugin: str, asked: str, **_options: t.Any) -> t.Any:
        """A file, or a variable that another role has a default for."""
        if plugin == "ansible.builtin.file":
            return Path(asked).read_text(encoding="utf-8")
        other = asked.partition("_")[0]
        return inventory[asked] if asked in inventory else role_variable(other, asked, **inventory)

    # Ansible finds these by the collection, which is not set up for units.
    environment.globals["lookup"] = lookup
    for filter_name, function in FilterModule().filters().items():
        environment.filters[f"workbench.cluster.{filter_name}"] = function
    return plain(templar.template(variables[name]))


def of_role(role: str, part: str) -> dict[str, t.Any]:
    file = str(ROLES / role / part / "main.yml")
    found: dict[str, t.Any] = DataLoader().load_from_file(file, trusted_as_template=True)
    return found
