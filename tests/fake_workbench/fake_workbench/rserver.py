# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rserver: the conditions it starts under, and its life."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import sys
import threading
import typing as t

from fake_workbench import (
    cluster,
    config,
    database,
    further_files,
    keys,
    licence,
    log,
    paths,
    release,
    runtimes,
    schema,
    sessions,
)
from fake_workbench.config import ConfigError, ServerConfig

if t.TYPE_CHECKING:
    from fake_workbench import endpoint
    from fake_workbench.node import RunningNode

LOG = log.Log("rserver")


def warn(message: str) -> None:
    LOG("WARNING", message)


def check_config() -> int:
    """All unknown keys at once, then the key file and the database configuration; 1 if anything is wrong."""
    path = paths.config_file("rserver.conf")
    if not os.path.exists(path):
        print("[FAIL] No configuration file found to validate; specify one with --config-file")
        return 1
    try:
        unknown = config.unrecognized_keys(paths.read_text(path))
    except ConfigError as error:
        print(f"[FAIL] Config file {path}: {error}")
        return 1
    if unknown:
        print(f"[FAIL] Config file {path}: unrecognized option(s):", *(f"  - {key}" for key in unknown), sep="\n")
        return 1
    settings = config.read_server_config()
    print(f"[PASS] Config file {path}: no unrecognized options found")
    checks = (
        ("Secure cookie key", _check_key),
        ("Session configuration", _check_session),
        ("Database configuration", _check_database),
    )
    return max(_report(name, check, settings) for name, check in checks)


def _report(name: str, check: t.Callable[[ServerConfig], str], settings: ServerConfig) -> int:
    try:
        print(f"[PASS] {name}: {check(settings)}")
    except ConfigError as error:
        print(f"[FAIL] {name}: {error}")
        return 1
    return 0


def _check_key(settings: ServerConfig) -> str:
    path = keys.cookie_key_path(settings.text("secure-cookie-key-file"))
    if not os.path.exists(path):
        return "generated at the first start"
    keys.read_cookie_key(path)
    return path


def _check_session(_settings: ServerConfig) -> str:
    return further_files.check_session()


def _check_database(settings: ServerConfig) -> str:
    path = database.database_path(settings)
    return f"{database.check_database(config.Settings(paths.read_text(path)))} ({path})"


def prepare() -> RunningNode:
    """Everything that must be in order before the node serves. Raises ConfigError, OSError."""
    from fake_workbench.node import RunningNode

    settings = config.read_server_config()
    balancer = config.read_load_balancer()
    further_files.read_at_start(LOG)
    _prepare_directories(settings)
    database.repair_permissions(database.database_path(settings), warn)
    data = database.read_database(settings, warn)
    if settings.load_balancing:
        if not data.is_postgresql:
            raise ConfigError("Load balancing requires a PostgreSQL database; database.conf configures SQLite")
        _check_shared_storage(settings)
    runtimes.require_r(settings)
    node = RunningNode(settings, balancer, data)
    if settings.flag("launcher-sessions-enabled"):
        _compare_launcher(settings)
    if data.is_postgresql:
        with node.connection() as connection, cluster.starting(connection):
            schema.update_postgresql(connection, release.current().schema_version)
            _join(node, connection)
    else:
        os.makedirs(os.path.dirname(data.sqlite), exist_ok=True)
        schema.update_sqlite(data.sqlite, release.current().schema_version)
        node.key = _cookie_key(settings, None)
        _launcher_pair(settings, None)
    return node


def _join(node: RunningNode, connection: t.Any) -> None:
    settings = node.config
    listed = in_database(settings)
    stored = cluster.stored_keys(connection) if listed else cluster.Keys(None, None)
    node.key = _cookie_key(settings, stored.cookie_key)
    pair, pair_problem = _launcher_pair(settings, stored.launcher)
    if not listed:
        return
    problem = pair_problem
    path = keys.cookie_key_path(settings.text("secure-cookie-key-file"))
    if not keys.has_private_mode(path):
        problem = "invalid permissions on secure cookie key"
    if not node.ipv4:
        problem = "failed to resolve"
    if settings.text("server-license-type") == "remote" and not licence.lease():
        problem = "invalid license"
    identity = cluster.Identity(
        node.host,
        node.port,
        node.ipv4,
        config.protocol(settings, node.balancer),
        node.key,
        pair,
        problem,
        licence.licensed_nodes(),
    )
    node.id, node.status = cluster.register(connection, identity)


