# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is asked about Workbench, before anything is decided. Pure."""

from __future__ import annotations

import posixpath
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import BOTH
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import login_question
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.load_balancer import node_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import is_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._server import files
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.facts import (
    ACCOUNT,
    Known,
    account,
    licence_files,
    login,
    r_programs,
    scratch,
    tls,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.options import BALANCER, rserver_tls

PROGRAMS = "/usr/lib/rstudio-server"
PLAIN = (
    "/etc/rstudio/rserver.conf",
    files.LOAD_BALANCER,
    "/etc/rstudio/file-locks",
    "/etc/rstudio/launcher.conf",
    "/etc/rstudio/launcher.local.conf",
    BALANCER,
    "/etc/rstudio/launcher.pub",
    *files.DROP_INS,
)
SECRET = ("/etc/rstudio/database.conf", "/etc/rstudio/secure-cookie-key", "/etc/rstudio/launcher.pem")
ACTIVATED = ("key", "offline", "server")


def ask(known: Known) -> dict[str, t.Any]:
    """Parts of a look (`host_info`)."""
    secured, named = tls(known), [*files.of_plugins(known), *files.named(known)]
    paths = {file["path"] for file in named}
    hidden = [file["path"] for file in named if "secret_base64" in file]
    keys = [*([secured.key] if secured.server else []), *([secured.launcher_key] if secured.launcher else [])]
    # Others wrote those that the server reads again, and may have put a token into env-vars.
    reread = [path for service in files.services(known) for path in service["reload"]]
    password, managed = known["database_password"], is_on(known["database_manage"])
    question = {
        "packages": [name for name in ("rstudio-server", known["server_r_system"]) if name],
        "files": [
            *PLAIN,
            *([secured.certificate] if secured.server or secured.launcher else []),
            *(file["path"] for file in named if "content" in file),
        ],
        "directories": [directory["path"] for directory in scratch(known)],
        "secret_files": [
            *(*SECRET, *licence_files(known), *keys, *hidden),
            *(path for path in dict.fromkeys(reread) if path not in PLAIN and path not in paths),
        ],
        "units": [f"{unit}.service" for unit in BOTH],
        "cluster": {"r_programs": r_programs(known)},
        "options": {},
        "licence": {"asked": known["server_license_source"] in ACTIVATED},
        "login": login_question(login(known), known["server_database_conf"], password, managed),
    }
    return {**question, **_balancer(known)}


def trial(known: Known) -> dict[str, t.Any]:
    """How a balancer of the admin's is tried before it goes live."""
    named = known["server_rserver_conf"]
    users = known["accounts_users"]
    return {
        "path": BALANCER,
        "account": account(known),
        "user": users[0]["name"] if users else ACCOUNT,
        "nodes": node_addresses(known["server_members"], known["hostvars"], {**rserver_tls(known), **named}),
        "resolve": named.get("resolve-load-balancer-nodes", False),
    }


def _balancer(known: Known) -> dict[str, t.Any]:
    """Asked for a balancer of the admin's: ours by its text, else where the product looks for it."""
    script = known["server_balancer_script"]
    if not script and known["server_load_balancer"].get("balancer") != "custom":
        return {}
    place = known["server_rserver_conf"].get("server-balancer-path", "bin/rserver-balancer")
    program = BALANCER if script else posixpath.join(PROGRAMS, str(place))
    tried = {name: value for name, value in trial(known).items() if name != "path"}
    return {"balancer": {"program": program, "script": script, **tried}}
