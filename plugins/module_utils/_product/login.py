# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node could log in to a database that others made, before anything is written."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_content, file_text
from ansible_collections.workbench.cluster.plugins.module_utils._host.tls_files import read_tls_files
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import read_settings
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import named_file
from ansible_collections.workbench.cluster.plugins.module_utils._product.database import (
    logged_in,
    login_parameters,
    reach_database,
)

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseAnswer, LoginReport

OPTIONS: dict[str, dict[str, t.Any]] = {
    "files": {"type": "list", "elements": "str", "default": []},
    "reader": {"type": "str", "default": "rstudio-server"},
    # libpq's, without the password; none: nobody is asked.
    "parameters": {"type": "dict"},
    "by_password": {"type": "bool", "default": True},
    # Empty: the one that database.conf has.
    "password": {"type": "str", "default": "", "no_log": True},
    "config_dir": {"type": "path", "default": "/etc/rstudio"},
    "timeout": {"type": "float", "default": 5},
}


def read_login(run: Run, options: t.Mapping[str, t.Any]) -> LoginReport:
    """What `OPTIONS` ask for."""
    files = read_tls_files(run, options["files"], options["reader"])
    return {"answer": _answer(options) if options["parameters"] else None, "files": files}


def _answer(options: t.Mapping[str, t.Any]) -> DatabaseAnswer:
    parameters = {str(name): str(value) for name, value in options["parameters"].items() if value}
    reached = reach_database((parameters["host"], int(parameters["port"])), options["timeout"])
    if not reached["reachable"]:
        return reached
    if options["by_password"]:
        password = options["password"] or _stored_password(options["config_dir"])
        parameters.update({"password": password} if password else {})
    return logged_in(reached, parameters, options["timeout"])


def _stored_password(config_dir: str) -> str:
    settings = read_settings(file_text(named_file(config_dir, "database-config-file", "database.conf")))
    key = file_content(named_file(config_dir, "secure-cookie-key-file", "secure-cookie-key")) or b""
    try:
        return login_parameters(settings, key).get("password", "")
    except (Failure, ImportError):
        return ""
