# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backup reads of which host, and why it may not. Pure."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.means import SUFFIXES, Means
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import counted, listed

MADE = re.compile(rf"-backup-(\d{{8}}T\d{{6}}Z)\.(?:{'|'.join(SUFFIXES)})\Z")


class Asked(t.NamedTuple):
    """What the inventory says. `database` is its name, empty where others keep it; `database_host` the one that dumps it."""

    cluster: str
    members: t.Sequence[str]
    without: t.Sequence[str]
    database: str
    database_host: str
    folder: str

    @property
    def nodes(self) -> list[str]:
        return [host for host in self.members if host not in self.without]

    @property
    def hosts(self) -> list[str]:
        """Those that are read, each once: a node may have the database."""
        return list(dict.fromkeys([*self.nodes, *([self.database_host] if self.database else [])]))


def plan_problems(asked: Asked, present: t.Collection[str]) -> list[str]:
    """Sentences; `present` are the hosts of the run."""
    found = []
    if not asked.nodes:
        found.append("No node is left that could be read: see operate_without.")
    if asked.database and not asked.database_host:
        found.append(
            f"No host of {group(asked.cluster, 'database')} dumps the database. Put it there, or leave the database to those who "
            "keep it: operate_backup_database=false."
        )
    outside = [host for host in asked.hosts if host and host not in present]
    if outside:
        found.append(f"{listed(outside)} is not in this run: a backup is one of the whole cluster, without --limit.")
    return found


def plan_lines(asked: Asked, means: Means) -> list[str]:
    """The plan as people read it."""
    lines = [
        f"PLAN {asked.cluster}, backup: {counted(len(asked.hosts), 'host')}",
        f"  {listed(asked.nodes)}: configuration and keys are read",
    ]
    if asked.database:
        lines.append(f"  {asked.database_host}: database {asked.database} is dumped while it is used")
    left = [f"  {listed(asked.without)}: left out (operate_without)"] if asked.without else []
    whom = f" by age for {counted(len(means.recipients), 'recipient')}" if means.recipients else ""
    return [
        *lines,
        *left,
        f"  Encrypted{whom}, into {asked.folder}. No session is touched, and nothing changes on the hosts.",
    ]


def file_name(cluster: str, made: str, suffix: str) -> str:
    """Of a backup made at `made` (ISO 8601, UTC)."""
    return f"{cluster}-backup-{made.replace('-', '').replace(':', '')}.{suffix}"


def last_line(cluster: str, folder: str, sizes: t.Mapping[str, int], now: datetime.datetime) -> str:
    """The last backup among files by their sizes in bytes; `now` knows its time zone."""
    found = [
        (match[1], name) for name in sizes if name.startswith(f"{cluster}-backup-") and (match := MADE.search(name))
    ]
    if not found:
        return f"No backup of {cluster} in {folder}."
    made, name = max(found)
    age = now - datetime.datetime.strptime(made, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
    hours = int(age.total_seconds() // 3600)
    old = f"{hours} h" if hours < 48 else f"{hours // 24} days"
    return f"Last backup: {old} old, {sizes[name]} bytes, {folder}/{name}"
