#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: licence
short_description: Activate a node's licence once, and give it back
version_added: 1.0.0
description:
  - Asks the product first. A node that is licensed as it is to be is left alone, for each activation takes a seat.
  - A licence that somebody else activated stays, for the product does not say with which key.
  - Of the key a fingerprint is kept on the node, in C(/etc/workbench.cluster/license).
extends_documentation_fragment:
  - workbench.cluster._attributes
attributes:
  diff_mode:
    support: none
options:
  state:
    description: V(present) activates, V(absent) gives back, V(requested) asks for an offline licence and changes nothing.
    type: str
    choices: [present, absent, requested]
    default: present
  source:
    description: Where the licence comes from.
    type: str
    choices: [key, offline, server]
    required: true
  key:
    description:
      - The product key, for all but a V(server).
      - The product takes it as an argument only, so accounts of this host that may list processes see it while it is activated.
    type: str
  answer:
    description: The activation that the vendor's page gave for this node's request, for O(source=offline).
    type: str
  server:
    description: Host or URL of the licence server.
    type: str
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Activate
  workbench.cluster.licence:
    source: key
    key: "{{ vaulted_key }}"

- name: Give the seat back
  workbench.cluster.licence:
    source: key
    key: "{{ vaulted_key }}"
    state: absent
"""

RETURN = r"""
request:
  description: What is to be taken to the vendor's page, for an offline licence that is asked for or given back.
  type: str
  returned: with O(source=offline)
"""

import hashlib
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, runner
from ansible_collections.workbench.cluster.plugins.module_utils._product.licence import (
    VALID,
    activate,
    read_report,
    release,
    request,
    step,
)


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent", "requested"], "default": "present"},
            "source": {"type": "str", "choices": ["key", "offline", "server"], "required": True},
            "key": {"type": "str", "no_log": True},
            "answer": {"type": "str", "no_log": True},
            "server": {"type": "str"},
        },
        required_if=[("source", "key", ["key"]), ("source", "offline", ["key"]), ("source", "server", ["server"])],
        supports_check_mode=True,
    )
    params, run = module.params, runner(module)
    what = params["server"] or hashlib.sha256(params["key"].encode()).hexdigest()
    wanted = {**params, "what": what}
    try:
        if params["state"] == "requested":
            module.exit_json(changed=False, request=request(run, params["key"]))
        acts = _present if params["state"] == "present" else _absent
        changed, said = acts(run, wanted, module.check_mode)
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=changed, **({"request": said} if said else {}))


def _present(run: Run, wanted: dict[str, t.Any], check: bool) -> tuple[bool, str]:
    todo = step(wanted, read_report(run))
    said = ""
    if todo.release and not check:
        said = release(run, todo.release)
    if todo.activate and not check:
        activate(run, wanted)
    return todo.activate, said


def _absent(run: Run, wanted: dict[str, t.Any], check: bool) -> tuple[bool, str]:
    found = read_report(run)
    source = found["source"] or (wanted["source"] if found["status"] == VALID else "")
    if source and not check:
        return True, release(run, source)
    return bool(source), ""


if __name__ == "__main__":
    main()
