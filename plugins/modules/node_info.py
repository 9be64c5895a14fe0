#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: node_info
short_description: Report all that has to agree between the nodes of a cluster
version_added: 1.0.0
description:
  - Phase V(report) reports accounts, keys, configuration, versions, mounts, database and certificate of a node, and leaves a
    marker on each shared directory. Phase V(peers), after all nodes have reported, reads the markers of the others, tries
    their ports and resolves their names.
  - Never fails because of the node's state. What cannot be had is a sentence in RV(node.errors).
  - Secrets appear as fingerprints only.
  - "Admin Guide, Load Balancing / Configuration (requirements)."
extends_documentation_fragment:
  - workbench.cluster._attributes.test_files
options:
  phase:
    description: What to report.
    type: str
    choices: [report, peers]
    default: report
  name:
    description: Name of this node in the inventory. Needed with O(paths).
    type: str
  token:
    description: Names the run, 8 to 64 letters, digits, V(-) and V(_). The same on all nodes. Needed with O(paths).
    type: str
  users:
    description: Users to report, besides the service account and the members of O(groups).
    type: list
    elements: str
    default: []
  groups:
    description: Groups to report.
    type: list
    elements: str
    default: []
  service_user:
    description: The service account. By default C(server-user) of C(rserver.conf), else C(rstudio-server).
    type: str
  paths:
    description:
      - Directories on shared storage.
      - Test files lie in a folder C(.workbench-verify-*) of each, which is open to nobody else. Step V(clean) of
        M(workbench.cluster.lock_test) removes them, else they remove themselves after O(ttl).
    type: list
    elements: path
  config_dir:
    description: The configuration directory of Workbench.
    type: path
    default: /etc/rstudio
  data_dir:
    description: The data directory of Workbench.
    type: path
    default: /var/lib/rstudio-server
  database:
    description: The PostgreSQL server to try. By default the one that C(database.conf) names.
    type: dict
    suboptions:
      host:
        description: Name or address.
        type: str
        required: true
      port:
        description: Port.
        type: int
        default: 5432
  peers:
    description: The other nodes, for phase V(peers).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name in the inventory.
        type: str
        required: true
      host:
        description: Name or address at which it is to be reached.
        type: str
        required: true
      ports:
        description: Ports to try.
        type: list
        elements: int
        default: [8787, 5559]
  timeout:
    description: Seconds to wait for an answer of a port, and for a marker.
    type: float
    default: 5
notes:
  - Option O(user) writes with the numbers of that user, so that the markers tell about the mapping of ids as well.
seealso:
  - module: workbench.cluster.clock_info
  - module: workbench.cluster.cluster_info
  - module: workbench.cluster.keys_info
  - module: workbench.cluster.lock_test
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Report every node
  workbench.cluster.node_info:
    name: "{{ inventory_hostname }}"
    token: "{{ token }}"
    paths: [/home, /srv/shared]
    users: [ada, grace]
  register: report

- name: Let every node look at the others
  workbench.cluster.node_info:
    phase: peers
    name: "{{ inventory_hostname }}"
    token: "{{ token }}"
    paths: [/home, /srv/shared]
    peers:
      - {name: node2, host: node2.example.com}
      - {name: node3, host: node3.example.com, ports: [443, 5559]}
  register: seen
