#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: "[INTERNAL] Report all that the plan of a run needs to know of a host"
version_added: 1.0.0
description:
  - Reports in one call what M(workbench.cluster.accounts_info), M(workbench.cluster.keys_info), M(workbench.cluster.mounts_info),
    M(workbench.cluster.options_info), M(workbench.cluster.cluster_info) and M(workbench.cluster.database_info) report one by one,
    and packages, units, files, certificates, exports and the clock beside.
  - Of files it tells digests under the key of the run, which say nothing to who has not the key.
  - A part that cannot be had does not take the others with it.
  - The action M(workbench.cluster.look) asks what the roles need.
  - B(This is for the roles and playbooks of this collection) and may change without notice.
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  parts:
    description:
      - The parts of the report, with the options of each.
      - V(packages), V(units), V(files), V(secret_files) and V(directories) take a list. A unit is named with its ending.
      - V(keys), V(options), V(mounts), V(cluster) and V(database) take the options of the module of that name.
      - V(login) takes C(files), certificates and keys, and C(parameters) of libpq and a C(password) for a login that is tried.
      - V(accounts) takes a question in C(asked).
      - V(node) takes the options of M(workbench.cluster.node_info) in phase V(report), V(clock) those of
        M(workbench.cluster.clock_info).
      - V(seen), V(locks) and V(peers) are what V(node) lacks, that needs the other nodes. V(seen) takes C(token), C(user),
        C(paths), C(timeout) and the names of C(members), V(peers) takes C(peers) and C(timeout), V(locks) takes a list, each
        entry with the options of a step of M(workbench.cluster.lock_test). V(peers) comes last, for it starts threads.
      - V(cluster) lists the nodes, and tells the addresses of this one, only with C(nodes).
      - V(tls) takes the paths C(certificate), C(key), C(authority), C(issuer) and C(issuer_key).
      - V(exports) takes C(paths), V(front_end) C(ports) and a C(certificate). V(system), V(processors) and V(step) take none.
      - V(served) takes what a front end is to be asked, which the lookup C(_front_end) makes. It starts threads, too.
      - V(balancer) takes the C(program) of a custom balancer, and a C(script) that is to be there with the sample it is run with.
    type: raw
    required: true
  key:
    description: Key of the digests, any text.
    type: str
    required: true
  contents:
    description:
      - Whether all files come with their text, those of V(secret_files) with fingerprints in its place.
      - Without it those of the product's files do whose grammar is certain and that are no secret. None of more than 1 MiB does.
    type: bool
    default: false
notes:
  - Run it as root; other accounts do not see all of it.
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Look at a host
  workbench.cluster.host_info:
    key: "{{ lookup('ansible.builtin.password', '/dev/null') }}"
    parts:
      system: {}
      packages: [chrony]
      units: [chrony.service]
      files: [/etc/chrony/chrony.conf]
      step: {}
  register: look
  no_log: true
"""

RETURN = r"""
report:
  description:
    - The report as JSON, by part; V(secret_files) are among V(files).
    - C(errors) has by part why it could not be had. The verifier of a role of the database is a secret.
  returned: success
  type: str
  sample: '{"packages": {"chrony": {"state": "installed", "version": "4.3-2+deb12u1"}}, "errors": {}}'
"""

import json
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._host.report import Look, read_report, remembering
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "parts": {"type": "raw", "required": True},
            "key": {"type": "str", "required": True, "no_log": True},
            "contents": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
        no_log=True,  # the log of the host would have the password of a login that is tried
    )
    parts = module.params["parts"]
    if not isinstance(parts, dict):
        module.fail_json(msg=f"parts is no dictionary: {parts!r}")
    look = Look(module, remembering(runner(module)), module.params["key"], module.params["contents"])
    module.exit_json(changed=False, report=json.dumps(read_report(look, parts)))


if __name__ == "__main__":
    main()
