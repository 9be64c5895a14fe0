# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's variables, each made once however many others mention it.

Ansible makes a variable anew for each mention, and so compiles the templates of a role hundreds of times for one host.
"""

from __future__ import annotations

import contextlib
import re
import typing as t
from collections import ChainMap

from ansible.errors import AnsibleError
from ansible.template import is_trusted_as_template, trust_as_template
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain

WORD = re.compile(r"[A-Za-z_]\w*")
REFERENCE = re.compile(r"\{\{ *([A-Za-z_]\w*) *\}\}\Z")
# A lookup that gives the same each time, and is all there is of a template.
QUESTION = re.compile(r"\{\{ *(?:lookup|query)\('workbench\.cluster\._(?:cluster|members|variable)'[^()]*\) *\}\}\Z")
# A choice that is all there is of a template: `then`, `condition`, `otherwise`.
CHOICE = re.compile(
    r"\{\{ *((?:(?! if | else |\{\{|\}\}).)+) if ((?:(?! if | else |\{\{|\}\}).)+) else ((?:(?!\{\{|\}\}).)+?) *\}\}\Z"
)
QUOTED = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
BRACKETS = {")": "(", "]": "[", "}": "{"}
EMPTY = {"''": str, "[]": list, "{}": dict}
# What else a lookup reads may be missing where nobody asks for it, which Ansible would warn of.
FOREIGN = re.compile(r"\b(?:lookup|query|q)\(\s*['\"](?!workbench\.cluster\.)")
# Of variables; `hostvars` is a mapping of another kind.
KINDS = (str, int, float, dict, list, tuple)
# They may read variables that the template does not mention.
READS_MORE = {"lookup", "query", "q", "vars"}


class Templar(t.Protocol):
    """Of Ansible's own, what is used here."""

    available_variables: t.Any

    def copy_with_new_env(self, *, available_variables: t.Any) -> Templar: ...

    def template(self, variable: t.Any) -> t.Any: ...


class Settled:
    """`variables` of a host, as they stand; what is made of them is plain."""

    def __init__(self, templar: Templar, variables: t.Mapping[str, t.Any]) -> None:
        self._variables = variables
        self._made: dict[str, t.Any] = {}
        self._chosen: dict[str, bool] = {}
        self._answers: dict[str, t.Any] = {}
        self._seen: set[str] = set()
        self._all = ChainMap(self._made, dict(variables))
        self._templar = templar.copy_with_new_env(available_variables=self._all)

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __getitem__(self, name: str) -> t.Any:
        """A variable's value. Raises `AnsibleError` where it cannot be made."""
        self._settle(name)
        return self._made[name] if name in self._made else self.template(self._variables[name])

    def template(self, value: t.Any) -> t.Any:
        """What becomes of a value, after all that it mentions."""
        texts = [*_templates(value)]
        if not texts:
            return plain(value)
        if isinstance(value, str):
            return self._text(value)
        # Where an entry may be left out, it is the whole that has it no more.
        if any("omit" in text for text in texts):
            return self._by_ansible(value, self._all)
        if isinstance(value, dict):
            return {str(key): self.template(inner) for key, inner in value.items()}
        return [self.template(inner) for inner in value]

    def _text(self, text: str) -> t.Any:
        """Of a choice only the side that is taken is made, and what several variables ask is asked once."""
        if QUESTION.match(text) and is_trusted_as_template(text):
            if text not in self._answers:
                self._answers[text] = self._whole(text)
            return self._answers[text]
        choice = CHOICE.match(text)
        if not choice or not is_trusted_as_template(text) or not all(map(_is_whole, choice.groups())):
            return self._whole(text)
        then, condition, otherwise = choice.groups()
        if condition not in self._chosen:
            self._chosen[condition] = self._whole(trust_as_template(f"{{{{ true if {condition} else false }}}}"))
        taken = then if self._chosen[condition] else otherwise
        return EMPTY[taken]() if taken in EMPTY else self._text(trust_as_template(f"{{{{ {taken} }}}}"))

    def _whole(self, text: str) -> t.Any:
        for name in WORD.findall(text):
            if name in self._variables:
                self._settle(name)
        reference = REFERENCE.match(text)
        if reference and is_trusted_as_template(text) and self._is_known(reference[1]):
            return plain(self._all[reference[1]])
        needed: dict[str, t.Any] = {}
        return self._by_ansible(text, needed if self._gather(text, needed) else self._all)

    def _is_known(self, name: str) -> bool:
        """Whether a variable has been made, or is no template."""
        value = self._variables.get(name)
        return name in self._made or (isinstance(value, KINDS) and not any(_templates(value)))

    def _by_ansible(self, value: t.Any, known: t.Mapping[str, t.Any]) -> t.Any:
        self._templar.available_variables = known
        return plain(self._templar.template(value))

    def _gather(self, text: str, needed: dict[str, t.Any]) -> bool:
        """Gather the variables that a template needs, for Ansible wraps all it is given for each; whether that can be told."""
        words = set(WORD.findall(text))
        for name in words & self._variables.keys() - needed.keys():
            needed[name] = self._all[name]
            if name not in self._made and not all(self._gather(inner, needed) for inner in _templates(needed[name])):
                return False
        return not words & READS_MORE

    def _settle(self, name: str) -> None:
        """Make a variable if it can be, for all that mention it; else it is left to them, who may not need it."""
        if name in self._seen:
            return
        self._seen.add(name)
        value = self._variables[name]
        texts = [*_templates(value)]
        if texts and not any(FOREIGN.search(text) for text in texts):
            with contextlib.suppress(AnsibleError):  # told where it is needed
                self._made[name] = self.template(value)


def _is_whole(expression: str) -> bool:
    """Whether it stands for itself: no bracket or quotation is open."""
    open_ones: list[str] = []
    for sign in QUOTED.sub("", expression):
        if sign in "'\"\\" or (sign in BRACKETS and (not open_ones or open_ones.pop() != BRACKETS[sign])):
            return False
        if sign in BRACKETS.values():
            open_ones.append(sign)
    return not open_ones


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
