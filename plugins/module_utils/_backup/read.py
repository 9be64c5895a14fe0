# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backup needs of a host: the configuration and keys of a node, and the database as PostgreSQL writes it down."""

from __future__ import annotations

import base64
import fnmatch
import grp
import os
import pwd
import stat
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._backup.scratch import scratch
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import COPIES
from ansible_collections.workbench.cluster.plugins.module_utils._product.versions import read_workbench

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        Backup,
        BackupDatabase,
        BackupFile,
        Ids,
    )

SERVICE = "rstudio-server"
# All of it is in memory several times, here and on the controller.
LARGEST = 200_000_000


def read_backup(run: Run, options: t.Mapping[str, t.Any]) -> Backup:
    """What is asked for. Raises `Failure` where a part of it cannot be had: half a backup is none."""
    answer: Backup = {
        "files": _files(options["config_dir"], options["data_dir"]) if options["files"] else [],
        "ids": _ids([SERVICE, *options["users"]]),
        "product": read_workbench(run).version,
        "database": None,
    }
    if options["database"]:
        answer["database"] = _dump(run, options["database"], options["port"])
    return answer


def _files(config_dir: str, data_dir: str) -> list[BackupFile]:
    found, size = [], 0
    for path in [*_below(config_dir), os.path.join(data_dir, "secure-cookie-key")]:
        try:
            with open(path, "rb") as file:
                status, content = os.fstat(file.fileno()), file.read(LARGEST + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}") from error
        size += len(content)
        if size > LARGEST:
            raise Failure(f"{config_dir} has more than {LARGEST // 1_000_000} MB, which is no configuration")
        found.append(_file(path, status, content))
    return found


def _file(path: str, status: os.stat_result, content: bytes) -> BackupFile:
    return {
        "path": path,
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "owner": _name(pwd.getpwuid, status.st_uid),
        "group": _name(grp.getgrgid, status.st_gid),
        "content": base64.b64encode(content).decode(),
    }


def _below(folder: str) -> t.Iterator[str]:
    """Files, also where a link leads to one; no copies that editors and package managers leave."""

    def unread(error: OSError) -> None:
        raise Failure(f"{error.filename} cannot be read: {error.strerror}")

    for place, folders, names in os.walk(folder, onerror=unread):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            if os.path.isfile(path) and not any(fnmatch.fnmatchcase(name, copy) for copy in COPIES):
                yield path


def _name(lookup: t.Callable[[int], t.Sequence[object]], number: int) -> str:
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)


def _ids(names: t.Iterable[str]) -> dict[str, Ids]:
    """Of those that there are."""
    found: dict[str, Ids] = {}
    for name in dict.fromkeys(names):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        found[name] = {"uid": entry.pw_uid, "gid": entry.pw_gid}
    return found


def _dump(run: Run, database: str, port: int) -> BackupDatabase:
    """As of one moment, while it is used: pg_dump has one snapshot."""
    with scratch() as (folder, as_postgres):
        file = os.path.join(folder, "database.dump")
        version = checked(run, [*as_postgres, "pg_dump", "--version"]).strip()
        checked(
            run,
            [*as_postgres, "pg_dump", f"--port={port}", "--format=custom", "--no-password", f"--file={file}", database],
        )
        listed = checked(run, [*as_postgres, "pg_restore", "--list", file])
        if os.path.getsize(file) > LARGEST:
            raise Failure(
                f"the dump of {database} has more than {LARGEST // 1_000_000} MB: have PostgreSQL's own tools back it up"
            )
        with open(file, "rb") as opened:
            content = opened.read()
    tables = sum(" TABLE DATA " in line for line in listed.splitlines())
    return {"name": database, "version": version, "tables": tables, "content": base64.b64encode(content).decode()}
