# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan and deed: what `site` announced is what it changed. Every run of `site` that succeeds in a scenario is asked."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
Entries = t.List[t.Dict[str, t.Any]]


def apart(plan: Entries, deeds: Entries) -> list[str]:
    """Where what `site` announced is not what it changed, by host and role, and of files by their paths as well."""
    roles = {
        play["name"]: task["ansible.builtin.import_role"]["name"].rpartition(".")[2]
        for play in _plays("site.yml")
        for task in play.get("tasks", [])
        if "tasks_from" not in task.get("ansible.builtin.import_role", {"tasks_from": ""})
    }
    changes = [change for change in plan if not change["waits"]]
    done = {(deed["host"], roles.get(deed["play"], deed["role"])) for deed in deeds}
    announced = {(change["host"], change["role"]) for change in changes}
    written = {(deed["host"], path) for deed in deeds for path in deed["changed_files"]}
    files = {(change["host"], change["path"]) for change in changes}
    said = [f"{host}: announced, and not done: {role}" for host, role in sorted(announced - done)]
    said += [f"{host}: done, and not announced: {role}" for host, role in sorted(done - announced)]
    return said + [f"{host}: written, and not announced: {path}" for host, path in sorted(written - files)]


def _plays(playbook: str) -> t.Iterator[dict[str, t.Any]]:
    """Those of a playbook and of the playbooks that it imports."""
    for play in yaml.safe_load((ROOT / "playbooks" / playbook).read_text()):
        imported = play.get("ansible.builtin.import_playbook")
        yield from _plays(imported) if imported else [play]
