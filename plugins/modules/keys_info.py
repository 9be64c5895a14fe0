#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keys_info
short_description: Report the keys of a node by their fingerprints
version_added: 1.0.0
description:
  - Reports the secure-cookie-key, the launcher key pair and in which form the database password is stored.
  - The role P(workbench.cluster.keys#role) compares the reports of all nodes.
  - "Places and rules: Admin Guide, Load Balancing / Configuration (Key files) and Job Launcher / Configuration."
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  config_dir:
    description: The configuration directory of Workbench.
    type: path
    default: /etc/rstudio
  data_dir:
    description: The data directory of Workbench, where it keeps a secure-cookie-key it made itself.
    type: path
    default: /var/lib/rstudio-server
  reveal:
    description:
      - Values to return as well. The result is then secret, and the task must have C(no_log).
      - V(launcher_public) is derived from the private key.
    type: list
    elements: str
    choices: [cookie_key, launcher_private, launcher_public, database_conf]
    default: []
notes:
  - The key pair is compared with C(openssl) on the node, where present.
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Report the keys of every node
  workbench.cluster.keys_info:
  register: report

- name: Read the key that is to be given to the others
  workbench.cluster.keys_info:
    reveal: [cookie_key]
  register: read
  no_log: true
"""

RETURN = r"""
key_files:
  description: The keys of this node, without their values.
  returned: success
  type: dict
  contains:
    cookie_key:
      description:
        - The secure-cookie-key Workbench uses, the one of C(secure-cookie-key-file) where C(rserver.conf) has that
          option.
      returned: success
      type: dict
      contains:
        path:
          description: Where it is.
          returned: success
          type: str
        state:
          description: V(absent), V(present) or V(unreadable). The rest is none unless it is present.
          returned: success
          type: str
        sha256:
          description: Digest of the file, in hexadecimal digits.
          returned: success
          type: str
        size:
          description: Bytes.
          returned: success
          type: int
        mode:
          description: Mode.
          returned: success
          type: str
          sample: "0600"
        owner:
          description: Name of the owner, or the number of one that has none.
          returned: success
          type: str
        group:
          description: Name of the group, or its number.
          returned: success
          type: str
        crc32:
          description: CRC-32 of the key, the product's own name for it.
          returned: success
          type: str
          sample: BFA25145
        managed:
          description: It lies elsewhere than in O(config_dir), and O(config_dir) has no copy of it.
          returned: success
          type: bool
    launcher_private:
      description: C(launcher.pem), with the fields of RV(key_files.cookie_key) but C(managed).
      returned: success
      type: dict
    launcher_public:
      description: C(launcher.pub), with the fields of RV(key_files.cookie_key) but C(managed).
      returned: success
      type: dict
    launcher_pair:
      description:
        - V(matches) or V(differs), as the public half belongs to the private one or not. V(absent) when one of them
          is missing, V(unknown) when the private key cannot be read by C(openssl).
      returned: success
      type: str
      sample: matches
    stray:
      description: Cookie keys in O(config_dir) and O(data_dir) that are not used.
      returned: success
      type: list
      elements: dict
      contains:
        path:
          description: Where it is.
          returned: success
          type: str
        sha256:
          description: Digest of the file.
          returned: success
          type: str
        agrees:
          description: It is the key that is used.
          returned: success
          type: bool
    database_password:
      description: How C(database.conf), or the C(database-config-file) of C(rserver.conf), stores the password.
      returned: success
      type: dict
      sample: {state: encrypted, key_crc32: BFA25145}
      contains:
        state:
          description: V(absent) without the file, V(none), V(plain) or V(encrypted).
          returned: success
          type: str
        key_crc32:
          description: CRC-32 of the secure-cookie-key it was encrypted with.
          returned: success
          type: str
    encrypted:
      description:
        - Other files in O(config_dir), relative to it, with a value that C(rstudio-server encrypt-password) made with the
          cookie key in use.
      returned: success
      type: list
      elements: str
      sample: [openid-client-secret]
    running:
      description:
        - Units of Workbench that are not stopped, those that are starting or stopping included; none when systemd
          does not say.
      returned: success
      type: list
      elements: str
      sample: [rstudio-server, rstudio-launcher]
    replaced:
      description:
        - While the keys of a cluster are replaced, which ones go, as C(/etc/workbench.cluster/replaced-keys) says.
          None at other times.
        - The first 12 digits of their digests.
      returned: success
      type: dict
      contains:
        cookie_key:
          description: Of secure-cookie-keys.
          returned: success
          type: list
          elements: str
          sample: [4f2a90bc11ee]
        launcher:
          description: Of private launcher keys.
          returned: success
          type: list
          elements: str
          sample: [90bc4f2a11ee]
revealed:
  description: The values asked for by O(reveal), base64 encoded, by name. Absent files have none.
  returned: when O(reveal) is not empty
  type: dict
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import DIRECTORIES
from ansible_collections.workbench.cluster.plugins.module_utils._product.keys import REVEALABLE, read_keys


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            **DIRECTORIES,
            "reveal": {"type": "list", "elements": "str", "choices": list(REVEALABLE), "default": []},
        },
        supports_check_mode=True,
    )
    reveal = module.params["reveal"]
    try:
        keys, values = read_keys(runner(module), module.params["config_dir"], module.params["data_dir"], reveal)
    except Failure as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=False, key_files=keys, **({"revealed": values} if reveal else {}))


if __name__ == "__main__":
    main()
