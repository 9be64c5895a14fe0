# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether variables are of the kind that their role's argument specs say. Pure.

Ansible's own validation takes text for a list of one or of parts between commas, and roles get the text: here it is refused.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import OCTAL
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, is_list
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import OPTIONS, Option, is_secret

# What is read from text as well, and what it is called.
SCALARS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


def type_problems(role: str, member: Member, is_on: bool = True) -> t.Iterator[str]:
    """What is wrong with the kinds of a role's variables. Such a variable is unusable for rules; the others get their types.

    Text for a list matters only where the role `is_on`.
    """
    for name, option in OPTIONS[role].items():
        value = member.variables.get(name)
        if name in member.wrong or value is None:
            continue
        problems = [*_listed(name, option, value)] if is_on else []
        if not problems:
            result = ArgumentSpecValidator({name: option}).validate({name: value})
            problems = [_said(name, option, value, message) for message in result.error_messages]
            if option["type"] in SCALARS and not problems:
                member.variables[name] = result.validated_parameters[name]
        if problems:
            member.wrong.add(name)
            yield from problems


def list_problem(value: t.Any, shown: bool = True) -> str:
    """What to say where a list is wanted, as the rest of a sentence; empty where `value` is one."""
    return "" if is_list(value, of_entries=False) else f"must be a list, such as [{value if shown else '…'}]"


def mode_problem(value: t.Any) -> str:
    """What to say of a mode, as the rest of a sentence; empty where it is one. Unquoted, YAML reads 0755 as the number 493."""
    if isinstance(value, str) and OCTAL.match(value):
        return ""
    number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0o7777
    example = f"{value:04o}" if number else "0755"
    return f'must be three or four octal digits in quotes, such as "{example}"; without them YAML makes another number of it'


def _listed(name: str, option: Option, value: t.Any) -> t.Iterator[str]:
    shown = not is_secret(option)
    subject = f"{name}={value}" if shown else name
    if option["type"] == "dict" and not isinstance(value, t.Mapping):
        yield f"{name} must be a dictionary of keys and values, such as {{key: value}}."
    elif option["type"] == "list" and option.get("elements") != "dict":
        problem = list_problem(value, shown)
        if problem:
            yield f"{subject} {problem}."
    elif option["type"] == "list" and not is_list(value, of_entries=True):
        required = ", ".join(f"{key}: …" for key, inner in option["options"].items() if inner.get("required"))
        yield f"{subject} must be a list of entries, such as [{{{required}}}]."


def _said(name: str, option: Option, value: t.Any, message: str) -> str:
    """Ansible's message, in words of ours where it does not name the value; never with the value of a secret."""
    if is_secret(option):
        return f"{name}: {message}." if "options" in option else f"{name} is not of the type {option['type']}."
    if "choices" in option:
        some = "one" if option["type"] != "list" else "some"
        return f"{name}={value} must be {some} of {', '.join(map(str, option['choices']))}."
    if option["type"] in SCALARS:
        return f"{name}={value} must be {SCALARS[option['type']]}."
    return f"{name}: {message}."
