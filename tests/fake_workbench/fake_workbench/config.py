# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's ways to read a file: strict (rserver.conf), lenient (database.conf, file-locks), with sections."""

from __future__ import annotations

import os
import re
import typing as t

from fake_workbench import known_options, options, paths

# A line ends at "\n" only. Blanks of boost::program_options, and those of the classic locale.
BOOST_BLANKS, BLANKS = " \t\r\n", " \t\n\v\f\r"
INTEGER = re.compile(r"[+-]?[0-9]+\Z")
TRUE = ("on", "yes", "1", "true", "")
FALSE = ("off", "no", "0", "false")


class ConfigError(Exception):
    """A configuration the product refuses to start with; the text is the product's."""


def _lines(text: str) -> t.Iterator[tuple[str, str | None]]:
    """Key and value of each line as boost::program_options sees it."""
    section = ""
    for raw in text.split("\n"):
        line = raw.split("#", 1)[0].strip(BOOST_BLANKS)
        if not line:
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1] + "."
        elif "=" not in line:
            raise ConfigError(f"the options configuration file contains an invalid line '{line}'")
        else:
            key, value = line.split("=", 1)
            yield section + key.strip(BOOST_BLANKS), value.strip(BOOST_BLANKS)


def unrecognized_keys(text: str) -> list[str]:
    return [key for key, _value in _lines(text) if key not in options.TYPES]


def is_integer(text: str) -> bool:
    """What becomes an `int` of the product: ASCII digits, a sign before them, 32 bits."""
    return bool(INTEGER.match(text)) and -(2**31) <= int(text) < 2**31


def parse_strict(text: str, file: str = "rserver.conf") -> dict[str, list[str]]:
    """Values by key. Stops, as a start of the product does, at the first thing that is wrong."""
    types = options.types_of(file)
    values: dict[str, list[str]] = {}
    for key, value in _lines(text):
        if key not in types:
            raise ConfigError(f"unrecognised option '{key}'")
        values.setdefault(key, []).append(value or "")
    for key, given in values.items():
        if len(given) > 1 and key not in options.REPEATABLE:
            raise ConfigError(f"option '{key}' cannot be specified more than once")
        if types[key] == "bool" and given[0].lower() not in TRUE + FALSE:
            raise ConfigError(
                f"the argument ('{given[0]}') for option '{key}' is invalid. "
                "Valid choices are 'on|off', 'yes|no', '1|0' and 'true|false'"
            )
        if types[key] == "int" and not is_integer(given[0]):
            raise ConfigError(f"the argument ('{given[0]}') for option '{key}' is invalid")
    return values


class ServerConfig:
    """rserver.conf, read and typed."""

    def __init__(self, values: dict[str, list[str]], load_balancer_file: bool = False) -> None:
        self._values = values
        self._load_balancer_file = load_balancer_file

    def text(self, key: str) -> str:
        return self._values.get(key, [options.DEFAULTS.get(key, "")])[0]

    def flag(self, key: str) -> bool:
        default = options.DEFAULTS.get(key, "0")
        return self._values.get(key, [default])[0].lower() in TRUE

    def values(self, key: str) -> list[str]:
        return self._values.get(key, [])

    @property
    def load_balancing(self) -> bool:
        """Set by its key; without the key by the presence of the file `load-balancer`.

        Source: Admin Guide, Load Balancing / Configuration.
        """
        if "load-balancing-enabled" in self._values:
            return self.flag("load-balancing-enabled")
        return self._load_balancer_file

    @property
    def port(self) -> int:
        port = self.text("www-port") or ("443" if self.flag("ssl-enabled") else "8787")
        if not port.isdigit():
            raise ConfigError(f"invalid www-port '{port}'")
        return int(port)

    @property
    def launcher_port(self) -> int:
        port = self.text("launcher-port")
        if not port.isdigit():
            raise ConfigError(f"invalid launcher-port '{port}'")
        return int(port)

    @property
    def balancer_program(self) -> str:
        return os.path.join(paths.INSTALL, self.text("server-balancer-path"))


def read_server_config() -> ServerConfig:
    """rserver.conf from where the product looks for it; an absent file means defaults."""
    path = paths.config_file("rserver.conf")
    try:
        values = parse_strict(paths.read_text(path))
    except (ConfigError, UnicodeDecodeError) as error:
        raise ConfigError(f"Error reading {path}: {error}") from error
    return ServerConfig(values, os.path.exists(paths.config_file("load-balancer")))


