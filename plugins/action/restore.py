# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a backup back: plan it, give a node its files, and the database its tables."""

from __future__ import annotations

import base64
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.archive import DUMP, Archive, read_archive
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.means import ARGUMENTS as MEANS
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.means import Means
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.restored import (
    Asked,
    Found,
    files,
    plan_lines,
    problems,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._hold import candidates
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.shown import as_shown

ARGUMENTS = {
    "state": {"type": "str", "choices": ["planned", "files", "database"], "required": True},
    "file": {"type": "path", "required": True},
    **{name: MEANS[name] for name in ("passphrase", "identity")},
    "cluster": {"type": "str", "default": ""},
    "members": {"type": "list", "elements": "str", "default": []},
    "users": {"type": "list", "elements": "dict", "default": []},
    "service_uid": {"type": "str", "default": ""},
    "version": {"type": "str", "default": ""},
    "database_host": {"type": "str", "default": ""},
    "database": {"type": "str", "default": ""},
    "role": {"type": "str", "default": ""},
    "port": {"type": "int", "default": 5432},
    "confirmed": {"type": "str", "default": ""},
}
TOLD, KEYS = "__restore_told", "__restore_keys"
UNCONFIRMED = (
    "restore replaces keys, configuration and database, and nothing was done. Confirm what is planned: "
    "-e operate_confirmed=restore."
)


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options, variables = plain(given), task_vars or {}
        archive = _opened(options["file"], Means(options["passphrase"], identity=options["identity"]))
        if options["state"] == "planned":
            return {**result, **self._plan(archive, options, variables)}
        # What comes over the wire is shown at -vvv but for this.
        self._connection._play_context.no_log = True
        module, arguments = self._deed(archive, options, variables)
        done = self._execute_module(f"workbench.cluster.{module}", module_args=arguments, task_vars=variables)
        # The arguments are the secrets, and so is a diff.
        return {**result, **{name: done[name] for name in ("changed", "failed", "unreachable", "msg") if name in done}}

    def _deed(
        self, archive: Archive, options: dict[str, t.Any], variables: dict[str, t.Any]
    ) -> tuple[str, dict[str, t.Any]]:
        """The module that does it, and what it is given."""
        if options["state"] == "files":
            accounts = {"root", *plain(variables[TOLD]["backup"])["ids"]}
            return "config_files", {"files": files(archive, variables["inventory_hostname"], accounts)}
        content = base64.b64encode(archive.contents[DUMP]).decode()
        return "restore_database", {
            **{name: options[name] for name in ("database", "role", "port")},
            "content": content,
        }

    def _plan(self, archive: Archive, options: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        hostvars, members = variables["hostvars"], options["members"]
        ids = {user["name"]: int(user["uid"]) if user.get("uid") else None for user in options["users"]}
        service = int(options["service_uid"]) if options["service_uid"].isdigit() else None
        asked = Asked(
            options["cluster"],
            members,
            options["database_host"],
            options["version"],
            {**ids, "rstudio-server": service},
        )
        found = {host: _found(hostvars[host]) for host in members}
        said = problems(archive.manifest, asked, found)
        outside = [
            host
            for host in [*members, options["database_host"]]
            if host and host not in variables["ansible_play_hosts_all"]
        ]
        said += [
            f"{host} is not in this run: a restore is one of the whole cluster, without --limit." for host in outside
        ]
        if said:
            raise AnsibleActionFail("\n".join([*said, "Nothing was changed."]))
        lines = plan_lines(archive.manifest, asked, found)
        refused = UNCONFIRMED if options["confirmed"] != "restore" and not self._task.check_mode else ""
        acting = [] if self._task.check_mode or refused else members
        hosts = {
            "restore": acting,
            "restore_running": [host for host in acting if found[host].running],
            "hold": acting[:1],
        }
        has_database = bool(archive.manifest["database"])
        planned = {
            "lines": lines,
            "shown": as_shown(lines),
            "unconfirmed": refused,
            "hosts": hosts,
            "database": has_database,
        }
        return {"changed": False, **planned, "holders": candidates(members, [], members)}


def _opened(file: str, means: Means) -> Archive:
    try:
        return read_archive(means.opened(Path(file).read_bytes()))
    except OSError as error:
        raise AnsibleActionFail(f"operate_restore_from: {file}: {error.strerror}") from None
    except Failure as failure:
        raise AnsibleActionFail(f"operate_restore_from: {file} {failure}") from None
    except ImportError as error:
        raise AnsibleActionFail(missing_required_lib(str(error.name))) from None


def _found(variables: t.Mapping[str, t.Any]) -> Found:
    told, keys = variables.get(TOLD) or {}, variables.get(KEYS) or {}
    if "backup" not in told or "key_files" not in keys:
        return Found(None, [], str(told.get("msg") or keys.get("msg") or "it was not asked").strip())
    running = plain(keys["key_files"]["running"])
    if running is None:
        return Found(None, [], "whether Workbench runs there is not told")
    return Found(plain(told["backup"]), running)
