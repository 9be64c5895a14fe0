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
    id_rules:
      description: >-
        By which rules SSSD numbers users, C(domain/X option) and its value. Empty where NSS does not ask SSSD.
      returned: phase V(report)
      type: dict
      sample: {domain/LDAP ldap_id_mapping: "false"}
    accounts:
      description: The users and groups asked for, their members and primary groups, as NSS has them.
      returned: phase V(report)
      type: dict
      sample:
        users: {ada: {uid: 20001, gid: 20001, home: /home/ada}}
        groups: {research: {gid: 30001}}
        uids: {"20001": [ada]}
        gids: {"30001": [research]}
      contains:
        users:
          description: Users by name.
          returned: phase V(report)
          type: dict
          contains:
            uid:
              description: Number.
              returned: phase V(report)
              type: int
            gid:
              description: Number of the primary group.
              returned: phase V(report)
              type: int
            home:
              description: Home directory.
              returned: phase V(report)
              type: str
        groups:
          description: Groups by name.
          returned: phase V(report)
          type: dict
          contains:
            gid:
              description: Number.
              returned: phase V(report)
              type: int
        uids:
          description: Names by user id, the one that NSS answers first.
          returned: phase V(report)
          type: dict
        gids:
          description: The same of groups.
          returned: phase V(report)
          type: dict
    key_files:
      description: RV(workbench.cluster.keys_info#module:key_files).
      returned: phase V(report)
      type: dict
    config:
      description:
        - Options by file, read by each file's own grammar, each with its values. Sections are part of the name.
          C(database.conf) is the file that C(database-config-file) of C(rserver.conf) names, where it does.
        - Other files whose names end in C(.conf) count as sections and options where they look like that.
        - Secrets are V(sha256:) and 12 digits, and so is every value of C(env-vars).
      returned: phase V(report)
      type: dict
      sample: {rserver.conf: {load-balancing-enabled: ["1"]}, launcher.conf: {server.port: ["5559"]}}
    unparsed:
      description:
        - Fingerprints of the other files, carriage returns and blanks at the ends of lines apart.
        - Keys, the certificates that C(rserver.conf) and C(launcher.conf) name, and copies of editors and package
          managers are left out.
      returned: phase V(report)
      type: dict
      sample: {rsession-profile: "sha256:0123456789ab"}
    versions:
      description: Versions found.
      returned: phase V(report)
      type: dict
      sample: {workbench: 2026.04.0+526.pro2, launcher: "sha256:0123456789ab", r: [4.4.2], python: [3.12.4]}
      contains:
        workbench:
          description: None where it is not installed.
          returned: phase V(report)
          type: str
        launcher:
          description: A fingerprint of the program, for it does not tell its version.
          returned: phase V(report)
          type: str
        r:
          description: Versions.
          returned: phase V(report)
          type: list
          elements: str
        python:
          description: Versions.
          returned: phase V(report)
          type: list
          elements: str
    mounts:
      description: For each of O(paths) the file system it lies on, or none where nothing is mounted there.
      returned: phase V(report)
      type: dict
      sample:
        /home: {source: "files:/export/home", fstype: nfs4, options: [rw, hard], device: "0:45", root: /, target: /home}
      contains:
        source:
          description: Device, or server and directory.
          returned: phase V(report)
          type: str
        fstype:
          description: Type of the file system.
          returned: phase V(report)
          type: str
        options:
          description: Options of the mount and of its file system.
          returned: phase V(report)
          type: list
          elements: str
        device:
          description: Major and minor number.
          returned: phase V(report)
          type: str
        root:
          description: The directory of the file system that is mounted, another than V(/) where it is a bind mount.
          returned: phase V(report)
          type: str
        target:
          description: Where it is mounted.
          returned: phase V(report)
          type: str
    share:
      description: For each of O(paths) what became of a file that was written there. None in check mode.
      returned: phase V(report)
      type: dict
      sample: {/home: {written: true, chmod_kept: true, root_squashed: false, error: null, acls: [nfs4], acl_error: null}}
      contains:
        written:
          description: Whether it could be written.
          returned: phase V(report)
          type: bool
        chmod_kept:
          description: Whether C(chmod) 0600 was kept.
          returned: phase V(report)
          type: bool
        root_squashed:
          description: Whether root was made somebody else, none when it did not show.
          returned: phase V(report)
          type: bool
        error:
          description: Why it could not be written.
          returned: phase V(report)
          type: str
        acls:
          description:
            - Kinds of access control lists, V(posix) or V(nfs4), in which one more account could be named; by them Workbench
              shares projects. Not there where nothing could be written.
          returned: phase V(report)
          type: list
          elements: str
        acl_error:
          description: What kept from telling.
          returned: phase V(report)
          type: str
    start:
      description: Whether the node could start again as it is, and runs what is on disk.
      returned: phase V(report)
      type: dict
      contains:
        check:
          description: The product's own judgement on its configuration, C(check-config) or in older releases C(test-config).
          returned: phase V(report)
          type: dict
          sample: {passed: true, said: ""}
          contains:
            passed:
              description: None where it gave no judgement.
              returned: phase V(report)
              type: bool
            said:
              description: Its words where it refuses.
              returned: phase V(report)
              type: str
        units:
          description: By unit.
          returned: phase V(report)
          type: dict
          sample:
            rstudio-server: {active: active, enabled: enabled, older: {configuration: null, key_files: null, program: null}}
          contains:
            active:
              description: As systemd says it.
              returned: phase V(report)
              type: str
            enabled:
              description: As systemd says it, or V(masked).
              returned: phase V(report)
              type: str
            older:
              description: Sentences where the running unit started before something changed.
              returned: phase V(report)
              type: dict
              contains:
                configuration:
                  description: Before its configuration was last written.
                  returned: phase V(report)
                  type: str
                key_files:
                  description: Before its keys were last written.
                  returned: phase V(report)
                  type: str
                program:
                  description: Before its program was replaced.
                  returned: phase V(report)
                  type: str
        shared_storage:
          description: The directory of C(server-shared-storage-path), none where that is not set.
          returned: phase V(report)
          type: dict
          sample: {path: /srv/shared, directory: true, mode: "1777", error: null}
          contains:
            path:
              description: The directory.
              returned: phase V(report)
              type: str
            directory:
              description: Whether it is one; none where it does not answer.
              returned: phase V(report)
              type: bool
            mode:
              description: Its mode; none where it does not answer.
              returned: phase V(report)
              type: str
            error:
              description: Why it does not answer.
              returned: phase V(report)
              type: str
    database:
      description: Whether PostgreSQL answers.
      returned: phase V(report)
      type: dict
      sample: {host: db.example.com, port: 5432, reachable: true, server_version: "15.8", error: null}
      contains:
        host:
          description: The server asked; none where none is named.
          returned: phase V(report)
          type: str
        port:
          description: Its port.
          returned: phase V(report)
          type: int
        reachable:
          description: Whether it answers.
          returned: phase V(report)
          type: bool
        server_version:
          description:
            - Asked for with the login of C(database.conf), where the node's Python has C(cryptography) if the password is
              encrypted. Else it is none.
          returned: phase V(report)
          type: str
        error:
          description: Why it does not answer, or refuses the login.
          returned: phase V(report)
          type: str
        session:
          description: What that login found; none where it was refused.
          returned: phase V(report), when a login was tried
          type: dict
          sample: {client_certificate: /CN=rstudio, creates: true, max_connections: 100, names: [cluster], owner: rstudio,
            owns: true, protocol: TLSv1.3, reserved_connections: 3, schema: public, standby: false, tables: 6, workbench: true}
          contains:
            tables:
              description: Number of its tables, views and sequences.
              returned: when a login was tried
              type: int
            names:
              description: Names of the first of them.
              returned: when a login was tried
              type: list
              elements: str
            workbench:
              description: Whether the table in which Workbench keeps its version is among them.
              returned: when a login was tried
              type: bool
            protocol:
              description: Version of TLS; none where it is not encrypted.
              returned: when a login was tried
              type: str
            client_certificate:
              description: Subject of the certificate that the server was shown; none without one.
              returned: when a login was tried
              type: str
            standby:
              description: Whether the server follows a primary.
              returned: when a login was tried
              type: bool
            owner:
              description: Owner of the database.
              returned: when a login was tried
              type: str
            owns:
              description: Whether the role is that, or a member of it.
              returned: when a login was tried
              type: bool
            schema:
              description: Where tables are made; none where the schema that is asked for is not there.
              returned: when a login was tried
              type: str
            creates:
              description: Whether the role may make tables there.
              returned: when a login was tried
              type: bool
            max_connections:
              description: How many connections the server lets in.
              returned: when a login was tried
              type: int
            reserved_connections:
              description: How many of them are for superusers and roles with a privilege for it.
              returned: when a login was tried
              type: int
    tls:
      description: The certificates of C(rserver.conf) and of C(launcher.conf), as far as these switch TLS on.
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
          key: /etc/ssl/node1.key
          key_mode: "0600"
      contains:
        subject:
          description: Its subject.
          returned: phase V(report)
          type: str
        names:
          description: The names and addresses it is for.
          returned: phase V(report)
          type: list
          elements: str
        not_before:
          description: ISO 8601, UTC.
          returned: phase V(report)
          type: str
        not_after:
          description: ISO 8601, UTC.
          returned: phase V(report)
          type: str
        file:
          description: The file that names it.
          returned: phase V(report)
          type: str
        path:
          description: The certificate.
          returned: phase V(report)
          type: str
        error:
          description: Why it cannot be read.
          returned: phase V(report)
          type: str
        key:
          description: The private key that the file names beside it.
          returned: phase V(report), where it names one
          type: str
        key_mode:
          description: Its mode; none where it is not there.
          returned: phase V(report), where it names one
          type: str
    errors:
      description: What could not be had, one sentence each.
      returned: success
      type: list
      elements: str
    seen:
      description: For each of O(paths) and O(peers) the other node's marker. None in check mode.
      returned: phase V(peers)
      type: dict
      sample: {/home: {node2: {delay: 0.001, mode: "0600", uid: 0, error: null, acls: [nfs4]}}}
      contains:
        delay:
          description: Seconds this node had to look until it could read it; none when it could not.
          returned: phase V(peers)
          type: float
        mode:
          description: As seen here.
          returned: phase V(peers)
          type: str
        uid:
          description: As seen here.
          returned: phase V(peers)
          type: int
        error:
          description: Why it could not be read.
          returned: phase V(peers)
          type: str
        acls:
          description: Kinds of access control lists in which the other node's file names one more account, as seen here.
          returned: phase V(peers)
          type: list
          elements: str
    peers:
      description: By name of O(peers).
      returned: phase V(peers)
      type: dict
      sample: {node2: {address: [10.0.0.2], ports: {"8787": open, "5559": refused}}}
      contains:
        address:
          description: Addresses as resolved here.
          returned: phase V(peers)
          type: list
          elements: str
        ports:
          description: State of each port, V(open), V(refused), V(timeout), V(unreachable) or V(unresolved).
          returned: phase V(peers)
          type: dict
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import printable, runner
from ansible_collections.workbench.cluster.plugins.module_utils._node.peers import PEERS, read_peers
from ansible_collections.workbench.cluster.plugins.module_utils._node.report import OPTIONS, read_report


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "phase": {"type": "str", "choices": ["report", "peers"], "default": "report"},
            **OPTIONS,
            "peers": PEERS,
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
