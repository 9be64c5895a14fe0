# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files that the role server writes on a node, and which service reads which. Pure."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product import releases
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import LAUNCHER, SERVER
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import BOTH
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import services as services_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import entries
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.load_balancer import (
    load_balancer,
    node_addresses,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.plugin_files import plugin_files
from ansible_collections.workbench.cluster.plugins.plugin_utils._server import options
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.facts import (
    ACCOUNT,
    LICENCE,
    Known,
    account,
    licence_files,
    lists_nodes,
    release,
    tls,
)

File = dict[str, t.Any]
Kept = t.Mapping[str, t.Mapping[str, t.Any]]
LOAD_BALANCER = "/etc/rstudio/load-balancer"
DROP_INS = tuple(f"/etc/systemd/system/{unit}.service.d/workbench-cluster.conf" for unit in BOTH)
# What an automounter (autofs) is to mount is no unit before it is mounted.
DROP_IN = """\
# Managed by Ansible, workbench.cluster: change server_required_mounts in the inventory.
[Unit]
RequiresMountsFor={mounts}
After=autofs.service
"""


def files(known: Known) -> list[File]:
    """As config_files takes them, after what was found on nodes has been decided on (`__server_adopted`)."""
    host, adopted = known["inventory_hostname"], known["__server_adopted"]
    kept: Kept = adopted["kept"][host]
    return [
        *_needed(known, kept, adopted["sections"][host]),
        *entries(options.asked(known), kept),
        *_script(known),
        *of_plugins(known),
        *_drop_ins(known),
        *known["server_files"],
        *_licence(known),
    ]


def named(known: Known) -> list[File]:
    """Those of which the inventory names something, with what it says. What stays of others in them is known after the look."""
    return [*entries(options.asked(known), {}), *known["server_files"]]


def of_plugins(known: Known) -> list[File]:
    """A plugin's options may be secrets, and a plugin runs as server-user."""
    return t.cast(
        "list[File]",
        plugin_files(known["server_launcher_plugins"], known["server_launcher_profiles"], account(known)),
    )


def removed(known: Known) -> list[str]:
    return [] if known["server_required_mounts"] else [*DROP_INS]


def services(known: Known) -> list[dict[str, t.Any]]:
    """Which of its files each service reads at its start only, and which again."""
    secured = tls(known)
    by_server = [secured.certificate, secured.key] if secured.server else []
    by_launcher = [secured.certificate, secured.launcher_key] if secured.launcher else []
    # Before 2021.09 a node that is added to the list is known after a reload; diagnostics begin with a start.
    rereads = lists_nodes(known) and not known["server_load_balancer"].get("diagnostics")
    return services_of(
        [file["path"] for file in (*of_plugins(known), *named(known))],
        {SERVER: [*by_server, *licence_files(known)], LAUNCHER: by_launcher},
        [LOAD_BALANCER] if rereads else [],
    )


def _needed(known: Known, kept: Kept, sections: t.Sequence[t.Mapping[str, t.Any]]) -> list[File]:
    """Those that every node has."""

    def conf(name: str, values: t.Mapping[str, t.Any]) -> str:
        return to_conf(values, f"server_{name.replace('.', '_').replace('-', '_')}", kept[name])

    rserver = options.rserver_conf(known, kept["rserver.conf"])
    launcher = {"name": "server", "options": options.launcher_conf(known), "kept": kept["launcher.conf"]}
    contents = {
        "rserver.conf": conf("rserver.conf", rserver),
        "load-balancer": _load_balancer(known, rserver, kept["load-balancer"]),
        "file-locks": conf("file-locks", options.file_locks(known)),
        "launcher.conf": to_sectioned_conf([launcher, *sections], "server_launcher_conf or server_launcher_sections"),
        "launcher.local.conf": conf("launcher.local.conf", options.launcher_local_conf(known)),
    }
    database = conf("database.conf", options.database_conf(known))
    return [
        *({"path": f"/etc/rstudio/{name}", "content": content} for name, content in contents.items()),
        {"path": "/etc/rstudio/database.conf", "secret_base64": _base64(database), "mode": "0600"},
    ]


def _load_balancer(known: Known, rserver: t.Mapping[str, t.Any], kept: t.Mapping[str, t.Any]) -> str:
    version = release(known)
    # Only a list of them makes all nodes' variables, for each node.
    listed = not releases.nodes_in_database(version)
    nodes = node_addresses(known["server_members"], known["hostvars"], rserver) if listed else []
    return load_balancer(options.load_balancer(known), nodes, version, kept)


def _script(known: Known) -> list[File]:
    text = known["server_balancer_script"]
    return [{"path": options.BALANCER, "content": text, "mode": "0755"}] if text else []


def _drop_ins(known: Known) -> list[File]:
    mounts = known["server_required_mounts"]
    if not mounts:
        return []
    content = DROP_IN.format(mounts=" ".join(map(str, mounts)).replace("%", "%%"))
    return [{"path": path, "content": content} for path in DROP_INS]


def _licence(known: Known) -> list[File]:
    return [
        {
            "path": LICENCE,
            "secret_base64": _base64(known["__server_licence_text"]),
            "owner": ACCOUNT,
            "group": ACCOUNT,
            "mode": "0600",
        }
        for _path in licence_files(known)
    ]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
