# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written back onto which host of what a backup has, and why it may not be. Pure."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Backup, Ids
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.archive import Archive, Manifest, summary
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed

# It names its node, so that another node has no use for it; the role server writes it.
OF_THE_NODE = "/load-balancer"
SERVICE = "rstudio-server"


class Found(t.NamedTuple):
    """A node as it is: what `backup_info` told of its accounts and product, and which units run. `error`: why it told nothing."""

    told: Backup | None
    running: t.Sequence[str]
    error: str = ""


class Asked(t.NamedTuple):
    """What the inventory says. `version` of the product, empty for any; `ids` of accounts, none where it leaves one open."""

    cluster: str
    members: t.Sequence[str]
    database_host: str
    version: str
    ids: t.Mapping[str, int | None]


def source(manifest: Manifest, host: str) -> str:
    """The node of the backup whose files a host gets: its own, or of a host that is new those of the first."""
    return host if host in manifest["nodes"] else next(iter(manifest["nodes"]))


def files(archive: Archive, host: str, accounts: t.Collection[str]) -> list[dict[str, str]]:
    """As config_files takes them. What an account owns that is not there yet is root's until the role `keys` gives it away."""
    node = source(archive.manifest, host)
    return [
        {
            "path": file["path"],
            "secret_base64": base64.b64encode(archive.contents[f"nodes/{node}/{file['path'].lstrip('/')}"]).decode(),
            "owner": file["owner"] if file["owner"] in accounts else "root",
            "group": file["group"] if file["group"] in accounts else "root",
            "mode": file["mode"],
        }
        for file in archive.manifest["nodes"][node]["files"]
        if node == host or not file["path"].endswith(OF_THE_NODE)
    ]


def problems(manifest: Manifest, asked: Asked, found: t.Mapping[str, Found]) -> list[str]:
    """Sentences; with none of them the cluster that comes of it is the one of the backup."""
    said = []
    if manifest["cluster"] != asked.cluster:
        said.append(f"This is a backup of the cluster {manifest['cluster']}, and not of {asked.cluster}.")
    said += [f"{host} cannot be read: {found[host].error}." for host in asked.members if found[host].error]
    if manifest["database"] and not asked.database_host:
        said.append(f"The backup has the database, and no host of {group(asked.cluster, 'database')} could take it.")
    said += _other_release(manifest, asked, found)
    said += _other_ids(manifest, asked, found)
    return said


def _other_release(manifest: Manifest, asked: Asked, found: t.Mapping[str, Found]) -> t.Iterator[str]:
    """A release changes the tables of the one before, and knows none of a later one."""
    was = {node["product"] for node in manifest["nodes"].values()} - {None}
    there = {told["product"] for one in found.values() if (told := one.told)} - {None}
    comes = there or ({asked.version} if asked.version else set())
    other = comes - was
    if was and other:
        yield (
            f"The backup is of release {listed(sorted(map(str, was)))}, and the nodes are to have "
            f"{listed(sorted(map(str, other)))}: set server_version and server_package to that of the backup, and upgrade later."
        )


def _other_ids(manifest: Manifest, asked: Asked, found: t.Mapping[str, Found]) -> t.Iterator[str]:
    """Homes belong to numbers."""
    wanted: dict[str, Ids] = {}
    for node in manifest["nodes"].values():
        wanted.update(node["ids"])
    for name, ids in wanted.items():
        there = {told["ids"][name]["uid"] for one in found.values() if (told := one.told) and name in told["ids"]}
        everywhere = there and all(told and name in told["ids"] for told in (one.told for one in found.values()))
        comes = there | (set() if everywhere else {asked.ids.get(name)})
        if comes != {ids["uid"]}:
            yield _id_sentence(name, ids)


def _id_sentence(name: str, ids: Ids) -> str:
    if name == SERVICE:
        return (
            f"The account {name} had the ids {ids['uid']} and {ids['gid']}: set accounts_service_uid: {ids['uid']} and "
            f"accounts_service_gid: {ids['gid']}."
        )
    return f"{name} had the uid {ids['uid']}: set it in accounts_users, for the homes are that number's."


def plan_lines(manifest: Manifest, asked: Asked, found: t.Mapping[str, Found]) -> list[str]:
    """The plan as people read it."""
    lines = [
        f"PLAN {asked.cluster}, restore: {counted(len(asked.members), 'node')}",
        f"  Backup of {manifest['made']}: {summary(manifest)}.",
    ]
    running = [host for host in asked.members if found[host].running]
    if running:
        lines.append(f"  {listed(running)}: Workbench stops; sessions are suspended by the product")
    for host in asked.members:
        node = source(manifest, host)
        lines.append(
            f"  {host}: configuration and keys are replaced by those of {node if node != host else 'the backup'}"
        )
    lines.append("  Then site builds what is missing: its own plan comes first.")
    if manifest["database"]:
        lines.append(
            f"  {asked.database_host}: what database {manifest['database']['name']} has is replaced, while all nodes are stopped"
        )
    return lines