class Settings:
    """A lenient key=value file: the first of two equal keys wins, what cannot be read is passed over.

    Source: rstudio/rstudio, core/Settings.cpp.
    """

    def __init__(self, text: str) -> None:
        self._values: dict[str, str] = {}
        for line in text.split("\n"):
            key, separator, value = line.partition("=")
            if separator:
                self._values.setdefault(key.strip(BLANKS), _unquoted(value.strip(BLANKS)))

    @property
    def values(self) -> dict[str, str]:
        return dict(self._values)

    def text(self, key: str, default: str = "") -> str:
        return self._values.get(key, default)

    def number(self, key: str, default: int) -> int:
        try:
            return int(self._values[key])
        except (KeyError, ValueError):
            return default

    def flag(self, key: str, default: bool) -> bool:
        return {"1": True, "0": False}.get(self.text(key), default)

    def __contains__(self, key: str) -> bool:
        return key in self._values


def _unquoted(value: str) -> str:
    if not (len(value) >= 2 and value[0] == value[-1] == '"'):
        return value
    import json

    try:
        return str(json.loads(value))
    except ValueError:
        return value


class LoadBalancer(t.NamedTuple):
    host_name: str
    balancer: str
    timeout: float
    verify_ssl_certs: bool
    delete_node_on_exit: bool
    launcher_balancing: bool
    diagnostics: str = ""
    nodes: tuple[str, ...] = ()  # of the layout before 2021.09


def parse_load_balancer(text: str) -> LoadBalancer:
    """The file `load-balancer`, with or without `[config]` and `[nodes]` (Admin Guide, Load Balancing / Configuration)."""
    values: dict[str, str] = {}
    nodes: list[str] = []
    section = "[config]"
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        key, separator, value = line.partition("=")
        if line.startswith("["):
            section = line
        elif line and section == "[nodes]":
            nodes.append(line)
        elif separator:
            values.setdefault(key.strip(), value.strip())
    balancer = values.get("balancer", "sessions")
    if balancer not in ("sessions", "system-load", "user-hash", "custom"):
        raise ConfigError(f"invalid balancer '{balancer}' in the load-balancer configuration")
    timeout = values.get("timeout", "10")
    if not timeout.isdigit():
        raise ConfigError(f"invalid timeout '{timeout}' in the load-balancer configuration")
    return LoadBalancer(
        host_name=values.get("www-host-name", ""),
        balancer=balancer,
        timeout=float(timeout) or 60.0,
        verify_ssl_certs=values.get("verify-ssl-certs", "1") != "0",
        delete_node_on_exit=values.get("delete-node-on-exit", "0") == "1",
        launcher_balancing=values.get("launcher-balancing-enabled", "1") == "1",
        diagnostics=values.get("diagnostics", ""),
        nodes=tuple(nodes),
    )


def read_load_balancer() -> LoadBalancer:
    return parse_load_balancer(paths.read_text(paths.config_file("load-balancer")))


def protocol(config: ServerConfig, balancer: LoadBalancer) -> str:
    if not config.flag("ssl-enabled"):
        return "http"
    return "https" if balancer.verify_ssl_certs else "https no verify"


def launcher_protocol(config: ServerConfig) -> str:
    if not config.flag("launcher-use-ssl"):
        return "http"
    return "https" if config.flag("launcher-verify-ssl-certs") else "https no verify"


class LauncherConfig(t.NamedTuple):
    server: dict[str, str]
    clusters: list[dict[str, str]]

    @property
    def address(self) -> str:
        return self.server.get("address", "localhost")

    @property
    def port(self) -> int:
        return int(self.server.get("port", "5559"))

    @property
    def ssl(self) -> bool:
        return self.server.get("enable-ssl", "0") == "1"


