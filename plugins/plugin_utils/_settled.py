# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's variables, each made once however many others mention it.

Ansible makes a variable anew for each mention, and so compiles the templates of a role hundreds of times for one host.
"""

from __future__ import annotations

import collections
import contextlib
import re
import typing as t

from ansible.errors import AnsibleError
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain

WORD = re.compile(r"[A-Za-z_]\w*")
# What else a lookup reads may be missing where nobody asks for it, which Ansible would warn of.
FOREIGN = re.compile(r"\b(?:lookup|query|q)\(\s*['\"](?!workbench\.cluster\.)")


class Templar(t.Protocol):
    """Of Ansible's own, what is used here."""

    def copy_with_new_env(self, *, available_variables: t.Any) -> Templar: ...

    def template(self, variable: t.Any) -> t.Any: ...


class Settled:
    """`variables` of a host, as they stand; what is made of them is plain."""

    def __init__(self, templar: Templar, variables: t.Mapping[str, t.Any]) -> None:
        self._variables = variables
        self._made: dict[str, t.Any] = {}
        self._seen: set[str] = set()
        self._templar = templar.copy_with_new_env(available_variables=collections.ChainMap(self._made, dict(variables)))

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __getitem__(self, name: str) -> t.Any:
        """A variable's value. Raises `AnsibleError` where it cannot be made."""
        return self.template(self._variables[name]) if self._settle(name) else self._made[name]

    def template(self, value: t.Any) -> t.Any:
        """What becomes of a value, after all that it mentions."""
        for text in _templates(value):
            for name in WORD.findall(text):
                if name in self._variables:
                    self._settle(name)
        return plain(self._templar.template(value))

    def _settle(self, name: str) -> bool:
        """Make a variable if it can be, for all that mention it; whether it is left to them, who may not need it."""
        if name not in self._seen:
            self._seen.add(name)
            value = self._variables[name]
            texts = [*_templates(value)]
            if texts and not any(FOREIGN.search(text) for text in texts):
                with contextlib.suppress(AnsibleError):  # told where it is needed
                    self._made[name] = self.template(value)
        return name not in self._made


def _templates(value: t.Any) -> t.Iterator[str]:
    """Texts of a variable that may be templates; `hostvars` is none, though a mapping: it would be all variables of all hosts."""
    if isinstance(value, str):
        if "{{" in value or "{%" in value:
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _templates(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _templates(inner)
