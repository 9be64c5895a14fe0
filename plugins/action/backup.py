# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a backup, and write what the hosts registered, encrypted; it is read back before anybody relies on it. Asks no host."""

from __future__ import annotations

import datetime
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Backup
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.archive import (
    archived,
    problems,
    read_archive,
    summary,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.means import ARGUMENTS as MEANS
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.means import Means
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.plan import (
    Asked,
    file_name,
    last_line,
    plan_lines,
    plan_problems,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._hold import candidates
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.folder import write_private
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.shown import as_shown

NAMES = {"type": "list", "elements": "str", "default": []}
ARGUMENTS = {
    "state": {"type": "str", "choices": ["planned", "present", "told"], "required": True},
    "cluster": {"type": "str", "required": True},
    "members": NAMES,
    "without": NAMES,
    "database": {"type": "str", "default": ""},
    "database_host": {"type": "str", "default": ""},
    "folder": {"type": "path", "required": True},
    **MEANS,
}
TOLD = "__backup_told"


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options, variables = plain(given), task_vars or {}
        asked = Asked(*(options[name] for name in Asked._fields))
        means = Means(*(options[name] for name in Means._fields))
        present = [str(host) for host in variables["ansible_play_hosts_all"]]
        if options["state"] == "told":
            line = last_line(
                asked.cluster, asked.folder, _sizes(Path(asked.folder)), datetime.datetime.now(datetime.UTC)
            )
            result.update(changed=False, shown=as_shown([line]))
        elif options["state"] == "planned":
            found = [*means.problems(), *plan_problems(asked, present)]
            if found:
                raise AnsibleActionFail("\n".join([*found, "Nothing was read."]))
            lines = plan_lines(asked, means)
            acting = [] if self._task.check_mode else asked.hosts
            result.update(changed=False, lines=lines, shown=as_shown(lines))
            # Nobody changes keys or tables while they are read.
            result.update(
                hosts={"backup": acting, "hold": acting[:1]}, holders=candidates(asked.nodes, [], asked.hosts)
            )
        else:
            try:
                result.update(_written(asked, means, variables["hostvars"]))
            except ImportError as error:
                raise AnsibleActionFail(missing_required_lib(str(error.name))) from None
        return result


def _written(asked: Asked, means: Means, hostvars: t.Any) -> dict[str, t.Any]:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0, tzinfo=None)
    made = f"{now.isoformat()}Z"
    told = {host: _told(host, hostvars[host].get(TOLD)) for host in asked.hosts}
    nodes = {host: told[host] for host in asked.nodes}
    found = problems(nodes)
    if found:
        raise AnsibleActionFail("\n".join([*found, "Nothing was written."]))
    database = told[asked.database_host]["database"] if asked.database else None
    seconds = int(now.replace(tzinfo=datetime.UTC).timestamp())
    packed = archived(asked.cluster, made, seconds, nodes, database)
    folder = Path(asked.folder)
    path = folder / file_name(asked.cluster, made, means.suffix)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = means.sealed(packed)
        write_private(path, sealed)
        # Of what is on the disk, not of what was in memory.
        on_disk = path.read_bytes()
        read = means.opened(on_disk) if means.can_open else packed
        manifest = read_archive(read).manifest
        if (on_disk, read) != (sealed, packed):
            raise Failure("holds something else than was written")
    except (OSError, Failure) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise AnsibleActionFail(f"{path}: {why}. Do not rely on it.") from None
    seen = "read back" if means.can_open else "not opened, for operate_backup_identity is not set"
    line = f"{path}, {len(sealed)} bytes, {seen}: {summary(manifest)}."
    return {"changed": True, "path": str(path), "size": len(sealed), "shown": as_shown([line])}


def _sizes(folder: Path) -> dict[str, int]:
    """Of a folder that may not be there, or be somebody else's."""
    try:
        return {file.name: file.stat().st_size for file in folder.iterdir() if file.is_file()}
    except OSError:
        return {}


def _told(host: str, registered: t.Any) -> Backup:
    if registered and "backup" in registered and not registered.get("failed"):
        return t.cast("Backup", plain(registered["backup"]))
    why = str((registered or {}).get("msg") or "it was not asked").strip()
    raise AnsibleActionFail(
        f"{host}: {why}. Nothing was written: half a backup is none. A node may be left out by operate_without."
    )