def parse_launcher(text: str) -> LauncherConfig:
    """launcher.conf: exactly one `[server]`, one or more `[cluster]` (Admin Guide, Job Launcher / Configuration)."""
    sections: list[tuple[str, dict[str, str]]] = []
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        if line in ("[server]", "[cluster]"):
            sections.append((line[1:-1], {}))
            continue
        key, separator, value = line.partition("=")
        if not separator or not sections:
            raise ConfigError(f"invalid line '{line}' in launcher.conf")
        name, options_ = sections[-1]
        if key.strip() not in known_options.types_of(f"launcher.conf {name}"):
            raise ConfigError(f"The following options were unrecognized in launcher.conf: {key.strip()}")
        options_[key.strip()] = value.strip()
    servers = [values for name, values in sections if name == "server"]
    clusters = [values for name, values in sections if name == "cluster"]
    if len(servers) != 1:
        raise ConfigError(f"launcher.conf must have exactly one [server] section, not {len(servers)}")
    if not clusters:
        raise ConfigError("launcher.conf must have at least one [cluster] section")
    for cluster in clusters:
        if not cluster.get("name") or cluster.get("type") not in ("Local", "Kubernetes", "Slurm"):
            raise ConfigError(
                "each [cluster] section of launcher.conf needs a name and a type (Local, Kubernetes, Slurm)"
            )
    if servers[0].get("enable-ssl") == "1":
        for key in ("certificate-file", "certificate-key-file"):
            if not servers[0].get(key):
                raise ConfigError(f"enable-ssl=1 in launcher.conf needs {key}")
    if not servers[0].get("port", "5559").isdigit():
        raise ConfigError(f"invalid port '{servers[0]['port']}' in launcher.conf")
    return LauncherConfig(servers[0], clusters)


def check_launcher_plugin(text: str, name: str, plugin: str = "Local") -> None:
    known = known_options.types_of(f"launcher.{plugin.lower()}.conf")
    unknown = [
        line.partition("=")[0].strip()
        for line in (raw.split("#", 1)[0].strip() for raw in text.splitlines())
        if line and line.partition("=")[0].strip() not in known
    ]
    if unknown:
        raise ConfigError(f"The following options were unrecognized in {name}: {', '.join(unknown)}")


def check_profiles(text: str, name: str) -> None:
    """Options for everybody, `[*]`, for a group, `[@group]`, and for a user, `[user]` (Job Launcher, User and Group Profiles)."""
    section = ""
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        if line.startswith("[") and line.endswith("]") and line.strip("[]@ "):
            section = line
        elif line and ("=" not in line or not section):
            raise ConfigError(f"invalid line '{line}' in {name}")


def read_launcher() -> LauncherConfig:
    launcher = parse_launcher(paths.read_text(paths.config_file("launcher.conf")))
    for cluster in launcher.clusters:
        label = cluster["name"].lower()
        name = _plugin_file(cluster)
        check_launcher_plugin(paths.read_text(name), name, cluster["type"])
        if cluster["type"] != "Local":
            profiles = Settings(paths.read_text(name)).text("profile-config")
            profiles = profiles or paths.config_file(f"launcher.{label}.profiles.conf")
            check_profiles(paths.read_text(profiles), profiles)
    return launcher


def _plugin_file(cluster: dict[str, str]) -> str:
    return cluster.get("config-file") or paths.config_file(f"launcher.{cluster['name'].lower()}.conf")


def scratch_paths(launcher: LauncherConfig) -> list[str]:
    """Where the Local plugins of a launcher keep what they know of nodes and jobs."""
    return [
        Settings(paths.read_text(_plugin_file(cluster))).text(
            "scratch-path", f"{paths.ROOT}/var/lib/rstudio-launcher/{cluster['name']}"
        )
        for cluster in launcher.clusters
        if cluster["type"] == "Local"
    ]


def planted_load() -> list[float] | None:
    """Three fractions of all processors that stand in for the measured load: `FAKE_WORKBENCH_LOAD` (ours)."""
    words = Settings(paths.read_text(paths.DEFAULTS)).text("FAKE_WORKBENCH_LOAD").split()
    return [float(word) for word in words] or None


def heartbeat_seconds() -> int:
    """How often a node checks in: 300, or `FAKE_WORKBENCH_HEARTBEAT_SECONDS` (ours) of /etc/default/rstudio-server."""
    name = "FAKE_WORKBENCH_HEARTBEAT_SECONDS"
    return int(os.environ.get(name, "0")) or Settings(paths.read_text(paths.DEFAULTS)).number(name, 300)
