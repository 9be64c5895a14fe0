# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a node could not use a database that others made, by what a login of its own found. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    DatabaseAnswer,
    DatabaseSession,
    HostReport,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database import ONE_OF_ITS_OWN, stranger_in
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import Login, files_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_connections import (
    Needed,
    let_in,
    limits_words,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_tls import client_problems
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted

MINIMUM_POSTGRESQL = 11


class Wanted(Login):
    node: str  # the inventory's name, for words
    coming: bool  # files that are not there yet are made by the role tls
    connections: Needed  # of all nodes


def login_problems(wanted: Wanted, report: HostReport) -> list[str]:
    """Of the files a node logs in with, and of the server that was asked."""
    if "login" not in report:
        return []
    found = report["login"]
    problems = client_problems(wanted["node"], found["files"], files_of(wanted), wanted["user"], wanted["coming"])
    return problems or (list(_refused(wanted, found["answer"])) if found["answer"] else [])


def _refused(wanted: Wanted, answer: DatabaseAnswer) -> t.Iterator[str]:
    place = f"{answer['host']}:{answer['port']}"
    if not answer["reachable"]:
        yield (
            f"{wanted['node']} cannot reach the database server at {place}: {answer['error']}. See that it runs and "
            "lets the node in, or set database_host and database_port."
        )
        return
    session = answer.get("session")
    if session is None:
        yield (
            f"{wanted['node']} cannot log in to {wanted['name']} on {place} as {wanted['user']}: {answer['error']}. "
            "See pg_hba.conf there, database_tls and database_authentication, and database_password."
        )
        return
    version = str(answer["server_version"])
    if major(version) < MINIMUM_POSTGRESQL:
        yield f"PostgreSQL on {place} is {version}: Workbench needs {MINIMUM_POSTGRESQL} or later. Upgrade it."
    yield from _too_few(wanted["connections"], session, place)
    yield from _unfit(wanted, session, f"{wanted['name']} on {place}")


def _too_few(nodes: Needed, session: DatabaseSession, place: str) -> t.Iterator[str]:
    if let_in(session) < nodes["least"]:
        yield (
            f"PostgreSQL on {place} {limits_words(session)}, and the pools of {counted(nodes['beside'], 'node')} need "
            f"{nodes['least']}: the last of them would not start. Have its admins raise max_connections, or set pool-size in "
            "server_database_conf."
        )


def _unfit(wanted: Wanted, session: DatabaseSession, place: str) -> t.Iterator[str]:
    if session["standby"]:
        yield f"The server of {place} is a standby, in which nothing can be written. Name its primary in database_host."
    stranger = stranger_in(session)
    if stranger:
        yield f"The database {place} {stranger} {ONE_OF_ITS_OWN}"
    elif not session["owns"]:
        yield (
            f"The database {place} is {session['owner']}'s, and Workbench logs in as {wanted['user']}: it makes and "
            f"alters its tables there. Have its admins do ALTER DATABASE {wanted['name']} OWNER TO {wanted['user']}, or set "
            "database_user."
        )
    elif session["schema"] is None:
        yield (
            f"The schema {wanted['schema'] or 'public'} is not in the database {place}, or is not {wanted['user']}'s to use. "
            f"Have its admins make it, owned by {wanted['user']}, or set database_schema."
        )
    elif not session["creates"]:
        yield (
            f"{wanted['user']} may make no tables in the schema {session['schema']} of {place}. Have its admins do "
            f"ALTER SCHEMA {session['schema']} OWNER TO {wanted['user']}, or set database_schema."
        )


def major(version: str) -> int:
    """The first number of a version; 0 where there is none."""
    number = version.partition(".")[0]
    return int(number) if number.isdigit() else 0
