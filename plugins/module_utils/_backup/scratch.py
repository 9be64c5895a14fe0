# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of PostgreSQL's own account for the time of a dump."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import tempfile
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

PLACE, PREFIX = "/var/tmp", "workbench-dump-"
ACCOUNT = "postgres"
# Variables of the caller's own, which would lead programs elsewhere, do not reach them.
AS_POSTGRES = ["runuser", "-u", ACCOUNT, "--", "env", "-u", "PGHOST", "-u", "PGSERVICE", "-C", "/"]


@contextlib.contextmanager
def scratch() -> t.Iterator[tuple[str, list[str]]]:
    """A private folder, and how to run a program as the account whose it is. What an interrupted run left goes."""
    try:
        account = pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise Failure(f"there is no account {ACCOUNT}: is PostgreSQL on this host?") from None
    for left in glob.glob(f"{PLACE}/{PREFIX}*"):
        if os.lstat(left).st_uid == account.pw_uid:
            shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=PLACE)
    try:
        os.chown(folder, account.pw_uid, account.pw_gid)
        yield folder, AS_POSTGRES
    finally:
        shutil.rmtree(folder, ignore_errors=True)