def in_database(settings: ServerConfig) -> bool:
    """Whether this node has a row among the nodes: up to 1.4 they were in load-balancer only."""
    return settings.load_balancing and release.current().nodes_in_database


def _cookie_key(settings: ServerConfig, stored: bytes | None) -> bytes:
    """The key on disk, else the cluster's, else a new one."""
    path = keys.cookie_key_path(settings.text("secure-cookie-key-file"))
    if not os.path.exists(path):
        keys.write_private(path, stored or keys.new_cookie_key())
    key = keys.read_cookie_key(path)
    from fake_workbench.passwords import fingerprint

    LOG("INFO", f"Read secure key with hash {fingerprint(key)} from {path}")
    return key


def _launcher_pair(
    settings: ServerConfig, stored: keys.LauncherPair | None
) -> tuple[keys.LauncherPair | None, str | None]:
    if not settings.flag("launcher-sessions-enabled"):
        return None, None
    if not any(os.path.exists(path) for path in keys.launcher_paths()):
        account = pwd.getpwnam(settings.text("server-user"))
        keys.write_launcher_pair(stored or keys.new_launcher_pair(), (account.pw_uid, account.pw_gid))
    try:
        return keys.read_launcher_pair()
    except FileNotFoundError as error:
        LOG("ERROR", f"Error reading launcher key: {error.strerror}: {error.filename}")
        return None, "error reading launcher key"


def _prepare_directories(settings: ServerConfig) -> None:
    try:
        account = pwd.getpwnam(settings.text("server-user"))
    except KeyError as error:
        raise ConfigError(f"server-user '{settings.text('server-user')}' does not exist") from error
    os.umask(0o022)
    run = settings.text("server-data-dir")
    os.makedirs(run, exist_ok=True)
    os.chmod(run, 0o1777)
    if os.geteuid() == 0:
        os.chown(run, account.pw_uid, account.pw_gid)
    os.makedirs(paths.SESSIONS, exist_ok=True)


def _check_shared_storage(settings: ServerConfig) -> None:
    path = settings.text("server-shared-storage-path")
    if not path:
        raise ConfigError("Load balancing requires server-shared-storage-path to be set to shared storage")
    if not os.path.isdir(path):
        raise ConfigError(f"server-shared-storage-path {path} does not exist")
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if settings.flag("server-project-sharing") and mode & 0o1777 != 0o1777:
        raise ConfigError(f"server-shared-storage-path {path} must be writable by all and sticky (1777), not {mode:o}")
    if os.stat(path).st_dev == os.stat("/").st_dev:
        warn(f"server-shared-storage-path {path} is on this node's root file system: it is not shared")


def _compare_launcher(settings: ServerConfig) -> None:
    """Say, as the product does since 2024.12.1, that the launcher listens elsewhere than rserver asks."""
    if not settings.text("launcher-address"):
        raise ConfigError("launcher-address must be set when launcher-sessions-enabled is 1")
    try:
        launcher = config.read_launcher()
    except ConfigError as error:
        LOG("ERROR", str(error))
        return
    if launcher.port != settings.launcher_port:
        LOG("ERROR", f"launcher-port is {settings.launcher_port}, but launcher.conf has port={launcher.port}")
    if launcher.ssl != settings.flag("launcher-use-ssl"):
        LOG("ERROR", "launcher-use-ssl of rserver.conf and enable-ssl of launcher.conf differ")


