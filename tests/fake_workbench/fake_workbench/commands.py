# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sub-commands of `rstudio-server` that are more than shell."""

from __future__ import annotations

import os
import signal
import sys
import time
import typing as t

from fake_workbench import cluster, config, database, paths
from fake_workbench.config import ConfigError

TTY_NOTICE = (
    "TTY detected. Printing informational message about logging configuration. "
    "Logging configuration loaded from '/etc/rstudio/logging.conf'. Logging to '{}'."
)


class CommandError(Exception):
    """Why a command did not do its work."""


def list_nodes() -> None:
    with _cluster() as connection:
        rows, protocol = cluster.nodes(connection), cluster.protocol(connection)
    print(cluster.format_nodes(protocol, rows, time.time(), 2 * config.heartbeat_seconds()), end="")


def node_status() -> None:
    from fake_workbench import web

    print(web.node_status(_own_node().states()))


def delete_node(node_id: str) -> None:
    _require_running()
    if not node_id.isdigit():
        raise CommandError(f"Invalid node ID '{node_id}'")
    with _cluster() as connection:
        if not cluster.delete_node(connection, int(node_id)):
            raise CommandError(f"Node {node_id} does not exist.")
    print(f"Node {node_id} deleted.")
    for problem in _own_node().announce(f"deleted node {node_id}"):
        print(problem, file=sys.stderr)


def reset_cluster() -> None:
    _require_running()
    with _cluster() as connection:
        cluster.reset(connection)
    print("Cluster reset.")


