# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a database back what a dump has of it, as its owner's, whole or not at all."""

from __future__ import annotations

import base64
import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._backup.scratch import scratch
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words

# Who still has a table open is told about, rather than waited for.
PATIENCE = "PGOPTIONS=-c lock_timeout=30s"
PROGRAM = [
    "pg_restore",
    "--clean",
    "--if-exists",
    "--no-owner",
    "--no-privileges",
    "--single-transaction",
    "--exit-on-error",
]


def restore_database(run: Run, options: t.Mapping[str, t.Any]) -> None:
    """Raises `Failure` with the words of pg_restore, and then nothing was changed."""
    with scratch() as (folder, as_postgres):
        file = os.path.join(folder, "database.dump")
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(base64.b64decode(options["content"]))
        status = os.stat(folder)
        os.chown(file, status.st_uid, status.st_gid)
        named = [
            f"--port={options['port']}",
            f"--dbname={options['database']}",
            f"--role={options['role']}",
            "--no-password",
        ]
        rc, out, err = run([*as_postgres, PATIENCE, *PROGRAM, *named, file])
    if rc != 0:
        raise Failure(f"The database {options['database']} is as it was: {words(out, err)}")