def serve(node: RunningNode) -> int:
    """Listen, come online, check in until told to stop, leave. Imports the web late: a refusal to start is quick."""
    from fake_workbench import endpoint, web

    settings = node.config
    web.Web.node = node
    web.Web.always = _transport_security(settings)
    signals = endpoint.Signals()
    server = endpoint.listen(
        settings.text("www-address"),
        settings.port,
        web.Web,
        _tls(settings),
    )
    redirect = _redirect(settings)
    if in_database(settings):
        _come_online(node)
    child = os.fork() if settings.flag("server-daemonize") else os.getpid()
    if child:
        with open(settings.text("server-pid-file"), "w", encoding="ascii") as file:
            file.write(f"{child}\n")
    if child not in (0, os.getpid()):
        os._exit(0)
    if not child:
        os.setsid()

    for one in filter(None, (server, redirect)):
        threading.Thread(target=one.serve_forever, daemon=True).start()
    if in_database(settings) and node.status == "online":
        _announce(node, "joined the cluster")
    while (said := signals.wait(config.heartbeat_seconds())) in (0, signal.SIGHUP):
        if said == signal.SIGHUP:
            _reload(node)
        elif in_database(settings):
            _check_in(node)
    for session in sessions.suspend_all():
        warn(f"Session {session.id} of {session.user} (pid {session.pid}) did not suspend")
    server.shutdown()
    if in_database(settings):
        _leave(node)
    if settings.text("server-license-type") == "remote":
        _end_lease()
    os.unlink(settings.text("server-pid-file"))
    LOG("INFO", "Stopped")
    return 0


def _tls(settings: ServerConfig) -> endpoint.Tls | None:
    from fake_workbench import endpoint

    if not settings.flag("ssl-enabled"):
        return None
    files = settings.text("ssl-certificate"), settings.text("ssl-certificate-key")
    return endpoint.Tls(*files, settings.text("ssl-protocols"))


def _transport_security(settings: ServerConfig) -> dict[str, str]:
    if not (settings.flag("ssl-enabled") and settings.flag("ssl-hsts")):
        return {}
    subdomains = "; includeSubDomains" if settings.flag("ssl-hsts-include-subdomains") else ""
    return {"Strict_Transport_Security": f"max-age={settings.text('ssl-hsts-max-age')}{subdomains}"}


def _redirect(settings: ServerConfig) -> endpoint.Server | None:
    """Port 80 leads to 443, where SSL is."""
    from fake_workbench import endpoint, web

    if settings.flag("ssl-enabled") and settings.port == 443 and settings.flag("ssl-redirect-http"):
        return endpoint.listen(settings.text("www-address"), 80, web.Redirect)
    return None


def _end_lease() -> None:
    try:
        licence.end_lease()
    except licence.Refused as refused:
        warn(f"The lease was not given back: {refused}")


def _come_online(node: RunningNode) -> None:
    if node.status == "starting":
        node.status = "online"
        with node.connection() as connection:
            cluster.set_status(connection, node.id, node.status)
        LOG("INFO", f"Node {node.id} ({node.host}:{node.port}) is online")
    else:
        LOG("ERROR", f"Node {node.id} ({node.host}:{node.port}) does not come online: {node.status}")


def _announce(node: RunningNode, event: str) -> None:
    try:
        problems = node.announce(event)
    except ConfigError as error:
        problems = [str(error)]
    for problem in problems:
        warn(problem)


def _check_in(node: RunningNode) -> None:
    try:
        with node.connection() as connection:
            known = cluster.check_in(connection, node.id)
    except ConfigError as error:
        LOG("ERROR", f"Could not check in: {error}")
        return
    if not known:
        warn(f"Node {node.id} was deleted from the cluster; restart it to join again")


def _leave(node: RunningNode) -> None:
    try:
        with node.connection() as connection:
            if node.balancer.delete_node_on_exit:
                cluster.delete_node(connection, node.id)
            else:
                cluster.set_status(connection, node.id, "offline")
    except ConfigError as error:
        LOG("ERROR", f"Could not leave the cluster: {error}")
        return
    _announce(node, "left the cluster")


def _reload(node: RunningNode) -> None:
    further_files.read_at_start(LOG)
    try:
        node.balancer = config.read_load_balancer()
        LOG("INFO", "Configuration reloaded")
    except ConfigError as error:
        LOG("ERROR", str(error))


def main() -> int:
    argument = sys.argv[1] if len(sys.argv) > 1 else ""
    checks = release.current().check_config
    try:
        if argument == "--test-config" and checks:
            print("--test-config is deprecated; use --check-config", file=sys.stderr)
        if argument in ("--test-config", "--check-config") and checks:
            return check_config()
        if argument == "--test-config":
            config.read_server_config()
            return 0
        if argument:
            raise ConfigError(f"unrecognised option '{argument}'")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        return serve(prepare())
    except (ConfigError, OSError) as error:
        LOG("ERROR", str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
