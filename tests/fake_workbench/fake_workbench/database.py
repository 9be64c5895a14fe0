# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""database.conf, and the connection it describes (Admin Guide, Database / Configuration)."""

from __future__ import annotations

import os
import re
import stat
import typing as t

from fake_workbench import keys, passwords, paths
from fake_workbench.config import ConfigError, ServerConfig, Settings

Warn = t.Callable[[str], None]
Connection = t.Any  # psycopg2 carries no types

BAD_URI = "connection-uri specified is not a valid PostgreSQL connection URI"
_URI = re.compile(
    r"^postgres(?:ql)?://"
    r"(?:(?P<user>[^:@/?]+)(?::(?P<password>[^:@/?]*))?@)?"
    r"(?P<host>\[[^\]]+\]|[^:@/?,]+)(?::(?P<port>[0-9]+))?"
    r"(?:/(?P<dbname>[^?]*))?(?:\?(?P<query>.*))?$",
    re.IGNORECASE,
)


class Database(t.NamedTuple):
    """Where the data is: libpq's parameters, or the path of an SQLite file."""

    parameters: dict[str, str]
    sqlite: str = ""
    pool_size: int = 0  # of connections that a server keeps; 0: one for each processor

    @property
    def is_postgresql(self) -> bool:
        return not self.sqlite


def database_path(config: ServerConfig) -> str:
    return config.text("database-config-file") or paths.config_file("database.conf")


def read_database(config: ServerConfig, warn: Warn) -> Database:
    """What database.conf says, its password decrypted. Raises ConfigError with the product's reason."""
    settings = Settings(paths.read_text(database_path(config)))
    provider = check_database(settings)
    if provider == "sqlite":
        return Database({}, sqlite_path(settings))
    parameters = {
        "host": settings.text("host", "localhost"),
        "port": settings.text("port", "5432"),
        "dbname": settings.text("database", "rstudio"),
        "user": settings.text("username", "postgres"),
    }
    uri = settings.text("connection-uri")
    if uri:
        parameters = parse_uri(uri)
        if any(name in settings for name in ("host", "port", "database", "username")):
            warn("connection-uri is set: host, port, database and username of database.conf are not used")
    password = _password_from_environment() or _stored_password(settings.text("password"), config, warn)
    if password:
        parameters["password"] = password
    if not parameters.get("password"):
        missing = [name for name in ("sslcert", "sslkey", "sslrootcert") if name not in parameters]
        if missing:
            raise ConfigError(
                f"There is no database password, and connection-uri lacks {', '.join(missing)} to log in with a certificate"
            )
        parameters["sslmode"] = "verify-ca"
    parameters.setdefault("connect_timeout", str(settings.number("connection-timeout-seconds", 10)))
    return Database(parameters, pool_size=settings.number("pool-size", 0))


def check_database(settings: Settings) -> str:
    """The provider, when all that can be judged without a key or a server is in order."""
    provider = settings.text("provider", "sqlite").lower()
    if provider not in ("sqlite", "postgresql"):
        raise ConfigError(f"Invalid database provider specified: {settings.text('provider')}")
    if provider == "postgresql" and settings.text("connection-uri"):
        parse_uri(settings.text("connection-uri"))
    return provider


def sqlite_path(settings: Settings) -> str:
    return os.path.join(settings.text("directory", paths.STATE), "rstudio.sqlite")


def parse_uri(uri: str) -> dict[str, str]:
    """libpq's parameters in a connection URI. The message never repeats the URI, which may hold a password.

    Source: rstudio/rstudio, core/Database.cpp.

    The password is not decoded, brackets stay, and a query right after the host is the database's name as well.
    """
    import urllib.parse

    match = _URI.match(uri)
    if not match:
        raise ConfigError(BAD_URI)
    parts = {name: value for name, value in match.groupdict().items() if value and name != "query"}
    parameters = {
        name: value if name == "password" else urllib.parse.unquote_plus(value) for name, value in parts.items()
    }
    if match.group("query") and match.group("dbname") is None:
        parameters["dbname"] = match.group("query")
    for item in filter(None, (match.group("query") or "").split("&")):
        name, separator, value = item.partition("=")
        if not separator:
            raise ConfigError(f"{BAD_URI}: '{name}' has no value")
        parameters[name] = urllib.parse.unquote_plus(value)
    return parameters


def _password_from_environment() -> str:
    password = os.environ.get("WORKBENCH_POSTGRES_PASSWORD", "")
    path = os.environ.get("WORKBENCH_POSTGRES_PASSWORD_FILE", "")
    return password or (paths.read_text(path).strip() if path else "")


def _stored_password(stored: str, config: ServerConfig, warn: Warn) -> str:
    if not stored:
        return ""
    if passwords.is_encrypted(stored):
        path = keys.cookie_key_path(config.text("secure-cookie-key-file"))
        places = f"{paths.MANAGED_COOKIE_KEY} (managed), {paths.config_file('secure-cookie-key')} (manual)"
        try:
            return passwords.decrypt(stored, keys.read_cookie_key(path))
        except FileNotFoundError as error:
            raise ConfigError(
                f"The database password is encrypted and there is no key to decrypt it: {places}"
            ) from error
        except passwords.DecryptError as error:
            raise ConfigError(
                f"Could not decrypt the database password with {path}: {error}. Keys: {places}"
            ) from error
    try:
        return passwords.decrypt(stored, keys.load_cookie_key(config))
    except (passwords.DecryptError, FileNotFoundError, ConfigError):
        warn("The database password is in plain text or could not be decrypted; use rstudio-server encrypt-password")
        return stored


def repair_permissions(path: str, warn: Warn) -> None:
    """Mode 0600 and owner root, as the product repairs them; it never refuses to start for them.

    Source: rstudio/rstudio, server_core/DatabaseUtils.cpp.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return
    if stat.S_IMODE(status.st_mode) not in (0o600, 0o700):
        warn(f"{path} may be read by others than its owner; its mode is set to 0600")
        os.chmod(path, 0o600)
    if os.geteuid() == 0 and (status.st_uid, status.st_gid) != (0, 0):
        os.chown(path, 0, 0)


def driver() -> t.Any:
    """psycopg2, imported where the database is talked to and nowhere else."""
    import psycopg2

    return psycopg2


def connect(database: Database) -> Connection:
    """A connection to PostgreSQL in autocommit mode."""
    psycopg2 = driver()
    try:
        connection = psycopg2.connect(**database.parameters)
    except psycopg2.OperationalError as error:
        raise ConfigError(f"Unable to connect to the database: {' '.join(str(error).split())}") from error
    connection.autocommit = True
    return connection
