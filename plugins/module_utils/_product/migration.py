# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move what a single server has in SQLite to PostgreSQL, by the product's command, once.

Admin Guide, Database / Migration: with the server stopped and `database.conf` naming an empty PostgreSQL database,
`rstudio-server migrate-db`. From before `database.conf` changes until the command has succeeded a folder says so: a server that
started in between would begin with no data.
"""

from __future__ import annotations

import json
import os
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import kept
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_content, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import show
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER

FOLDER = "/var/lib/workbench.cluster/migration"
BESIDE = ("", "-wal", "-shm")
CONFIGURATION = ("/etc/rstudio", "/var/lib/rstudio-server/secure-cookie-key")
RECORD = "record.json"


def underway(folder: str = FOLDER) -> str:
    """The SQLite database whose data are on their way; empty where none are. A record that cannot be read has no path."""
    content = file_content(os.path.join(folder, kept.UNDERWAY, RECORD))
    if content is None:
        return ""
    try:
        return str(json.loads(content)["path"])
    except (ValueError, KeyError, TypeError):
        return "unknown"


def begin(run: Run, path: str, *, folder: str = FOLDER, configuration: t.Sequence[str] = CONFIGURATION) -> None:
    """Keep the database as it is, with the configuration. Raises `Failure` while the server runs: it would be half a copy."""
    _require_stopped(run)
    files = [path + suffix for suffix in BESIDE]
    kept.underway(folder, "sqlite.tar.gz", [*files, *configuration], (RECORD, json.dumps({"path": path})))


def migrate(run: Run, folder: str = FOLDER) -> str:
    """What the product says of it. Raises `Failure` with its words, and then the next run tries again."""
    _require_stopped(run)
    rc, out, err = run(["rstudio-server", "migrate-db"])
    if rc != 0:
        raise Failure(
            f"rstudio-server migrate-db failed: {words(out, err)} The SQLite database is as it was, with a copy in {folder}. "
            "Where an earlier run was cut off while it migrated, empty the PostgreSQL database; then run this again."
        )
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    os.rename(os.path.join(folder, kept.UNDERWAY), os.path.join(folder, moment))
    return words(out, "")


def _require_stopped(run: Run) -> None:
    if show(run, SERVER, "ActiveState").get("ActiveState") in ("active", "activating", "reloading"):
        raise Failure(f"{SERVER} runs, and must be stopped.")
