# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of a node's variables for more than one of its files: release, TLS, R, the account, the database. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import Login
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.fit import vendors_r
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.load_balancer import known_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import is_on

LICENCE = "/var/lib/rstudio-server/workbench-cluster.lic"
PORT = re.compile(r"^([^:]+):[0-9]+$")
ACCOUNT = "rstudio-server"
LOGIN = tuple(Login.__annotations__)


class Known(t.Protocol):
    """Variables of a node, those of other roles as well: plain values, but for `hostvars`."""

    def __getitem__(self, name: str, /) -> t.Any: ...

    def get(self, name: str, otherwise: t.Any, /) -> t.Any: ...


class Tls(t.NamedTuple):
    """With certificates (role tls) server and launcher speak TLS, unless the inventory says otherwise."""

    server: bool
    launcher: bool
    directory: str
    # By which a node calls itself. A certificate of the cluster's own authority names the loopback as well, for which it is
    # empty; one of the admin's names the node only.
    own_name: str

    @property
    def certificate(self) -> str:
        return f"{self.directory}/host.crt"

    @property
    def key(self) -> str:
        return f"{self.directory}/host.key"

    @property
    def launcher_key(self) -> str:
        return f"{self.directory}/{ACCOUNT}.key"


def tls(known: Known) -> Tls:
    source, options = known["tls_source"], known["server_rserver_conf"]
    server = source != "none" and is_on(options.get("ssl-enabled", True))
    launcher = source != "none" and is_on(options.get("launcher-use-ssl", server))
    name = PORT.sub(r"\1", str(known["server_www_host_name"])) if source == "files" else ""
    return Tls(server, launcher, str(known["tls_directory"]), name)


def release(known: Known) -> str:
    """Which decides on the layout of files: the one that is asked for, else this node's, else the cluster's, else today's."""
    there = known.get("__server_before", {}).get("cluster", {}).get("version")
    return str(known["server_version"] or there or known.get("__server_found_release", ""))


def lists_nodes(known: Known) -> bool:
    """Whether nodes know each other by their files."""
    return not known_options({"www-host-name": True}, release(known), "load-balancer")


def account(known: Known) -> str:
    """As whom the server and its plugins run."""
    return str(known["server_rserver_conf"].get("server-user", ACCOUNT))


def scratch(known: Known) -> list[dict[str, str]]:
    """Where launchers of Local plugins meet, in the older way: a directory as config_files takes it."""
    owner = known["server_launcher_local_conf"].get("server-user", ACCOUNT)
    path = known["server_launcher_scratch_path"]
    return [{"path": path, "owner": owner}] if path else []


def licence_files(known: Known) -> list[str]:
    """A licence file goes before every other way. The vendor names it by the key: here it has a name that says nothing."""
    return [LICENCE] if known["server_license_source"] == "file" else []


def login(known: Known) -> Login:
    return t.cast("Login", {name: known[f"database_{name}"] for name in LOGIN})


def r_programs(known: Known) -> list[str]:
    """Programs of R that the inventory names, which must be there."""
    return [*_r_named(known), *_r_of_homes(known)]


def r_default(known: Known) -> str:
    """The R of sessions; empty where the inventory names none, or names it itself."""
    named = _r_named(known)
    programs = [vendors_r(version) for version in known["server_r_versions"]]
    return next(iter([*programs, *(program for program in _r_of_homes(known) if program not in named)]), "")


def _r_named(known: Known) -> list[str]:
    named = known["server_rserver_conf"].get("rsession-which-r")
    return [str(named)] if named else []


def _r_of_homes(known: Known) -> list[str]:
    homes = [*known["server_r_paths"], *(home["path"] for home in known["server_r_definitions"])]
    return [f"{str(home).rstrip('/')}/bin/R" for home in homes]
