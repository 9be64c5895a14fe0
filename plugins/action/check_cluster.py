# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse an inventory with problems, all of them in one list. Nothing is asked of any host."""

from __future__ import annotations

import functools
import typing as t

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.inventory import (
    BUILD,
    group_problems,
    name_problems,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Unusable
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.roles import together
from ansible_collections.workbench.cluster.plugins.plugin_utils._variables import Inventory

ASK = ("groups", "names", "build")


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _given, options = self.validate_argument_spec(
            {
                "cluster": {"type": "str", "required": True},
                "ask": {"type": "list", "elements": "str", "choices": list(ASK), "default": ["groups", "names"]},
                "answers": {"type": "str"},
            }
        )
        variables = task_vars or {}
        hostvars = Inventory(variables["hostvars"])
        about = options["cluster"], variables["groups"], hostvars
        asked: dict[str, t.Sequence[t.Callable[..., list[str]]]] = {
            "groups": [
                functools.partial(group_problems, strategy=constants.config.get_config_value("DEFAULT_STRATEGY"))
            ],
            "names": [name_problems],
            "build": BUILD,
        }
        found = [problem for part in options["ask"] for ask in asked[part] for problem in said(ask, *about)]
        if options["answers"]:
            hosts = variables["ansible_play_hosts_all"]
            answers = {host: hostvars[host].get(options["answers"]) or {} for host in hosts}
            found += together({host: answer.get("problems") or [] for host, answer in answers.items()})
        result.update(changed=False)
        if found:
            result.update(failed=True, msg="\n".join(found))
        return result


def said(ask: t.Callable[..., list[str]], *about: t.Any) -> list[str]:
    """What a question brings, or what kept it from being asked."""
    try:
        return ask(*about)
    except Unusable as reason:
        return [str(reason)] if str(reason) else []
