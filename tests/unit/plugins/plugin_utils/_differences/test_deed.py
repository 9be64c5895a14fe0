# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is announced after a look at real files is what config_files then does to them."""

from __future__ import annotations

import base64
import os
import random
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import units as host_units
from ansible_collections.workbench.cluster.plugins.module_utils._host.file_states import read_directories, read_files
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.modules import config_files
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY
from ansible_collections.workbench.cluster.tests.unit.conftest import RunModule

NAMES = ("rserver.conf", "database.conf", "profiles", "secure-cookie-key")
TEXTS = (
    "a=1\nb=2\n",
    "b=2\na=1\n",
    "a=1\nb=2\n",
    "b=2\na=1\n",
    "a=1\nb=3\n",
    "# Managed by Ansible, workbench.cluster: x\na=1\nb=2\n",
    "0123",
)
MODES = ("0644", "0644", "0644", "0600")
UNITS = ("rstudio-server", "rstudio-launcher")


class Systemd:
    """Two units, since how many seconds each runs; `None`: it does not."""

    def __init__(self, uptimes: dict[str, int | None]) -> None:
        self.uptimes = uptimes

    def __call__(
        self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        return (
            0,
            "\n".join(self.shown(name.removesuffix(".service")) for name in argv if name.startswith("rstudio")),
            "",
        )

    def shown(self, unit: str) -> str:
        uptime = self.uptimes[unit]
        started = int((time.clock_gettime(time.CLOCK_MONOTONIC) - (uptime or 0)) * 1e6)
        state = {"ActiveState": "inactive" if uptime is None else "active", "LoadState": "loaded", "MainPID": "0"}
        return "".join(f"{k}={v}\n" for k, v in {**state, "ExecMainStartTimestampMonotonic": started}.items())


class Case:
    """A directory as it was found, and what is wanted of it: by chance, but the same each time."""

    def __init__(self, seed: int, root: Path) -> None:
        chance = random.Random(seed)
        self.paths = [str(root / name) for name in NAMES]
        for path in self.paths:
            if chance.random() < 0.8:
                Path(path).write_text(chance.choice(TEXTS))
                os.chmod(path, int(chance.choice(MODES), 8))
                past = time.time() - chance.choice((5, 500, 500, 500))
                os.utime(path, (past, past))
            if chance.random() < 0.3:
                Path(f"{path}.before-workbench-cluster").touch()
        self.directories = [str(root / "scratch"), str(root / "there")]
        os.mkdir(self.directories[1], 0o755)
        owner = {"owner": str(os.getuid()), "group": str(os.getgid())}
        kinds = [
            chance.choice(("content", "content", "content", "secret", "remove", "left", "left")) for _path in self.paths
        ]
        self.wanted: dict[str, t.Any] = {
            "files": [
                {"path": path, **owner, "mode": chance.choice(MODES), **self.content(kind, chance.choice(TEXTS))}
                for path, kind in zip(self.paths, kinds, strict=True)
                if kind in ("content", "secret")
            ],
            "remove": [path for path, kind in zip(self.paths, kinds, strict=True) if kind == "remove"],
            "directories": [
                {"path": path, **owner, "mode": chance.choice(("0755", "0700"))} for path in self.directories
            ],
            "services": [
                {"name": UNITS[0], "files": self.paths[:2], "reload": self.paths[2:3]},
                {"name": UNITS[1], "files": self.paths[1:]},
            ],
        }
        self.systemd = Systemd({unit: chance.choice((None, 50, 50, 50, 5000)) for unit in UNITS})

    @staticmethod
    def content(kind: str, text: str) -> dict[str, str]:
        return {"content": text} if kind == "content" else {"secret_base64": base64.b64encode(text.encode()).decode()}

    def look(self) -> HostReport:
        return {
            "files": read_files(RUN_KEY, self.paths),
            "directories": read_directories(self.directories),
            "units": host_units.read_units(self.systemd, [f"{unit}.service" for unit in UNITS]),
        }


@pytest.mark.parametrize("seed", range(80))
def test_the_plan_is_the_deed(
    seed: int, run_module: RunModule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "etc"
    root.mkdir()
    case = Case(seed, root)
    monkeypatch.setattr(config_files, "runner", lambda module: case.systemd)
    monkeypatch.setattr(host_units, "RELOADED", str(tmp_path / "reloaded"))
    plan = host.differences(case.wanted, case.look())
    deed = run_module(config_files.main, **case.wanted)
    assert "msg" not in deed
    written = [change.path for change in plan.changes if change.path and change.path not in case.directories]
    assert sorted(written) == sorted(deed["changed_files"])
    made = {change.path for change in plan.changes if change.path in case.directories}
    headers = {entry["before_header"] for entry in plan.diff} | made
    assert headers == {entry["before_header"] for entry in deed["diff"]}
    told = ", ".join(change.interrupts for change in plan.changes)
    for unit in UNITS:
        assert (f"restarts {unit}" in told) == (unit in deed["restart"])
        assert (f"reloads {unit}" in told) == (unit in deed["reload"])
    assert sorted({unit for change in plan.changes for unit in change.restarts}) == sorted(deed["restart"])

    case.systemd.uptimes = dict.fromkeys(UNITS, 0)
    assert host.differences(case.wanted, case.look()).changes == []
