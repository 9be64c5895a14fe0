# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles say of their variables: argument specs and defaults. Nothing here is a copy of them."""

from __future__ import annotations

import copy
import typing as t
from pathlib import Path

import yaml

Option = t.Mapping[str, t.Any]

FOLDER = Path(__file__).resolve().parents[3] / "roles"
# Of the playbooks, and so in no role's argument specs.
COMMON = ("workbench_cluster", "workbench_other_variables")


def _read(role: str, file: str) -> dict[str, t.Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where it is there
    text = (FOLDER / role / file).read_text(encoding="utf-8")
    read: dict[str, t.Any] = yaml.load(text, Loader=loader)  # a safe one  # nosec B506
    return read


# Read when this file is loaded: Ansible loads an action once, and then forks for each host.
ROLES = tuple(sorted(path.parents[1].name for path in FOLDER.glob("*/meta/argument_specs.yml")))
OPTIONS: t.Mapping[str, t.Mapping[str, Option]] = {
    role: _read(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"] for role in ROLES
}
DEFAULTS: t.Mapping[str, t.Mapping[str, t.Any]] = {role: _read(role, "defaults/main.yml") for role in ROLES}
KNOWN = tuple(sorted({*COMMON, *(name for options in OPTIONS.values() for name in options)}))


def role_of(name: str) -> str:
    """The role that has this variable."""
    return next(role for role, options in OPTIONS.items() if name in options)


def defaults_file(name: str) -> Path:
    """Where the default of a variable stands."""
    return FOLDER / role_of(name) / "defaults" / "main.yml"


def variable_or_default(
    name: str, variables: t.Mapping[str, t.Any], template: t.Callable[[t.Any], t.Any], load: t.Callable[..., t.Any]
) -> t.Any:
    """A variable as a host has it, else its default, a template perhaps: a play knows the defaults of its own roles only."""
    if name in variables:
        return template(variables[name])
    return template(load(str(defaults_file(name)), trusted_as_template=True)[name])


def is_constant(name: str) -> bool:
    """Whether the default of a variable is no template."""
    return "{{" not in str(DEFAULTS[role_of(name)][name])


def default(name: str) -> t.Any:
    """The default of a variable that is no template."""
    if not is_constant(name):
        raise ValueError(f"the default of {name} is a template")
    return copy.deepcopy(DEFAULTS[role_of(name)][name])


def is_secret(option: Option) -> bool:
    """Whether no value of this option, or of one in it, may be shown."""
    return bool(option.get("no_log")) or any(is_secret(inner) for inner in (option.get("options") or {}).values())


def is_hidden(name: str) -> bool:
    """Whether the value of a variable may not be shown."""
    return name not in COMMON and is_secret(OPTIONS[role_of(name)][name])


def is_default(name: str, value: t.Any) -> bool:
    """Whether a variable, as it stands and not templated, is what its role has where nobody sets it."""
    return name not in COMMON and bool(value == DEFAULTS[role_of(name)][name])
