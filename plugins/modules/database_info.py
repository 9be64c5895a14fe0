#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: database_info
short_description: Report what a PostgreSQL server has, for whom, and how this host resolves names
version_added: 1.0.0
description:
  - Reports a server's settings and access rules as far as a cluster needs them, who else uses it, and what is there of one
    database and one role. The role P(workbench.cluster.database#role) decides what is missing.
  - Asks C(psql) under the account C(postgres) on the server's own host. No driver is needed, nothing is installed.
  - The verifier of the role's password is part of the result, so the task must have C(no_log).
extends_documentation_fragment:
  - workbench.cluster._attributes.info_module
options:
  database:
    description: The database to look for.
    type: str
    required: true
  role:
    description: The role to look for.
    type: str
    required: true
  port:
    description: The server's port.
    type: int
    default: 5432
  names:
    description: Host names to resolve here. Names in the server's C(listen_addresses) are resolved with them.
    type: list
    elements: str
    default: []
  schema:
    description: A schema of the database to look for.
    type: str
    default: ""
  files:
    description: Certificates and keys to look at.
    type: list
    elements: str
    default: []
  served:
    description: Whether to see which certificate the server shows.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for a resolver's answer, at most twice as many.
    type: float
    default: 5
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Report the database server as it is
  workbench.cluster.database_info:
    database: rstudio
    role: rstudio
    names: [wb1.example.com, wb2.example.com]
  register: report
  no_log: true
"""

RETURN = r"""
server:
  description: The server, read as its own account.
  returned: success
  type: dict
  contains:
    state:
      description: V(running), V(silent) when it does not answer, or V(absent) without C(psql). Only V(running) has the rest.
      returned: success
      type: str
      sample: running
    error:
      description: Words of a server that does not answer.
      returned: success
      type: str
    version:
      description: Version of the server.
      returned: when it is running
      type: str
      sample: 15.14 (Debian 15.14-0+deb12u1)
    instance:
      description: Its C(cluster_name), which Debian makes of version and name.
      returned: when it is running
      type: str
      sample: 15/main
    standby:
      description: Whether it follows a primary.
      returned: when it is running
      type: bool
    listen_addresses:
      description: The setting in force.
      returned: when it is running
      type: str
      sample: localhost
    max_connections:
      description: The setting in force.
      returned: when it is running
      type: int
      sample: 100
    reserved_connections:
      description: How many of them are for superusers and roles with a privilege for it.
      returned: when it is running
      type: int
      sample: 3
    next_connections:
      description: The C(max_connections) of its files, which the next restart puts in force; 0 where they have none.
      returned: when it is running
      type: int
      sample: 100
    access_file:
      description: Its C(pg_hba.conf).
      returned: when it is running
      type: str
      sample: /etc/postgresql/15/main/pg_hba.conf
    access_loaded:
      description: Whether the configuration was read after that file was last changed.
      returned: when it is running
      type: bool
    access_block:
      description: Rules for both that the role P(workbench.cluster.database#role) wrote there; none without them.
      returned: when it is running
      type: dict
      contains:
        rules:
          description: Its lines.
          returned: when it is running
          type: list
          elements: str
        marks:
          description: Numbers of the lines that mark where it begins and ends.
          returned: when it is running
          type: list
          elements: int
        whole:
          description: Whether these are one pair.
          returned: when it is running
          type: bool
        first:
          description: Whether it stands above the rules of all others.
          returned: when it is running
          type: bool
    access_kept:
      description: Whether the file as it was found lies beside it.
      returned: when it is running
      type: bool
    access_errors:
      description: Lines of the access rules on disk that it would refuse.
      returned: when it is running
      type: list
      elements: dict
      contains:
        file:
          description: The file.
          returned: when it is running
          type: str
        line:
          description: Its number.
          returned: when it is running
          type: int
        error:
          description: Words of the server.
          returned: when it is running
          type: str
    databases:
      description: Databases of others, templates and C(postgres) left out.
      returned: when it is running
      type: list
      elements: str
    roles:
      description: Roles of others that may log in, the superuser of the installation left out.
      returned: when it is running
      type: list
      elements: str
    connections:
      description: Number of connections of clients.
      returned: when it is running
      type: int
    tls:
      description: Settings in force, C(ssl), C(ssl_cert_file), C(ssl_key_file) and C(ssl_ca_file).
      returned: when it is running
      type: dict
      sample: {ssl: "on", ssl_ca_file: "", ssl_cert_file: /etc/ssl/db/server.crt, ssl_key_file: /etc/ssl/db/server.key}
    tls_loaded:
      description: Whether the configuration was read after each of O(files) was last changed.
      returned: when it is running
      type: bool
    served:
      description: Fingerprint of the public key in the certificate it shows; none where it shows none.
      returned: with O(served)
      type: str
      sample: 4f2a90bc11ee
    role:
      description: The role; none without it.
      returned: when it is running
      type: dict
      contains:
        login:
          description: Whether it may log in.
          returned: when it is running
          type: bool
        verifier:
          description: The verifier of its password.
          returned: when it is running
          type: str
    database:
      description: The database; none without it.
      returned: when it is running
      type: dict
      contains:
        owner:
          description: Its owner.
          returned: when it is running
          type: str
          sample: rstudio
        holds:
          description: What users have made in it; none where it cannot be told.
          returned: when it is running
          type: dict
          sample: {names: [licensed_users, schema_version], tables: 2, workbench: true}
          contains:
            tables:
              description: Number of its tables, views and sequences.
              returned: when it is running
              type: int
            names:
              description: Names of the first of them.
              returned: when it is running
              type: list
              elements: str
            workbench:
              description: Whether the table in which Workbench keeps its version is among them.
              returned: when it is running
              type: bool
        schema_owner:
          description: The owner of O(schema); none where it is not there.
          returned: when it is running
          type: str
names:
  description: By name.
  returned: success
  type: dict
  sample: {wb1.example.com: {addresses: [10.0.0.11], own: []}}
  contains:
    addresses:
      description: Its addresses, as resolved here.
      returned: success
      type: list
      elements: str
    own:
      description: Those of them that are this host's own.
      returned: success
      type: list
      elements: str
files:
  description: By path; none where nothing is.
  returned: success
  type: dict
  contains:
    owner:
      description: Its owner. C(group), C(uid), C(gid) and C(mode) stand beside it.
      returned: success
      type: str
      sample: postgres
    readable:
      description: Whether C(postgres) can read it; none without this account.
      returned: success
      type: bool
    fingerprint:
      description: Of its bytes.
      returned: success
      type: str
      sample: sha256:4f2a90bc11ee
    public_key:
      description: Fingerprint of the public half of the key or certificate; none where openssl cannot read it.
      returned: success
      type: str
      sample: 4f2a90bc11ee
    subject:
      description: Subject of a certificate.
      returned: success
      type: str
      sample: CN=db1.example.com
    names:
      description: Names and addresses it is for.
      returned: success
      type: list
      elements: str
    not_after:
      description: When it ends, ISO 8601 in UTC.
      returned: success
      type: str
    expired:
      description: Whether that is past.
      returned: success
      type: bool
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import OPTIONS, report
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner


def main() -> t.NoReturn:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.exit_json(changed=False, **report(runner(module), module.params))


if __name__ == "__main__":
    main()
