# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is to be, by which it is compared and made, after the decisions (`__server_adopted`, `keys_values`). Pure."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.fit import LAUNCHER_SWITCH
from ansible_collections.workbench.cluster.plugins.plugin_utils._server import files
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.ask import trial
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.facts import (
    Known,
    lists_nodes,
    login,
    r_programs,
    scratch,
)

# Of which a release may be too old.
FITTED = tuple(
    f"server_{name}"
    for name in ("rserver_conf", "load_balancer", "launcher_local_conf", "launcher_sections", "launcher_scratch_path")
)


def fit(known: Known) -> dict[str, t.Any]:
    """What a node has to fit."""
    versions, system = known["server_r_versions"], known["server_r_system"]
    return {
        "host": known["inventory_hostname"],
        "version": known["server_version"],
        "r": {"versions": versions, "system": system, "programs": r_programs(known)},
        "launcher": known["server_rserver_conf"].get(LAUNCHER_SWITCH, True),
        "sections": known["server_launcher_sections"],
        "options": {name: known[name] for name in FITTED},
    }


def wanted(known: Known) -> dict[str, t.Any]:
    return {
        "fit": fit(known),
        **{name: make(known) for name, make in WRITTEN.items()},
        "www_host_name": known["server_www_host_name"],
        "pythons": known["server_python_versions"],
        "licence": _licence(known),
        "accounts": _accounts(known) if scratch(known) else "",
        "lists": lists_nodes(known),
        # Those that the role keys writes before, and the services read.
        "keys": known["__server_keys_files"],
        # Those of the role tls, which writes them before.
        "tls": known["__server_tls_wanted"] if known["tls_source"] != "none" else {},
        "restart": known["server_restart"],
        "migrates": known["__server_migrates"],
    }


def _login(known: Known) -> dict[str, t.Any]:
    return {
        **login(known),
        "node": known["inventory_hostname"],
        "coming": known["tls_source"] != "none",
        "connections": known["__server_adopted"]["connections"],
    }


def _directories(known: Known) -> list[dict[str, str]]:
    """Made by one node, for the others have them then."""
    return scratch(known) if known["inventory_hostname"] == known["ansible_play_hosts"][0] else []


def _trials(known: Known) -> list[dict[str, t.Any]]:
    return [trial(known)] if known["server_balancer_script"] else []


def absent(known: Known) -> list[str]:
    """Members outside the run, in their order."""
    return [member for member in known["server_members"] if member not in known["ansible_play_hosts_all"]]


def _licence(known: Known) -> dict[str, str]:
    """By what it is activated, a key without saying it."""
    key = hashlib.sha256(str(known["server_license_key"]).encode()).hexdigest()
    return {"source": known["server_license_source"], "what": known["server_license_server"] or key}


def _accounts(known: Known) -> str:
    return str(known.get("__accounts_plan", {}).get("accounts", ""))


# What tasks need of it one at a time: to make all of it for each mention takes Ansible a tenth of a second a node.
WRITTEN: t.Mapping[str, t.Callable[[Known], t.Any]] = {
    "login": _login,
    "files": files.files,
    "directories": _directories,
    "trials": _trials,
    "remove": files.removed,
    "services": files.services,
    "absent": absent,
}
