#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: config_files
short_description: Write all configuration files of a node in one call
version_added: 1.0.0
description:
  - Writes a set of files, each with its owner and mode, all or none of them.
  - The product's own check judges a private copy of the directory as it would be, before anything is replaced.
  - Reports which running services read their files before these were last written, so that no restart and no reload
    is lost when a run is interrupted.
  - A file of Workbench that says the same as before in other words, such as other comments, keeps its time, so that nothing
    restarts for it.
  - A file that is replaced for the first time, and whose first line does not say that this collection manages it, is kept
    beside as I(NAME).before-workbench-cluster with its owner and mode. Such a copy is never overwritten. Keys are not kept.
  - Diffs show fingerprints in place of secrets.
extends_documentation_fragment:
  - workbench.cluster._attributes
options:
  files:
    description:
      - The files. Missing parent directories are made, V(0755) and owned by root.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path. Where it is a symbolic link, the file it points to is written.
        type: path
        required: true
      content:
        description: The text of the file.
        type: str
      secret_base64:
        description:
          - The bytes of a file with secrets, base64 encoded. A diff shows fingerprints, of each option's value or of the whole.
          - Base64, because Ansible recognises no secret of several lines in what it writes to the journal.
        type: str
      owner:
        description: Name or number of the owner.
        type: str
        default: root
      group:
        description: Name or number of the group.
        type: str
        default: root
      mode:
        description: Mode as an octal number. By default V(0600) for secrets and V(0644) for others.
        type: str
  directories:
    description:
      - Directories to make, or to give an owner and a mode, before the files are written.
      - What is not given stays as it is; a new directory belongs to root and has mode V(0755) then.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      owner:
        description: Name or number of the owner.
        type: str
      group:
        description: Name or number of the group.
        type: str
      mode:
        description: Mode as an octal number.
        type: str
  remove:
    description: Files that must not be there.
    type: list
    elements: path
    default: []
  check:
    description:
      - The product's judgement on the files, asked when one of them is to change, in check mode too.
      - When it fails, nothing is replaced and the module fails with its words.
    type: dict
    suboptions:
      command:
        description:
          - Program and arguments. They run with C(RSTUDIO_CONFIG_DIR) set to the private copy.
          - Where the program is not installed yet, there is no check, and RV(checked) is V(false).
        type: list
        elements: str
        required: true
      directory:
        description: The directory to copy.
        type: path
        default: /etc/rstudio
  trials:
    description:
      - Programs among O(files) that are run before they go live, as the server would run them, where they are to change.
      - When one fails, nothing is replaced and the module fails with the reason. In check mode one that cannot be run yet passes.
      - The account and the nodes must be there when it is not check mode.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file, with a O(files[].content).
        type: path
        required: true
      account:
        description: Whom it runs as.
        type: str
        default: rstudio-server
      user:
        description: Value of C(RSTUDIO_USERNAME).
        type: str
        required: true
      nodes:
        description: The nodes of C(RSTUDIO_NODES), C(host:port) each. The program must answer with one within 10 seconds.
        type: list
        elements: str
        required: true
      resolve:
        description: Whether the nodes are given by their addresses (C(resolve-load-balancer-nodes)).
        type: bool
        default: false
  services:
    description: Units whose need for a restart or a reload is reported.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the unit.
        type: str
        required: true
      files:
        description: Files the unit reads when it starts only.
        type: list
        elements: path
        required: true
      reload:
        description: Files the unit reads again when C(systemctl reload) tells it to.
        type: list
        elements: path
        default: []
notes:
  - A file that was removed gives a reason to restart or to reload in the run that removes it, not later.
  - Reloads are known of units that M(workbench.cluster.node) reloaded.
seealso:
  - module: workbench.cluster.node
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Write the configuration
  workbench.cluster.config_files:
    files:
      - path: /etc/rstudio/rserver.conf
        content: "{{ options | workbench.cluster.to_conf }}"
      - path: /etc/rstudio/database.conf
        secret_base64: "{{ database | workbench.cluster.to_conf | b64encode }}"
    check:
      command: [rstudio-server, test-config]
    services:
      - name: rstudio-server
        files: [/etc/rstudio/rserver.conf, /etc/rstudio/database.conf]
  register: written

- name: Restart what is older than its files
  workbench.cluster.node:
    state: restarted
    host: "{{ inventory_hostname }}"
  when: written.restart | length > 0
"""

RETURN = r"""
changed_files:
  description: Files that were written or removed.
  returned: success
  type: list
  elements: str
  sample: [/etc/rstudio/rserver.conf]
kept:
  description: Copies of files as they were found, made by this call.
  returned: success
  type: list
  elements: str
  sample: [/etc/rstudio/rserver.conf.before-workbench-cluster]
checked:
  description: Whether the product judged the files. V(false) too when nothing was to change.
  returned: success
  type: bool
  sample: true
restart:
  description: Why a unit has to be restarted, by unit. Units that need none, or do not run, are absent.
  returned: success
  type: dict
  sample: {rstudio-server: /etc/rstudio/rserver.conf was written after rstudio-server started}
reload:
  description: Why a unit has to be reloaded, by unit. Units that need a restart instead are absent.
  returned: success
  type: dict
  sample: {rstudio-server: /etc/rstudio/r-versions was written after rstudio-server last read it}
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import file_set
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner
from ansible_collections.workbench.cluster.plugins.module_utils._product.balancer import SAMPLE

FILE = {
    "path": {"type": "path", "required": True},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "content": {"type": "str"},
    "secret_base64": {"type": "str", "no_log": True},
    "mode": {"type": "str"},
}
DIRECTORY = {
    "path": {"type": "path", "required": True},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str"},
}
CHECK = {
    "command": {"type": "list", "elements": "str", "required": True},
    "directory": {"type": "path", "default": "/etc/rstudio"},
}
SERVICE = {
    "name": {"type": "str", "required": True},
    "files": {"type": "list", "elements": "path", "required": True},
    "reload": {"type": "list", "elements": "path", "default": []},
}
TRIAL = {"path": {"type": "path", "required": True}, **SAMPLE}
CONTENTS = ("content", "secret_base64")
OPTIONS = {
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": FILE,
        "required_one_of": [CONTENTS],
        "mutually_exclusive": [CONTENTS],
    },
    "directories": {"type": "list", "elements": "dict", "default": [], "options": DIRECTORY},
    "remove": {"type": "list", "elements": "path", "default": []},
    "check": {"type": "dict", "options": CHECK},
    "trials": {"type": "list", "elements": "dict", "default": [], "options": TRIAL},
    "services": {"type": "list", "elements": "dict", "default": [], "options": SERVICE},
}


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    params, run = module.params, runner(module)
    try:
        wanted = file_set.wanted(params, module.check_mode)
        changes = file_set.plan(wanted, file_set.read(wanted))
        states = file_set.read_services(run, params["services"])
        checked = file_set.judge(run, params["check"], changes, module.tmpdir)
        file_set.run_trials(params["trials"], changes, module.check_mode)
        if not module.check_mode:
            file_set.apply(changes)
        needed = file_set.needs(params["services"], states, changes.unread(module.check_mode))
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    diff, kept = changes.diff(), list(changes.copies.values())
    files = {"changed_files": changes.changed_files, "kept": kept, "checked": checked}
    module.exit_json(changed=bool(diff), diff=diff, **files, **needed)


if __name__ == "__main__":
    main()
