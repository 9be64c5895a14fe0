# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables, in PostgreSQL and in SQLite. Each step belongs to the schema version it leads to.

Source: Admin Guide, Internal Data Dictionary.
"""

from __future__ import annotations

import typing as t

Run = t.Callable[[str], t.Any]

# The launcher's columns are named by us, and the cookie key is stored as base64: the product's names are unknown.
CLUSTER_TABLES = """
CREATE TABLE cluster (
    id text PRIMARY KEY, protocol text, secure_cookie_key text, launcher_private_key text, launcher_public_key text
);
CREATE TABLE node (
    id text PRIMARY KEY, cluster_id text, host text, port text, ipv4 text, last_seen text, status text
);
"""
TABLES = """
CREATE TABLE licensed_users (
    user_name text PRIMARY KEY, locked integer NOT NULL DEFAULT 0, last_sign_in text,
    is_admin integer NOT NULL DEFAULT 0
);
CREATE TABLE revoked_cookie (expiration text, cookie_data text PRIMARY KEY);
"""
# A node's row and the cluster's came with 2021.09; the stand-in has no release between that and this one.
CLUSTER_SINCE = "20260210090000000000000"
STEPS = (
    ("20210115000000000000000", "Juliet Rose", TABLES),
    ("20260210090000000000000", "Globemaster Allium", ""),
    ("20260512090000000000000", "Pacific Dogwood", "ALTER TABLE licensed_users ADD COLUMN email text;"),
)


def statements(current: str, wanted: str, postgresql: bool) -> list[str]:
    """The SQL from version `current` ('' if empty) to `wanted`; a newer database is left as it is."""
    result = []
    if not current:
        result.append("CREATE TABLE schema_version (current_version text, release_name text);")
        result.append("INSERT INTO schema_version VALUES ('', '');")
    for version, name, sql in STEPS:
        if current < version <= wanted:
            if postgresql and version == CLUSTER_SINCE:
                result.append(CLUSTER_TABLES)
            if sql:
                result.append(sql)
            result.append(f"UPDATE schema_version SET current_version = '{version}', release_name = '{name}';")
    return result


def update_postgresql(connection: t.Any, wanted: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('schema_version') IS NOT NULL")
        current = ""
        if cursor.fetchone()[0]:
            cursor.execute("SELECT current_version FROM schema_version")
            current = cursor.fetchone()[0]
        for statement in statements(current, wanted, postgresql=True):
            cursor.execute(statement)


def update_sqlite(path: str, wanted: str) -> None:
    import sqlite3

    with sqlite3.connect(path) as connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'schema_version'").fetchone()
        current = connection.execute("SELECT current_version FROM schema_version").fetchone()[0] if known else ""
        for statement in statements(current, wanted, postgresql=False):
            connection.executescript(statement)
    connection.close()
