# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan an archive for those who are to help, and write it of what the hosts registered. Asks no host."""

from __future__ import annotations

import datetime
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.workbench.cluster.plugins.module_utils._support.scrub import Scrubber
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.bundle import (
    STATUS,
    Bundle,
    packed,
    plan_lines,
    result_line,
    share,
    told,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.folder import DATA, write_private
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.shown import as_shown

ARGUMENTS = {
    "state": {"type": "str", "choices": ["planned", "present"], "required": True},
    "cluster": {"type": "str", "required": True},
    "folder": {"type": "path", "required": True},
    "megabytes": {"type": "int", "required": True},
    "hours": {"type": "int", "required": True},
    "report_dir": {"type": "path", "default": ""},
}
# What the tasks before register on each host.
GATHERED, VERDICT = "__support", "__verify_verdict"
# A report of `verify` is no bigger.
LARGEST = 20_000_000


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options, variables = plain(given), task_vars or {}
        hosts = [str(host) for host in variables["ansible_play_hosts_all"]]
        result["changed"] = False
        if options["state"] == "planned":
            return {**result, **self._plan(options, hosts)}
        return {**result, **self._write(options, hosts, variables["hostvars"])}

    def _plan(self, options: dict[str, t.Any], hosts: list[str]) -> dict[str, t.Any]:
        lines = plan_lines(options["cluster"], hosts, options["megabytes"], options["hours"], options["folder"])
        acting = [] if self._task.check_mode else hosts
        shown = as_shown(lines)
        return {
            "lines": lines,
            "shown": shown,
            "hosts": {"support_bundle": acting},
            "share": share(options["megabytes"], len(hosts)),
        }

    def _write(self, options: dict[str, t.Any], hosts: list[str], hostvars: t.Any) -> dict[str, t.Any]:
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0, tzinfo=None)
        scrub = Scrubber([], RUN_KEY)
        verdicts = (hostvars[host].get(VERDICT) or {} for host in hosts)
        lines: list[str] = next((verdict["lines"] for verdict in verdicts if "lines" in verdict), [])
        said = {STATUS: scrub("\n".join([str(line) for line in lines] or ["No node told it."]) + "\n")}
        report = _report(options["report_dir"])
        if report:
            said[f"verify/{DATA}"] = scrub(report)
        answers = {host: told(plain(_kept(hostvars[host].get(GATHERED)))) for host in hosts}
        bundle = Bundle(options["cluster"], f"{now.isoformat()}Z", answers, said)
        content, read = packed(bundle, int(now.replace(tzinfo=datetime.UTC).timestamp()))
        if all(answer.support is None for answer in read.values()):
            raise AnsibleActionFail("\n".join(f"{host}: {answer.error}" for host, answer in read.items()))
        path = Path(options["folder"]) / f"{bundle.name}.tar.gz"
        try:
            write_private(path, content)
        except OSError as error:
            raise AnsibleActionFail(f"{path} cannot be written: {error.strerror}") from None
        line = result_line(str(path), len(content), read)
        silent = sorted(host for host, answer in read.items() if answer.support is None)
        return {"changed": True, "path": str(path), "size": len(content), "silent": silent, "shown": as_shown([line])}


def _kept(registered: t.Any) -> dict[str, t.Any] | None:
    """Of a host that could not be reached Ansible keeps what is no plain value."""
    if not registered:
        return None
    return {name: registered[name] for name in ("support", "msg") if name in registered}


def _report(folder: str) -> str:
    """The last report of `verify`, where there is one."""
    file = Path(folder) / DATA
    try:
        return file.read_text("utf-8", "replace") if folder and file.stat().st_size <= LARGEST else ""
    except OSError:
        return ""
