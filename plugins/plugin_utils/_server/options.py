# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of each file: what a cluster needs where the inventory says nothing, and with what it says. Pure.

They are laid down also where the product's documents leave them to chance (its default balancer changed between releases).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.callback import callback_address
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import database_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_tls import CERTIFICATE
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.load_balancer import known_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.facts import (
    ACCOUNT,
    Known,
    login,
    r_default,
    release,
    tls,
)

Options = dict[str, t.Any]
BALANCER = "/etc/rstudio/rserver-balancer"
LAUNCHER_PORT = 5559
SECTIONS = [{"name": "cluster", "options": {"name": "Local", "type": "Local"}}]
# What the inventory says of each file.
ASKED = tuple(
    f"server_{name}"
    for name in (
        *("rserver_conf", "load_balancer", "database_conf", "file_locks", "launcher_conf", "launcher_sections"),
        *("launcher_local_conf", "rsession_conf", "logging_conf", "env_vars", "crash_handler_conf", "repos_conf"),
        *("health_check", "nginx_http_conf", "nginx_server_conf", "nginx_site_conf", "r_paths", "r_definitions"),
    )
)


def asked(known: Known) -> Options:
    return {name: known[name] for name in ASKED}


def ours(known: Known) -> Options:
    """What the role writes where the inventory says nothing, by file; what is found on nodes is held against both."""
    return {
        "rserver.conf": _rserver(known),
        "load-balancer": _load_balancer(known),
        "file-locks": _file_locks(known),
        "database.conf": _database(known),
        "launcher.conf": _launcher(known),
        "launcher.local.conf": _launcher_local(known),
        "server_launcher_sections": SECTIONS,
        "asked": asked(known),
    }


def rserver_conf(known: Known, kept: t.Mapping[str, t.Any]) -> Options:
    """`kept`: options that were found in the file and stay."""
    named, secured = known["server_rserver_conf"], rserver_tls(known)
    place = callback_address({**secured, **kept, **named}, tls(known).own_name)
    return {**_rserver(known), "launcher-sessions-callback-address": place, **named}


def load_balancer(known: Known) -> Options:
    own = {"www-host-name": known["server_www_host_name"], **_load_balancer(known)}
    return {**own, **known["server_load_balancer"]}


def file_locks(known: Known) -> Options:
    return {**_file_locks(known), **known["server_file_locks"]}


def launcher_conf(known: Known) -> Options:
    return {**_launcher(known), **known["server_launcher_conf"]}


def launcher_local_conf(known: Known) -> Options:
    return {**_launcher_local(known), **known["server_launcher_local_conf"]}


def database_conf(known: Known) -> Options:
    named = known["server_database_conf"]
    # It would override the one in the URI of the inventory, and end a login by certificate.
    without = "connection-uri" in named or login(known)["authentication"] == CERTIFICATE
    password = None if without else known["keys_values"]["database_ciphertext"]
    return {**_database(known), "password": password, **named}


def rserver_tls(known: Known) -> Options:
    secured = tls(known)
    files = {"ssl-enabled": True, "ssl-certificate": secured.certificate, "ssl-certificate-key": secured.key}
    address = {"launcher-use-ssl": True, "launcher-address": secured.own_name or "127.0.0.1"}
    return {**(files if secured.server else {}), **(address if secured.launcher else {})}


def _rserver(known: Known) -> Options:
    clusters = [one["options"]["name"] for one in known["server_launcher_sections"] if one["name"] == "cluster"]
    options: Options = {
        "server-user": ACCOUNT,
        "load-balancing-enabled": True,
        "server-shared-storage-path": known["server_shared_storage_path"],
        "launcher-sessions-enabled": True,
        "launcher-address": "127.0.0.1",
        "launcher-port": LAUNCHER_PORT,
        "launcher-default-cluster": next(iter(clusters), "Local"),
        "launcher-use-ssl": False,
        "server-health-check-enabled": True,
    }
    if r_default(known):
        options["rsession-which-r"] = r_default(known)
    if known["server_balancer_script"]:
        options["server-balancer-path"] = BALANCER
    options |= rserver_tls(known)
    # Admin Guide, License Management: with a floating licence the server leases a seat when it starts.
    if known["server_license_source"] == "server":
        options["server-license-type"] = "remote"
    return known_options(options, release(known), "rserver.conf")


def _load_balancer(known: Known) -> Options:
    options: Options = {"balancer": "custom" if known["server_balancer_script"] else "sessions"}
    if known["server_launcher_scratch_path"]:
        options["launcher-balancing-enabled"] = False
    return options


def _file_locks(known: Known) -> Options:
    efs = known["server_file_locks_preset"] == "efs"
    return {"lock-type": "linkbased", "use-symlinks": True if efs else None}


def _launcher(known: Known) -> Options:
    """Other nodes must reach this node's launcher: the package's own `localhost` breaks a cluster."""
    secured = tls(known)
    files = {"certificate-file": secured.certificate, "certificate-key-file": secured.launcher_key}
    return {
        "address": "0.0.0.0",
        "port": LAUNCHER_PORT,
        "server-user": ACCOUNT,
        "admin-group": ACCOUNT,
        "authorization-enabled": True,
        **({"enable-ssl": True, **files} if secured.launcher else {}),
    }


def _launcher_local(known: Known) -> Options:
    path = known["server_launcher_scratch_path"]
    return {"server-user": ACCOUNT, **({"scratch-path": path} if path else {})}


def _database(known: Known) -> Options:
    return database_options(login(known), known["server_database_conf"])
