# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a cluster told those who are to help, as one archive. Pure.

What comes from a host is believed to be text: no path of it leads out of its folder, and no more of it is unpacked than it
says there is.
"""

from __future__ import annotations

import base64
import io
import json
import tarfile
import typing as t
import zlib
from pathlib import PurePosixPath

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Support
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed

MANIFEST, STATUS = "MANIFEST.txt", "status.txt"
MEGABYTE = 1_000_000
# JSON escapes a letter by six of its own at most.
ESCAPED = 6


class Told(t.NamedTuple):
    """What a host told, or why it told nothing."""

    support: Support | None
    error: str


class Bundle(t.NamedTuple):
    """An archive of a cluster, made at `made` (ISO 8601, UTC); `said` is what the controller knows: texts by path."""

    cluster: str
    made: str
    told: t.Mapping[str, Told]
    said: t.Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.cluster}-support-{self.made.replace('-', '').replace(':', '')}"


def told(registered: t.Mapping[str, t.Any] | None) -> Told:
    """From what a task registered for a host."""
    if registered and "support" in registered:
        return Told(t.cast("Support", registered["support"]), "")
    return Told(None, str((registered or {}).get("msg") or "it was not asked").strip())


def share(megabytes: int, hosts: int) -> int:
    """Bytes for each host, so that all together stay below the limit."""
    return megabytes * MEGABYTE // max(1, hosts)


def packed(bundle: Bundle, seconds: int) -> tuple[bytes, dict[str, Told]]:
    """A tar of all texts, compressed, made at so many seconds since 1970; and what the hosts told, as far as it could be read."""
    read: dict[str, Told] = {}
    files: dict[str, str] = {}
    for host, answer in bundle.told.items():
        texts = _texts(answer.support) if answer.support else {}
        read[host] = answer if texts is not None else Told(None, "what it told cannot be read")
        files.update({f"{_file_name(host)}/{path}": text for path, text in (texts or {}).items()})
    heads = {MANIFEST: "\n".join(manifest(bundle._replace(told=read))) + "\n", **bundle.said}
    packed_ = io.BytesIO()
    with tarfile.open(fileobj=packed_, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for path, text in {**heads, **files}.items():
            content = text.encode("utf-8", "replace")
            entry = tarfile.TarInfo(f"{bundle.name}/{path}")
            entry.size, entry.mtime, entry.mode = len(content), seconds, 0o600
            tar.addfile(entry, io.BytesIO(content))
    return packed_.getvalue(), read


def _file_name(host: str) -> str:
    """A host's folder."""
    return host.replace("/", "_") if host.strip(".") else "_"


def _texts(support: Support) -> dict[str, str] | None:
    """`None` where a host told something else."""
    most = ESCAPED * (sum(support["sizes"].values()) + MEGABYTE)
    try:
        unpacked = zlib.decompressobj().decompress(base64.b64decode(support["content"]), most)
        texts = json.loads(unpacked)
        return {path: str(text) for path, text in texts.items() if _stays(path)}
    except (ValueError, zlib.error, AttributeError, KeyError):
        return None


def _stays(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/") and "\0" not in path


def manifest(bundle: Bundle) -> list[str]:
    """What is in an archive, and what is not."""
    lines = [
        f"Cluster {bundle.cluster}, gathered at {bundle.made}.",
        "In place of secrets stand hidden- and twelve hexadecimal digits, the same for the same secret within this archive.",
        "",
    ]
    for host, (support, error) in bundle.told.items():
        if support is None:
            lines.append(f"{host}: nothing. {error}")
            continue
        sizes = support["sizes"]
        lines.append(f"{host}: {counted(len(sizes), 'text')}, {sum(sizes.values())} bytes")
        lines += [f"  only the end of {path}" for path in support["cut"]]
        lines += [f"  could not be had: {sentence}" for sentence in support["errors"]]
    return lines


def plan_lines(cluster: str, hosts: t.Sequence[str], megabytes: int, hours: int, folder: str) -> list[str]:
    """What the verb does, as people read it."""
    return [
        f"PLAN {cluster}, support_bundle: {counted(len(hosts), 'host')}",
        f"  {listed(hosts)}: configuration, state, logs and the journal of {hours} h are read; no session is touched",
        f"  One archive in {folder}, of at most {megabytes} MB before it is compressed.",
    ]


def result_line(path: str, size: int, read: t.Mapping[str, Told]) -> str:
    """What came of it."""
    silent = [f"{host} ({answer.error})" for host, answer in read.items() if answer.support is None]
    missing = f" Nothing of {listed(silent)}." if silent else ""
    return f"{path}, {size} bytes, of {counted(len(read) - len(silent), 'host')}.{missing} Look through it before you send it."