"""

RETURN = r"""
node:
  description: The node. What belongs to the other phase is left out.
  returned: success
  type: dict
  contains:
    hostname:
      description: Its own name.
      returned: phase V(report)
      type: str
    machine_id:
      description: C(/etc/machine-id); two nodes with the same were cloned.
      returned: phase V(report)
      type: str
    service_user:
      description: The service account.
      returned: phase V(report)
      type: str
      sample: rstudio-server
    accounts:
      description: Users and groups by name, and the names that belong to their numbers, as NSS has them.
      returned: phase V(report)
      type: dict
      sample:
        users: {ada: {uid: 20001, gid: 20001, home: /home/ada}}
        groups: {research: {gid: 30001}}
        uids: {"20001": [ada]}
        gids: {"30001": [research]}
    key_files:
      description: RV(workbench.cluster.keys_info#module:key_files).
      returned: phase V(report)
      type: dict
    config:
      description:
        - Options by file, read by each file's own grammar, each with its values. Sections are part of the name. C(database.conf)
          is the file that C(database-config-file) of C(rserver.conf) names, where it does.
        - Other files whose names end in C(.conf) count as sections and options where they look like that.
        - Secrets are V(sha256:) and 12 digits, and so is every value of C(env-vars).
      returned: phase V(report)
      type: dict
      sample: {rserver.conf: {load-balancing-enabled: ["1"]}, launcher.conf: {server.port: ["5559"]}}
    unparsed:
      description:
        - Fingerprints of the other files, carriage returns and blanks at the ends of lines apart.
        - Keys, the certificates that C(rserver.conf) and C(launcher.conf) name, and copies of editors and package managers
          are left out.
      returned: phase V(report)
      type: dict
      sample: {rsession-profile: "sha256:0123456789ab"}
    versions:
      description: Versions found. C(launcher) is a fingerprint of the program, for it does not tell its version.
      returned: phase V(report)
      type: dict
      sample: {workbench: 2026.04.0+526.pro2, launcher: "sha256:0123456789ab", r: [4.4.2], python: [3.12.4]}
    mounts:
      description: For each of O(paths) the file system it lies on, or none where nothing is mounted there.
      returned: phase V(report)
      type: dict
      sample:
        /home: {source: "files:/export/home", fstype: nfs4, options: [rw, hard], device: "0:45", root: /, target: /home}
    share:
      description:
        - For each of O(paths), whether a file could be C(written), whether C(chmod) 0600 was kept (C(chmod_kept)), and whether
          root was made somebody else (C(root_squashed), none when it did not show).
      returned: phase V(report)
      type: dict
      sample: {/home: {written: true, chmod_kept: true, root_squashed: false, error: null}}
    start:
      description:
        - Whether the node could start again as it is, and runs what is on disk.
        - C(check) is the product's own judgement on its configuration, C(check-config) or in older releases C(test-config),
          with its words where it refuses; C(passed) is none where it gave no judgement.
        - C(units) has C(active) and C(enabled) as systemd says them, and in C(older) a sentence where the running unit
          started before its C(configuration) or C(key_files) were last written, or its C(program) replaced.
        - C(shared_storage) is the directory of C(server-shared-storage-path), none where that is not set; C(directory) and
          C(mode) are none where it does not answer.
      returned: phase V(report)
      type: dict
      sample:
        check: {passed: true, said: ""}
        units:
          rstudio-server: {active: active, enabled: enabled, older: {configuration: null, key_files: null, program: null}}
        shared_storage: {path: /srv/shared, directory: true, mode: "1777", error: null}
    database:
      description:
        - Whether PostgreSQL answers.
        - C(server_version) is asked for with the login of C(database.conf), where the node's Python has C(psycopg2), and
          C(cryptography) for an encrypted password. Else it is none.
      returned: phase V(report)
      type: dict
      sample: {host: db.example.com, port: 5432, reachable: true, server_version: "15.8", error: null}
    tls:
      description:
        - The certificates of C(rserver.conf) and of C(launcher.conf), as far as these C(file)s switch TLS on. Dates are ISO, UTC.
      returned: phase V(report)
      type: list
      elements: dict
      sample:
        - file: rserver.conf
          path: /etc/ssl/node1.pem
          subject: CN=node1.example.com
          names: [node1.example.com]
          not_before: "2026-01-01T00:00:00+00:00"
          not_after: "2027-01-01T00:00:00+00:00"
          error: null
    seen:
      description:
        - For each of O(paths) and O(peers) the other node's marker, with C(mode) and C(uid) as seen here.
        - C(delay) is how long, in seconds, this node had to look until it could read it; none when it could not.
      returned: phase V(peers)
      type: dict
      sample: {/home: {node2: {delay: 0.001, mode: "0600", uid: 0, error: null}}}
    peers:
      description:
        - Addresses of O(peers) as resolved here, and the state of their ports, V(open), V(refused), V(timeout), V(unreachable)
          or V(unresolved).
      returned: phase V(peers)
      type: dict
      sample: {node2: {address: [10.0.0.2], ports: {"8787": open, "5559": refused}}}
    errors:
      description: What could not be had, one sentence each.
      returned: success
      type: list
      elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import printable, runner
from ansible_collections.workbench.cluster.plugins.module_utils._node.peers import read_peers
from ansible_collections.workbench.cluster.plugins.module_utils._node.report import read_report


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "phase": {"type": "str", "choices": ["report", "peers"], "default": "report"},
            "name": {"type": "str"},
            # Names a folder; it opens nothing.
            "token": {"type": "str", "no_log": False},
            "users": {"type": "list", "elements": "str", "default": []},
            "groups": {"type": "list", "elements": "str", "default": []},
            "service_user": {"type": "str"},
            "paths": {"type": "list", "elements": "path"},
            "user": {"type": "str"},
            "config_dir": {"type": "path", "default": "/etc/rstudio"},
            "data_dir": {"type": "path", "default": "/var/lib/rstudio-server"},
            "database": {
                "type": "dict",
                "options": {"host": {"type": "str", "required": True}, "port": {"type": "int", "default": 5432}},
            },
            "peers": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "host": {"type": "str", "required": True},
                    "ports": {"type": "list", "elements": "int", "default": [8787, 5559]},
                },
            },
            "timeout": {"type": "float", "default": 5},
            "ttl": {"type": "float", "default": 60},
        },
        required_by={"paths": ["name", "token"]},
        supports_check_mode=True,
    )
    options = {**module.params, "paths": module.params["paths"] or [], "writes": not module.check_mode}
    try:
        node = read_peers(options) if options["phase"] == "peers" else read_report(runner(module), options)
    except Failure as failure:
        module.fail_json(msg=str(failure))
    module.exit_json(changed=False, node=printable(node))


if __name__ == "__main__":
    main()
