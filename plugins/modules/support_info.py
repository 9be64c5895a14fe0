#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: support_info
short_description: Gather what others need to see of a host, without its secrets
version_added: 1.0.0
description:
  - Gathers the configuration of Workbench as far as it may be shown, files of the system that concern a cluster, answers of
    programs, the journal of the last hours, and the ends of the product's logs.
  - Secrets are taken out on the host. Keys, passwords and tokens that its files hold are looked for by their values, also in
    base64, in URLs, in JSON and in hexadecimal digits; what looks like a secret of others goes by its shape. C(hidden-) and
    twelve hexadecimal digits stand in, the same for the same secret wherever O(key) is the same.
  - Names of users and hosts, and addresses, stay.
  - Never fails because of the host's state. What cannot be had is a sentence in RV(support.errors).
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  key:
    description: What the stand-ins are made with, a secret of the run. Who has it can try passwords against them.
    type: str
    required: true
  hours:
    description: How many of the last hours of the journal are gathered.
    type: int
    default: 24
  size:
    description:
      - Bytes of all texts together, before they are compressed. The configuration comes first; journals and logs share what is
        left, and of what is too long the end is gathered.
    type: int
    default: 5000000
  config_dir:
    description: The configuration directory of Workbench.
    type: path
    default: /etc/rstudio
  data_dir:
    description: The data directory of Workbench, where it keeps a secure-cookie-key it made itself.
    type: path
    default: /var/lib/rstudio-server
notes:
  - A password that C(database.conf) has encrypted is looked for by its value where Python finds C(cryptography) on the host,
    and else by its shape.
seealso:
  - module: workbench.cluster.support_bundle
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Gather what others need to see of this host
  workbench.cluster.support_info:
    key: "{{ lookup('ansible.builtin.password', '/dev/null', length=40) }}"
    hours: 6
  register: gathered
"""

RETURN = r"""
support:
  description: What was gathered.
  returned: success
  type: dict
  contains:
    content:
      description: Texts by their paths, a map as JSON, compressed by zlib, in base64.
      returned: success
      type: str
    sizes:
      description: Bytes of each text.
      returned: success
      type: dict
      sample: {etc/rstudio/rserver.conf: 210, journal/units.log: 90310}
    cut:
      description: Those of which only the end is there.
      returned: success
      type: list
      elements: str
      sample: [journal/units.log]
    errors:
      description: What could not be had, one sentence each.
      returned: success
      type: list
      elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import DIRECTORIES
from ansible_collections.workbench.cluster.plugins.module_utils._support.gather import support


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            **DIRECTORIES,
            "key": {"type": "str", "required": True, "no_log": True},
            "hours": {"type": "int", "default": 24},
            "size": {"type": "int", "default": 5_000_000},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, support=support(runner(module), module.params))


if __name__ == "__main__":
    main()
