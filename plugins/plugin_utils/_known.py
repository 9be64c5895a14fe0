# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's variables as pure functions read them: each made once, when it is asked for."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleUndefinedVariable
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import once
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import KNOWN, defaults_file
from ansible_collections.workbench.cluster.plugins.plugin_utils._settled import Settled, Templar


class Known:
    """`variables` of a host, not templated yet; where it has none, the default of the role that has one.

    All are plain but for `hostvars`, which stays what Ansible gave: it would be all variables of all hosts.
    """

    def __init__(self, templar: Templar, variables: t.Mapping[str, t.Any], load: t.Callable[..., t.Any]) -> None:
        self._settled = Settled(templar, variables)
        self._load = load
        self._read: dict[str, t.Any] = {"hostvars": once(variables["hostvars"])}

    def __getitem__(self, name: str) -> t.Any:
        """Raises `AnsibleError` where there is none, or it cannot be made."""
        if name not in self._read:
            self._read[name] = self._made(name)
        return self._read[name]

    def get(self, name: str, otherwise: t.Any) -> t.Any:
        """A variable, or `otherwise` where this host has none."""
        return self[name] if name in self._settled else otherwise

    def _made(self, name: str) -> t.Any:
        if name in self._settled:
            return self._settled[name]
        if name not in KNOWN:
            raise AnsibleUndefinedVariable(f"'{name}' is undefined")
        return self._settled.template(self._load(str(defaults_file(name)), trusted_as_template=True)[name])
