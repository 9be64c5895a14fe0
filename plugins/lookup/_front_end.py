# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: _front_end
short_description: "[INTERNAL] What the role proxy asks and wants of a host"
version_added: 1.0.0
description:
  - Made of the variables C(proxy_*) of the host, and of what the inventory says of the nodes.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
options:
  _terms:
    description:
      - V(ask), what C(site) looks at, or V(asked), what C(verify) does.
      - V(wanted), and the family of the host's operating system.
      - V(open), the ports that people need, with their protocol.
    type: list
    elements: str
    required: true
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: What is to be on the front end
  ansible.builtin.debug:
    msg: "{{ lookup('workbench.cluster._front_end', 'wanted', 'Debian') }}"
"""

RETURN = r"""
_list:
  description: One dictionary; of V(open) the ports.
  type: list
  elements: raw
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.made import PORTS, ask, asked, open_ports, wanted
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import variable_or_default


class LookupModule(LookupBase):
    def run(
        self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any
    ) -> list[dict[str, t.Any]] | list[str]:
        variables = variables or {}
        self.set_options(var_options=variables, direct=kwargs)
        try:
            if terms[0] == "open":  # the role firewall asks, which does not know the defaults of proxy
                template, load = t.cast(t.Any, self._templar).template, t.cast(t.Any, self._loader).load_from_file
                return open_ports({name: plain(variable_or_default(name, variables, template, load)) for name in PORTS})
            own = self._own(variables)
            if terms[0] == "ask":
                return [ask(own)]
            if terms[0] == "asked":
                return [asked(own, variables["hostvars"])]
            return [wanted(own, variables["hostvars"], t.cast(t.Any, terms[1]))]
        except Failure as failure:
            raise AnsibleLookupError(str(failure)) from failure

    def _own(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        template = t.cast(t.Any, self._templar).template
        names = [name for name in variables if name.startswith(("proxy_", "__proxy_tls_"))]
        own = {"inventory_hostname": variables["inventory_hostname"]}
        own.update({name.removeprefix("__proxy_"): plain(template(variables[name])) for name in names})
        return own
