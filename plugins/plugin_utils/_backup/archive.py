# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a cluster told for its backup, as one archive, and what such an archive holds. Pure."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Backup, BackupDatabase, Ids
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, grouped, listed

MANIFEST, DUMP = "backup.json", "database.dump"
FORMAT = 1
KEY = "/secure-cookie-key"


class FileEntry(t.TypedDict):
    path: str  # on its node
    mode: str
    owner: str
    group: str
    size: int
    sha256: str


class NodeEntry(t.TypedDict):
    files: list[FileEntry]
    ids: dict[str, Ids]
    product: str | None


class DatabaseEntry(t.TypedDict):
    name: str
    version: str
    tables: int
    size: int
    sha256: str


class Manifest(t.TypedDict):
    """The file `backup.json` of an archive."""

    format: int
    cluster: str
    made: str  # ISO 8601, UTC
    nodes: dict[str, NodeEntry]
    database: DatabaseEntry | None


class Archive(t.NamedTuple):
    """An archive that was read: what it holds, and each file by its path in it."""

    manifest: Manifest
    contents: dict[str, bytes]


def archived(
    cluster: str, made: str, seconds: int, nodes: t.Mapping[str, Backup], database: BackupDatabase | None
) -> bytes:
    """A tar, made at so many seconds since 1970; files of nodes have their owners and modes in it."""
    packed = io.BytesIO()
    manifest: Manifest = {"format": FORMAT, "cluster": cluster, "made": made, "nodes": {}, "database": None}
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for host, told in nodes.items():
            entries: list[FileEntry] = []
            for file in told["files"]:
                content = base64.b64decode(file["content"])
                entry = _entry(_place(host, file["path"]), content, seconds, int(file["mode"], 8))
                entry.uname, entry.gname = file["owner"], file["group"]
                tar.addfile(entry, io.BytesIO(content))
                entries.append(
                    {
                        "path": file["path"],
                        "mode": file["mode"],
                        "owner": file["owner"],
                        "group": file["group"],
                        "size": len(content),
                        "sha256": _digest(content),
                    }
                )
            manifest["nodes"][host] = {"files": entries, "ids": told["ids"], "product": told["product"]}
        if database:
            content = base64.b64decode(database["content"])
            tar.addfile(_entry(DUMP, content, seconds, 0o600), io.BytesIO(content))
            manifest["database"] = {
                "name": database["name"],
                "version": database["version"],
                "tables": database["tables"],
                "size": len(content),
                "sha256": _digest(content),
            }
        content = json.dumps(manifest, indent=1).encode() + b"\n"
        tar.addfile(_entry(MANIFEST, content, seconds, 0o600), io.BytesIO(content))
    return packed.getvalue()


def read_archive(packed: bytes) -> Archive:
    """All of it, held against what it says of itself. Raises `Failure` where that differs."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            files = ((entry.name, tar.extractfile(entry)) for entry in tar)
            contents = {name: file.read() for name, file in files if file}
        manifest: Manifest = json.loads(contents.pop(MANIFEST))
    except (tarfile.TarError, EOFError, OSError, KeyError, ValueError):
        raise Failure("holds no backup of this collection") from None
    if manifest.get("format") != FORMAT:
        raise Failure(f"is a backup in format {manifest.get('format')}, and this version reads {FORMAT}")
    said = {
        _place(host, file["path"]): file["sha256"] for host, node in manifest["nodes"].items() for file in node["files"]
    }
    if manifest["database"]:
        said[DUMP] = manifest["database"]["sha256"]
    wrong = sorted(name for name in {*said, *contents} if said.get(name) != _digest(contents.get(name, b"")))
    if wrong:
        raise Failure(f"does not hold what it says it holds: {listed(wrong[:3])}")
    return Archive(manifest, contents)


def problems(nodes: t.Mapping[str, Backup]) -> list[str]:
    """Why what the nodes told would be no backup of one cluster."""
    keys = {
        host: [base64.b64decode(file["content"]) for file in told["files"] if file["path"].endswith(KEY)]
        for host, told in nodes.items()
    }
    without = [host for host, found in keys.items() if not found]
    found = (
        [f"{listed(without)} has no secure-cookie-key: run site, or see the page on different keys."] if without else []
    )
    known = grouped({host: fingerprint(values[0]) for host, values in keys.items() if values})
    if len(known) > 1:
        said = "; ".join(f"{listed(hosts)} has {digest}" for digest, hosts in known.items())
        found.append(
            f"The nodes have different secure-cookie-keys: {said}. Which of them the database is of cannot be told."
        )
    return found


def summary(manifest: Manifest) -> str:
    """What a backup holds, in a line."""
    files = sum(len(node["files"]) for node in manifest["nodes"].values())
    database = manifest["database"]
    said = f"{counted(files, 'file')} of {listed(manifest['nodes'])}"
    return said + (
        f", database {database['name']} with {counted(database['tables'], 'table')}" if database else ", no database"
    )


def _place(host: str, path: str) -> str:
    return f"nodes/{host}/{path.lstrip('/')}"


def _entry(name: str, content: bytes, seconds: int, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(content), seconds, mode
    return entry


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
