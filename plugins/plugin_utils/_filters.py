# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make filters of functions: plain values in, and failures as Ansible's own errors."""

from __future__ import annotations

import functools
import inspect
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.module_utils.basic import missing_required_lib
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import once

T = t.TypeVar("T")


def plain(value: T) -> T:
    """`value` of plain types: ansible-core tags variables with subclasses that other libraries may not take."""
    return t.cast("T", _plain(value))


def _plain(value: object) -> object:
    if isinstance(value, t.Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise AnsibleFilterError(f"a value of type {type(value).__name__} cannot be used here")


def filtered(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """`function` as a filter: plain arguments and results, and failures as filter errors.

    Of `hostvars` only what is asked for is read: all variables of all hosts would take long, and some may be undefined.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
        given = signature.bind(*args, **kwargs)
        for name, value in given.arguments.items():
            given.arguments[name] = once(value) if name == "hostvars" else plain(value)
        try:
            return plain(function(*given.args, **given.kwargs))
        except Failure as failure:
            raise AnsibleFilterError(str(failure)) from failure
        except ImportError as error:
            raise AnsibleFilterError(missing_required_lib(str(error.name))) from error

    return call
