# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `plan_options`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_options
short_description: Decide what becomes of options of Workbench that the inventory does not name
version_added: 1.0.0
description:
  - An option that P(workbench.cluster.options_info#module) found is known where the inventory sets it, whatever its value,
    and where this collection would write the same value.
  - What the package ships is nobody's choice, and C(load-balancing-enabled), C(provider) and the places of key and
    C(database.conf) are what a cluster needs. None of these is asked about.
  - All others stop the run with lines to paste into the inventory, are kept on all nodes, or dropped.
  - Options that say which database, storage or address it is, and secrets, cannot be kept. They are listed.
  - Data in SQLite always stops the run.
positional: hostvars, ours, unknown, present
options:
  _input:
    description: For each member C(state) and C(options), as P(workbench.cluster.member_reports#filter) returns them.
    type: dict
    required: true
  hostvars:
    description: The variable C(hostvars), for what the inventory sets.
    type: dict
    required: true
  ours:
    description:
      - For each file the options this collection writes where the inventory sets none, C(server_launcher_sections), and
        under C(asked) variables that are set elsewhere than in the inventory, for hosts whose inventory does not set them.
    type: dict
    required: true
  unknown:
    description: What becomes of options nobody knows.
    type: str
    choices: [refuse, keep, drop]
    default: refuse
  present:
    description: Inventory names of the hosts of the run. Others have a say in what is kept, and no errors.
    type: list
    elements: str
    default: []
author:
  - The workbench.cluster founders
"""

EXAMPLES = r"""
- name: Nothing is thrown away
  ansible.builtin.assert:
    that: plan.errors | length == 0
    fail_msg: "{{ plan.errors | join('\n') }}"
  vars:
    reports: "{{ groups['workbench_nodes'] | workbench.cluster.member_reports(hostvars, 'found', 'options') }}"
    ours: {server_launcher_sections: []}
    plan: "{{ reports | workbench.cluster.plan_options(hostvars, ours, 'refuse', ansible_play_hosts) }}"
"""

RETURN = r"""
_value:
  description:
    - C(errors), texts of several lines, those to paste by themselves.
    - C(kept), for each host of the run and file the options to write below the others.
    - C(sections), for each host of the run the sections of C(launcher.conf) after C([server]), each with what is C(kept) in it.
  type: dict
"""

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import filtered, plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import member_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.options import INVENTORY, plan_options


def plan(
    reports: t.Mapping[str, t.Any],
    hostvars: t.Mapping[str, t.Mapping[str, t.Any]],
    ours: t.Mapping[str, t.Any],
    unknown: str = "refuse",
    present: t.Sequence[str] = (),
) -> t.Any:
    elsewhere = ours.get("asked", {})
    asked = {}
    for host, address in zip(reports, member_addresses(reports, hostvars)):
        named = {name: plain(hostvars[host][name]) for name in INVENTORY if name in hostvars[host]}
        asked[str(host)] = {**plain(elsewhere), **named, "address": address}
    return filtered(plan_options)(reports, asked, ours, unknown, present)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_options": plan}
