# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version the tables of the product have: a release moves them at its first start, one way.

Admin Guide, Internal Data Dictionary: table `schema_version`.
"""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_content, file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import read_settings
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import named_file
from ansible_collections.workbench.cluster.plugins.module_utils._product.database import (
    database_address,
    login_parameters,
    open_session,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import shown

QUESTION = "SELECT current_version FROM schema_version"


def read_schema(config_dir: str, timeout: float) -> str:
    """As the login of `database.conf` sees it. Raises `Failure` where it cannot be told, with no secret in its words."""
    settings = read_settings(file_text(named_file(config_dir, "database-config-file", "database.conf")))
    key = file_content(named_file(config_dir, "secure-cookie-key-file", "secure-cookie-key")) or b""
    if database_address(settings) is None:
        raise Failure("database.conf names no PostgreSQL server.")
    try:
        session = open_session(login_parameters(settings, key), timeout)
        try:
            found = session.value(QUESTION)
        finally:
            session.close()
    except (Failure, ImportError) as error:
        raise Failure(f"The database does not tell the version of its schema: {shown('error', str(error))}.") from None
    if not found:
        raise Failure("The database has no version of its schema.")
    return found
