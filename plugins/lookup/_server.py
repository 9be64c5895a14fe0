# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _server
short_description: "[INTERNAL] What the role server makes of its variables"
version_added: 1.0.0
description:
  - Makes of the variables of the role P(workbench.cluster.server#role), and of others, what a node is asked and is to be.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
options:
  _terms:
    description:
      - V(ask), what a look at the node has to bring back.
      - V(ours), what the role writes where the inventory says nothing.
      - V(fit), what the node has to fit.
      - V(wanted), what the node is to be, after the decisions for the cluster.
      - The others, what V(wanted) has by that name.
    type: list
    elements: str
    choices: [ask, ours, fit, wanted, login, files, directories, trials, remove, services, absent]
    required: true
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Refuse what cannot become what is asked
  ansible.builtin.debug:
    msg: "{{ lookup('workbench.cluster._server', 'fit') | workbench.cluster._misfits(__server_before) }}"
"""

RETURN = r"""
_list:
  description: Each as a mapping, or as a list of what is in it by name.
  type: list
  elements: raw
"""

import typing as t

from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.plugin_utils._known import Known
from ansible_collections.workbench.cluster.plugins.plugin_utils._server import facts
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.ask import ask
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.options import ours
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.wanted import WRITTEN, fit, wanted

PARTS: t.Mapping[str, t.Callable[[facts.Known], t.Any]] = {
    "ask": ask,
    "ours": ours,
    "fit": fit,
    "wanted": wanted,
    **WRITTEN,
}


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        variables = variables or {}
        self.set_options(var_options=variables, direct=kwargs)
        load = t.cast(t.Any, self._loader).load_from_file
        return [PARTS[name](Known(t.cast(t.Any, self._templar), variables, load)) for name in terms]
