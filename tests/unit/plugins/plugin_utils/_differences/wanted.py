# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a role as Ansible makes them."""

from __future__ import annotations

import functools
import typing as t
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.workbench.cluster.plugins.filter.conf import FilterModule
from ansible_collections.workbench.cluster.plugins.lookup._server import PARTS
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain

ROLES = Path(__file__).resolve().parents[5] / "roles"


def role_variable(role: str, name: str, **inventory: t.Any) -> t.Any:
    """A variable of a role on a host with these; those of the inventory come before the role's defaults."""
    return Role(role, inventory)[name]


class Role:
    """Variables of a role on a host, and of others that it looks up."""

    def __init__(self, role: str, inventory: t.Mapping[str, t.Any]) -> None:
        self._inventory = inventory
        self._variables = {**of_role(role, "defaults"), **of_role(role, "vars"), **inventory}
        self._templar = Templar(DataLoader(), self._variables)
        environment = self._templar._engine.environment
        # Ansible finds these by the collection, which is not set up for units.
        environment.globals["lookup"] = self._lookup
        for filter_name, function in FilterModule().filters().items():
            environment.filters[f"workbench.cluster.{filter_name}"] = function

    def __getitem__(self, name: str) -> t.Any:
        if name == "hostvars":
            return self._inventory[name]
        if name not in self._variables:
            return self._of_another(name)
        return plain(self._templar.template(self._variables[name]))

    def get(self, name: str, otherwise: t.Any) -> t.Any:
        return self[name] if name in self._variables else otherwise

    def _lookup(self, plugin: str, asked: str, **_options: t.Any) -> t.Any:
        """A part of the role, a file, or a variable that another role has a default for."""
        if plugin == "workbench.cluster._server":
            return PARTS[asked](self)
        if plugin == "ansible.builtin.file":
            return Path(asked).read_text(encoding="utf-8")
        return self._inventory[asked] if asked in self._inventory else self._of_another(asked)

    def _of_another(self, name: str) -> t.Any:
        return role_variable(name.partition("_")[0], name, **self._inventory)


@functools.lru_cache(maxsize=None)
def of_role(role: str, part: str) -> dict[str, t.Any]:
    file = str(ROLES / role / part / "main.yml")
    found: dict[str, t.Any] = DataLoader().load_from_file(file, trusted_as_template=True)
    return found
