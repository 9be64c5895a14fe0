# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node could start again as it is, and runs what is on disk."""

from __future__ import annotations

import os
import stat
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import as_user
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import (
    RUNS,
    Files,
    Running,
    read_ages,
    read_running,
    restart_need,
    show_all,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import named_file
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import shown
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import LAUNCHER, used_units
from ansible_collections.workbench.cluster.plugins.module_utils._share.folder import PATIENCE

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        KeyFiles,
        Older,
        Options,
        OwnCheck,
        SharedStorage,
        Start,
        UnitState,
    )

# A server without a key makes one, or takes the cluster's, while it starts.
STARTING = 60.0
PROPERTIES = ("LoadState", "UnitFileState", "ActiveState", "MainPID", "ExecMainStartTimestampMonotonic")


def read_start(run: Run, config_dir: str, config: t.Mapping[str, Options], keys: KeyFiles) -> tuple[Start, list[str]]:
    """Whether the node could start again as it is; and sentences on what could not be found out."""
    units: dict[str, UnitState] = {}
    errors = []
    options = config.get("rserver.conf", {})
    used = used_units(options)
    try:
        states = show_all(run, used, *PROPERTIES)
    except Failure as failure:
        states = {}
        errors.append(f"The state of {' and '.join(used)} cannot be read: {failure}")
    for unit, state in states.items():
        try:
            units[unit] = read_unit(unit, state, *_files(unit, config_dir, keys))
        except (Failure, OSError) as failure:
            errors.append(f"The state of {unit} cannot be read: {failure}")
    storage = options.get("server-shared-storage-path", [""])[0]
    return {
        "check": own_check(run, config_dir),
        "units": units,
        "shared_storage": read_directory(storage) if storage else None,
    }, errors


def _files(unit: str, config_dir: str, keys: KeyFiles) -> tuple[list[str], list[str]]:
    """What a unit reads at its start only: configuration, and keys. `load-balancer` is read at a reload too."""
    public = str(keys["launcher_public"]["path"])
    cookie = str(keys["cookie_key"]["path"])
    if unit == LAUNCHER:
        names = ("launcher.conf", "launcher.local.conf")
        return [os.path.join(config_dir, name) for name in names], [cookie, public]
    names = ("rserver.conf", "file-locks")
    files = [os.path.join(config_dir, name) for name in names]
    files.append(named_file(config_dir, "database-config-file", "database.conf"))
    return files, [cookie, str(keys["launcher_private"]["path"]), public]


def read_unit(unit: str, state: dict[str, str], files: t.Sequence[str], keys: t.Sequence[str]) -> UnitState:
    masked = state.get("LoadState") == "masked"
    older: Older = {"configuration": None, "key_files": None, "program": None}
    if state.get("ActiveState") in RUNS:
        running = read_running(unit, state)
        program = restart_need(unit, running, Files([], {}))

        def since(paths: t.Sequence[str]) -> str | None:
            found = restart_need(unit, running, Files(paths, read_ages(paths)))
            return found.reason if found and found != program else None

        changed = [path for path in keys if not _made_at_start(path, running)]
        older = {
            "configuration": since(files),
            "key_files": since(changed),
            "program": program.reason if program else None,
        }
    return {
        "active": state.get("ActiveState"),
        "enabled": "masked" if masked else state.get("UnitFileState") or None,
        "older": older,
    }


def _made_at_start(path: str, running: Running) -> bool:
    return os.path.exists(path) and time.time() - os.stat(path).st_mtime > running.uptime - STARTING


def own_check(run: Run, config_dir: str) -> OwnCheck:
    """The product's own judgement on its configuration.

    Releases before 2026.06 have `test-config` only, and answer usage, 2, to the other (Admin Guide, Command Line).
    """
    for command in ("check-config", "test-config"):
        rc, out, err = run(["rstudio-server", command], env={"RSTUDIO_CONFIG_DIR": config_dir})
        if rc != 2:
            break
    said = "" if rc == 0 else shown("check", refusals(out) or words(out, err))
    return {"passed": {0: True, 1: False}.get(rc), "said": said}


def refusals(text: str) -> str:
    """Of the lines of `check-config` those that begin with `[FAIL]`, with the list below each; empty without one."""
    kept, inside = [], False
    for line in text.splitlines():
        inside = line.startswith("[FAIL]") or (inside and not line.startswith("["))
        if inside and line.strip():
            kept.append(line.replace("[FAIL]", "").strip())
    return " ".join(kept)


def read_directory(path: str) -> SharedStorage:
    def work() -> SharedStorage:
        try:
            found = os.stat(path)
        except FileNotFoundError:
            return {"path": path, "directory": False, "mode": None, "error": None}
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        return {"path": path, "directory": stat.S_ISDIR(found.st_mode), "mode": mode, "error": None}

    try:
        return as_user(None, work, PATIENCE)
    except Failure as failure:
        return {"path": path, "error": str(failure), "directory": None, "mode": None}