def encrypt_password() -> None:
    from fake_workbench import keys, passwords

    if sys.stdin.isatty():
        import getpass

        password = getpass.getpass("Password: ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise CommandError("No password given")
    try:
        key = keys.load_cookie_key(config.read_server_config())
    except FileNotFoundError as error:
        raise CommandError(f"No secure-cookie-key: {error.filename}") from error
    print(passwords.encrypt(password, key))


def migrate_db() -> None:
    """Copy what is in SQLite to the PostgreSQL database that database.conf now names."""
    from fake_workbench import release, schema

    _require_stopped("Server is running and must be stopped before running migrate-db")
    settings = config.read_server_config()
    data = database.read_database(settings, _warn)
    if not data.is_postgresql:
        raise CommandError("database.conf does not configure PostgreSQL")
    source = database.sqlite_path(config.Settings(paths.read_text(database.database_path(settings))))
    if not os.path.exists(source):
        raise CommandError(f"There is no SQLite database {source}")
    connection = database.connect(data)
    try:
        schema.update_sqlite(source, release.current().schema_version)
        schema.update_postgresql(connection, release.current().schema_version)
        for table, count in _copy(source, connection):
            print(f"Migrated {count} rows of {table}")
    finally:
        connection.close()


def _copy(source: str, connection: t.Any) -> list[tuple[str, int]]:
    import sqlite3

    counts = []
    with sqlite3.connect(source) as old, connection.cursor() as cursor:
        for table in ("licensed_users", "revoked_cookie"):
            rows = old.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            cursor.execute(f"SELECT count(*) FROM {table}")
            if cursor.fetchone()[0]:
                raise CommandError(f"The PostgreSQL database is not empty: {table} has rows")
            values = rows.fetchall()
            for row in values:
                marks = ", ".join(["%s"] * len(row))
                cursor.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", row)
            counts.append((table, len(values)))
    return counts


def verify_installation(*arguments: str) -> None:
    """Configuration, database, launcher configuration and, if named, the user's account."""
    import pwd

    _require_stopped("Server is running and must be stopped before running verify-installation")
    settings = config.read_server_config()
    data = database.read_database(settings, _warn)
    if data.is_postgresql:
        database.connect(data).close()
    config.read_launcher()
    for argument in arguments:
        name, __, value = argument.partition("=")
        if name == "--verify-user":
            try:
                home = pwd.getpwnam(value).pw_dir
            except KeyError as error:
                raise CommandError(f"User {value} does not exist") from error
            if not os.path.isdir(home):
                raise CommandError(f"Home directory {home} of user {value} does not exist")
        elif name != "--verify-test":
            raise CommandError(f"unrecognised option '{name}'")
    print("Installation verified.")


def run_diagnostics(*arguments: str) -> None:
    """Version, list of configuration files with mode and size (never their content), sessions."""
    from fake_workbench import sessions

    directory = os.path.dirname(paths.config_file("rserver.conf"))
    lines = [paths.read_text(os.path.join(paths.INSTALL, "VERSION")).strip()]
    for name in sorted(os.listdir(directory)):
        status = os.stat(os.path.join(directory, name))
        lines.append(f"{status.st_mode & 0o7777:04o} {status.st_uid}:{status.st_gid} {status.st_size} {name}")
    lines += [f"{session.pid} {session.user} {session.id}" for session in sessions.running()]
    text = "\n".join(lines) + "\n"
    target = next((item.partition("=")[2] for item in arguments if item.startswith("--output-file=")), "")
    if not target:
        print(text, end="")
        return
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


def add_user(name: str, admin: str = "0") -> None:
    _users(
        "INSERT INTO licensed_users (user_name, is_admin) VALUES ({0}, {0})", (name, int(admin)), f"User {name} exists"
    )


def list_users() -> None:
    for row in _query("SELECT user_name, locked, is_admin FROM licensed_users ORDER BY user_name"):
        print(row[0], "locked" if row[1] else "active", "admin" if row[2] else "user", sep="  ")


def lock_user(name: str) -> None:
    _change_user("locked", 1, name)


def unlock_user(name: str) -> None:
    _change_user("locked", 0, name)


def set_admin(name: str, admin: str) -> None:
    _change_user("is_admin", int(admin), name)


def _change_user(column: str, value: int, name: str) -> None:
    changed = _users(f"UPDATE licensed_users SET {column} = {{0}} WHERE user_name = {{0}}", (value, name), "")
    if not changed:
        raise CommandError(f"User {name} does not exist")


def _users(sql: str, values: tuple[t.Any, ...], conflict: str) -> int:
    """Run a statement in the product's database, whichever it is; `{0}` stands for a value. Rows changed."""
    import sqlite3

    data = database.read_database(config.read_server_config(), _warn)
    if not data.is_postgresql:
        with sqlite3.connect(data.sqlite) as connection:
            try:
                return connection.execute(sql.format("?"), values).rowcount
            except sqlite3.IntegrityError as error:
                raise CommandError(conflict) from error
    psycopg2 = database.driver()
    with database.connect(data) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(sql.format("%s"), values)
        except psycopg2.IntegrityError as error:
            raise CommandError(conflict) from error
        return int(cursor.rowcount)


def _query(sql: str) -> list[t.Any]:
    import sqlite3

    data = database.read_database(config.read_server_config(), _warn)
    if not data.is_postgresql:
        with sqlite3.connect(data.sqlite) as connection:
            return connection.execute(sql).fetchall()
    with database.connect(data).cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _cluster() -> t.Any:
    """A context with a connection to the cluster's database."""
    import contextlib

    settings = config.read_server_config()
    if not settings.load_balancing:
        raise CommandError("Load balancing is not enabled")
    return contextlib.closing(database.connect(database.read_database(settings, _warn)))


def _own_node() -> t.Any:
    """This node as the running rserver is, for asking the others."""
    from fake_workbench import keys, node

    settings, balancer = config.read_server_config(), config.read_load_balancer()
    if not settings.load_balancing:
        raise CommandError("Load balancing is not enabled")
    own = node.RunningNode(settings, balancer, database.read_database(settings, _warn)._replace(pool_size=1))
    own.key = keys.load_cookie_key(settings)
    own.id = next((row.id for row in own.nodes() if (row.host, row.port) == (own.host, own.port)), 0)
    return own


def is_running() -> bool:
    """Whether the process of the pid file is there."""
    pid = paths.read_text(config.read_server_config().text("server-pid-file")).strip()
    if not pid:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def _require_running() -> None:
    if not is_running():
        raise CommandError("This command must be run from an active node: rstudio-server is not running")


def _require_stopped(message: str) -> None:
    if is_running():
        print(message)
        raise CommandError("")


def _warn(_message: str) -> None:
    """Commands keep stderr for what went wrong; rserver logs these warnings."""


COMMANDS: dict[str, tuple[t.Callable[..., None], int]] = {
    "list-nodes": (list_nodes, 0),
    "node-status": (node_status, 0),
    "delete-node": (delete_node, 1),
    "reset-cluster": (reset_cluster, 0),
    "encrypt-password": (encrypt_password, 0),
    "migrate-db": (migrate_db, 0),
    "verify-installation": (verify_installation, 0),
    "run-diagnostics": (run_diagnostics, 0),
    "add-user": (add_user, 1),
    "list-users": (list_users, 0),
    "lock-user": (lock_user, 1),
    "unlock-user": (unlock_user, 1),
    "set-admin": (set_admin, 2),
}


def main() -> int:
    name, arguments = sys.argv[1], sys.argv[2:]
    command, least = COMMANDS[name]
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if sys.stderr.isatty():
        print(TTY_NOTICE.format(paths.LOG), file=sys.stderr)
    if len(arguments) < least:
        print(f"{name}: missing argument", file=sys.stderr)
        return 1
    try:
        command(*arguments)
    except (CommandError, ConfigError, PermissionError) as error:
        if str(error):
            print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
