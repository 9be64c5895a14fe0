# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of /etc/rstudio besides those a start needs, as the product reads them.

rsession.conf is read by each session; logging.conf and env-vars by the server, when it starts and when it reloads.
"""

from __future__ import annotations

import os
import typing as t

from fake_workbench import known_options, paths
from fake_workbench.config import ConfigError, Settings, is_integer, parse_strict

Log = t.Callable[[str, str], None]


def parse_session(text: str) -> dict[str, list[str]]:
    """rsession.conf, by the parser of rserver.conf."""
    return parse_strict(text, "rsession.conf")


def parse_logging(text: str) -> dict[str, dict[str, str]]:
    """Parameters by section. Source: rstudio/rstudio, core/ConfigProfile.cpp; its parser is Boost's for INI files.

    A file with a parameter that is not known, or with one twice, is refused as a whole.
    """
    known = known_options.types_of("logging.conf")
    sections: dict[str, dict[str, str]] = {}
    values: dict[str, str] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            name, closed, __ = line[1:].partition("]")
            if not closed:
                raise ConfigError(f"Could not parse config profile: unmatched '[' (line {number})")
            if name.strip() in sections:
                raise ConfigError(f"Could not parse config profile: duplicate section name (line {number})")
            values = sections.setdefault(name.strip(), {})
            continue
        key, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not key:
            what = "'=' character not found in line" if not separator else "key expected"
            raise ConfigError(f"Could not parse config profile: {what} (line {number})")
        if key in values:
            raise ConfigError(f"Could not parse config profile: duplicate key name (line {number})")
        if sections and key not in known:
            raise ConfigError(f"Unknown param {key} specified")
        values[key] = value
    return sections


def misread_logging(sections: dict[str, dict[str, str]]) -> list[str]:
    """Parameters in whose place the product takes its default: boost::lexical_cast reads 0 and 1 for a switch."""
    known = known_options.types_of("logging.conf")
    return [
        f"Invalid value '{value}' for param {key}"
        for values in sections.values()
        for key, value in values.items()
        if (known[key] == "bool" and value not in ("0", "1"))
        or (known[key] == "int" and not is_integer(value))
        or ("|" in known[key] and value.lower() not in known[key].split("|"))
    ]


def parse_env_vars(text: str) -> dict[str, str]:
    """Variables of the server. Source: rstudio/rstudio, server/ServerEnvVars.cpp; quotes and a later `#` are in the value."""
    variables: dict[str, str] = {}
    for line in map(str.strip, text.split("\n")):
        name, separator, value = line.partition("=")
        if line and not line.startswith("#") and separator:
            variables[name] = value
    return variables


def parse_r_versions(text: str) -> list[dict[str, str]]:
    """Homes of R: one a line, or blocks of `Key: value`. What the product does with others is not known; refused here."""
    keys = ("Path", "Label", "Module", "Script", "Repo", "Library")
    homes: list[dict[str, str]] = []
    block: dict[str, str] = {}
    for line in [*map(str.strip, text.split("\n")), ""]:
        if line.startswith("#"):
            continue
        key, separator, value = (part.strip() for part in line.partition(":"))
        if line.startswith("/"):
            homes.append({"Path": line})
        elif not line and block:
            if "Path" not in block:
                raise ConfigError(f"r-versions has a definition without a Path: {block}")
            homes.append(block)
            block = {}
        elif line:
            if not separator or key not in keys or key in block:
                raise ConfigError(f"invalid line '{line}' in r-versions")
            block[key] = value
    return homes


def parse_settings(text: str) -> dict[str, str]:
    """crash-handler.conf (rstudio/rstudio, core/CrashHandler.cpp), and repos.conf, whose parser is not known."""
    return {key: value for key, value in Settings(text).values.items() if not key.startswith("#")}


def read_at_start(log: Log) -> None:
    """What the server reads when it starts, and again when it reloads. What is wrong is told, and stops nothing."""
    path = paths.config_file("env-vars")
    if os.path.exists(path):
        variables = parse_env_vars(paths.read_text(path))
        log("INFO", f"Read server environment variables from {path} ({len(variables)} variables found)")
        for name, value in variables.items():
            log("INFO", f"Setting server environment variable '{name}' = '{value}'")
            os.environ[name] = value
    path = paths.config_file("logging.conf")
    try:
        for message in misread_logging(parse_logging(paths.read_text(path))):
            log("ERROR", f"{message} in file {path}")
    except ConfigError as error:
        log("ERROR", f"{error} in file {path}")


def check_session() -> str:
    """The path of rsession.conf, or `ConfigError` with what a session would say of it."""
    path = paths.config_file("rsession.conf")
    try:
        parse_session(paths.read_text(path))
    except (ConfigError, UnicodeDecodeError) as error:
        raise ConfigError(f"Error reading {path}: {error}") from error
    return path
