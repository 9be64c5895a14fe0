# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node as it is, from its own point of view: the phase `report` of node_info."""

from __future__ import annotations

import socket
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts import nss
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import id_rules
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.view import account_view
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_content, file_text
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.read import read_mounts
from ansible_collections.workbench.cluster.plugins.module_utils._product import database
from ansible_collections.workbench.cluster.plugins.module_utils._product.certificates import (
    certificate_files,
    read_certificate,
    read_key_file,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import read_settings
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import named_file, read_config
from ansible_collections.workbench.cluster.plugins.module_utils._product.keys import read_keys
from ansible_collections.workbench.cluster.plugins.module_utils._product.start import read_start
from ansible_collections.workbench.cluster.plugins.module_utils._product.versions import read_versions
from ansible_collections.workbench.cluster.plugins.module_utils._share.markers import Marker, write_marker

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        DatabaseAnswer,
        NodeReport,
        ShareTest,
    )

# The options of node_info, and `writes`: false in check mode.
Request = t.Mapping[str, t.Any]
# What node_info may be asked for in this phase.
OPTIONS: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    # Names a folder; it opens nothing.
    "token": {"type": "str", "no_log": False},
    "users": {"type": "list", "elements": "str", "default": []},
    "groups": {"type": "list", "elements": "str", "default": []},
    "service_user": {"type": "str"},
    "paths": {"type": "list", "elements": "path"},
    "user": {"type": "str"},
    "config_dir": {"type": "path", "default": "/etc/rstudio"},
    "data_dir": {"type": "path", "default": "/var/lib/rstudio-server"},
    "database": {
        "type": "dict",
        "options": {"host": {"type": "str", "required": True}, "port": {"type": "int", "default": 5432}},
    },
    "timeout": {"type": "float", "default": 5},
    "ttl": {"type": "float", "default": 60},
}


def read_report(run: Run, request: Request) -> NodeReport:
    """The node itself, and its marker on each path. Raises `Failure` for a token or name that is none."""
    paths, config_dir = request["paths"] or [], request["config_dir"]
    config, unparsed, errors = read_config(config_dir)
    service_user = request["service_user"] or config.get("rserver.conf", {}).get("server-user", ["rstudio-server"])[-1]
    try:
        found = nss.read(run, [*request["users"], service_user], request["groups"])
    except Failure as failure:
        found = {"users": {}, "groups": {}}
        errors.append(str(failure))
    versions, failed = read_versions(run, config_dir)
    mounts, silent = read_mounts(paths)
    keys = read_keys(run, config_dir, request["data_dir"])[0]
    start, unread = read_start(run, config_dir, config, keys)
    answer = _database(request, keys["cookie_key"]["path"])
    return {
        "hostname": socket.gethostname(),
        "machine_id": file_text("/etc/machine-id").strip() or None,
        "service_user": service_user,
        "accounts": account_view(found, [*request["users"], service_user], request["groups"]),
        "id_rules": id_rules(),
        "key_files": keys,
        "config": config,
        "unparsed": unparsed,
        "versions": versions,
        "mounts": mounts,
        "share": _share(request) if request["writes"] else None,
        "start": start,
        "database": answer,
        "tls": [
            {**read_certificate(run, *used), **read_key_file(config, used[0])} for used in certificate_files(config)
        ],
        "errors": [*errors, *failed, *silent, *unread],
    }


def _share(request: Request) -> dict[str, ShareTest]:
    marker = Marker(request["token"], request["name"])
    return {path: _marked(path, marker, request) for path in request["paths"] or []}


def _marked(path: str, marker: Marker, request: Request) -> ShareTest:
    marker.folder(path, None)  # what is wrong with the request is no state of the node
    try:
        return write_marker(path, marker, request["user"], request["ttl"])
    except Failure as failure:
        return {"written": False, "chmod_kept": None, "root_squashed": None, "error": str(failure)}


def _database(request: Request, key: str) -> DatabaseAnswer:
    """The server asked for, else the configured one; only that one is told the password."""
    settings = read_settings(file_text(named_file(request["config_dir"], "database-config-file", "database.conf")))
    own, asked = database.database_address(settings), request["database"]
    address = (asked["host"], asked["port"]) if asked else own
    answer = database.reach_database(address, request["timeout"])
    if answer["reachable"] and address == own:
        try:
            parameters = database.login_parameters(settings, file_content(key) or b"")
        except Failure as failure:
            answer["error"] = str(failure)
        except ImportError:
            pass  # cryptography, for a password that is encrypted: the version stays unknown
        else:
            return database.logged_in(answer, parameters, request["timeout"])
    return answer
