# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh PostgreSQL server as it reports, and what a cluster wants of one. Verifiers are PostgreSQL 15's own."""

from __future__ import annotations

import typing as t

HBA = "/etc/postgresql/15/main/pg_hba.conf"
# Of the password `plain`, and of `old` for the role old.
PLAIN = (
    "SCRAM-SHA-256$4096:2L07rTuef8DOX6taOVST+w==$CUW5ZZBcESthi8a/zW1U9TPfGPprv768VOr3maHbUwc=:"
    "mCjUVos+fcVWRyL+9tsj6m4OvAZgdYXlFRwJe+2T2eQ="
)
MD5_OF_OLD = "md55a472967d808441271c77e90618adfe5"
SNAKEOIL = {
    "ssl": "on",
    "ssl_cert_file": "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "ssl_key_file": "/etc/ssl/private/ssl-cert-snakeoil.key",
    "ssl_ca_file": "",
}
FRESH: dict[str, t.Any] = {
    "state": "running",
    "error": None,
    "instance": "15/main",
    "standby": False,
    "listen_addresses": "*",
    "max_connections": 100,
    "reserved_connections": 3,
    "next_connections": 100,
    "access_file": HBA,
    "access_loaded": True,
    "access_errors": [],
    "access_block": None,
    "access_kept": True,
    "connections": 0,
    "databases": [],
    "roles": [],
    "role": None,
    "database": None,
    "tls": SNAKEOIL,
    "tls_loaded": True,
}
WISHES: dict[str, t.Any] = {
    "family": "Debian",
    "families": ["Debian"],
    "members": ["wb1", "wb2"],
    "name": "rstudio",
    "user": "bob",
    "host": "db1",
    "port": 5432,
    "clients": ["10.0.0.11"],
    "password": "plain",
    "known": "",
    "made": "",
    "connections": {"least": 12, "most": 12, "beside": 2},
    "may_restart": False,
    "server": "db1",
    "schema": "",
    "tls": "none",
    "authentication": "password",
    "tls_certificate": "",
    "tls_key": "",
    "tls_client_authority": "",
    "coming": False,
}


def database(owner: str, tables: int | None, **more: t.Any) -> dict[str, t.Any]:
    holds = {"tables": tables, "names": ["cluster", "schema_version"][:tables], "workbench": tables != 0}
    return {"owner": owner, "holds": None if tables is None else holds, "schema_owner": None, **more}
