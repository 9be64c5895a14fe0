# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the inventory's hosts, for rules. On the controller only."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import HostVars, once
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.accounts import DERIVED, ONCE
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Unusable
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import DEFAULTS, KNOWN, is_default


class Variables(t.Mapping[str, t.Any]):
    """A host's variables; one that cannot be templated is `Unusable`, with a sentence."""

    def __init__(self, host: str, variables: t.Mapping[str, t.Any]) -> None:
        self._host = host
        self._variables = variables

    def __getitem__(self, name: str) -> t.Any:
        try:
            return plain(self._variables[name])
        except AnsibleError as error:
            # Those of roles are told with all else that is wrong on their host.
            raise Unusable("" if name in KNOWN else f"{name} of {self._host} cannot be read: {error}") from error

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def told_by(first: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any]) -> set[str]:
    """Variables that one host decides for all and that are the same there, as they stand and not templated: it tells of them."""
    told = {
        name for name in ONCE if name in variables and variables[name] == first.get(name, DEFAULTS["accounts"][name])
    }
    made = {name for name in DERIVED if name in variables}
    if told == set(ONCE) and all(is_default(name, variables[name]) for name in made):
        told |= made
    return told


class Inventory(t.Mapping[str, Variables]):
    """`hostvars` of plain values."""

    def __init__(self, hostvars: HostVars) -> None:
        self._hostvars = once(hostvars)

    def __getitem__(self, host: str) -> Variables:
        return Variables(host, self._hostvars[host])

    def __contains__(self, host: object) -> bool:
        return host in self._hostvars

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._hostvars)

    def __len__(self) -> int:
        return len(self._hostvars)
