# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units as systemd shows them, all in one question."""

from __future__ import annotations

import os
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import units as host_units

ABSENT = "MainPID=0\nExecMainStartTimestampMonotonic=0\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n"
# An alias has other names, so that only their order tells them apart. A mount has no process.
MOUNT = "LoadState=loaded\nActiveState=active\nUnitFileState=generated\nNeedDaemonReload=no\nDropInPaths=\n"


def running(seconds: float, pid: int, reload: str = "no") -> str:
    started = int((time.clock_gettime(time.CLOCK_MONOTONIC) - seconds) * 1e6)
    shown = f"MainPID={pid}\nExecMainStartTimestampMonotonic={started}\nLoadState=loaded\nActiveState=active\n"
    return f"{shown}UnitFileState=enabled\nNeedDaemonReload={reload}\nDropInPaths=\n"


class Systemd:
    def __init__(self, *blocks: str, rc: int = 0) -> None:
        self.rc, self.blocks = rc, blocks
        self.asked: list[list[str]] = []

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        self.asked.append(argv)
        return self.rc, "\n".join(self.blocks), "" if self.rc == 0 else "Failed to connect to bus"


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RELOADED", "SYSTEM"):
        monkeypatch.setattr(host_units, name, str(tmp_path / name))


def test_all_units_in_one_question() -> None:
    systemd = Systemd(running(60, os.getpid()), ABSENT, MOUNT)
    found: t.Any = host_units.read_units(systemd.run, ["chronyd.service", "no-such.service", "home.mount"])
    assert len(systemd.asked) == 1
    assert found["chronyd.service"].pop("uptime") == pytest.approx(60, abs=5)
    assert found["chronyd.service"].pop("read") == pytest.approx(60, abs=5)
    still: t.Any = {"uptime": None, "read": None, "replaced": False, "unread": False}
    assert found == {
        "chronyd.service": {
            **{"load": "loaded", "enabled": "enabled", "active": "active"},
            **{"replaced": False, "unread": False},
        },
        "no-such.service": {"load": "not-found", "enabled": "", "active": "inactive", **still},
        "home.mount": {"load": "loaded", "enabled": "generated", "active": "active", **still},
    }


def test_no_unit_is_no_question() -> None:
    systemd = Systemd()
    assert (host_units.read_units(systemd.run, []), systemd.asked) == ({}, [])


def test_a_reload_counts_for_the_unit_it_was_of() -> None:
    """By its name without an ending, as the module node leaves it."""
    host_units.mark_reloaded("rstudio-server", time.time() - 10)
    unit = host_units.read_units(Systemd(running(60, os.getpid())).run, ["rstudio-server.service"])[
        "rstudio-server.service"
    ]
    assert unit["uptime"] == pytest.approx(60, abs=5)
    assert unit["read"] == pytest.approx(10, abs=5)


def test_files_that_systemd_has_not_read() -> None:
    read = Systemd(running(60, 0)), Systemd(running(60, 0, reload="yes"))
    assert [host_units.read_units(one.run, ["a.service"])["a.service"]["unread"] for one in read] == [False, True]
    drop_in = Path(host_units.SYSTEM) / "a.service.d" / "new.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.touch()
    assert host_units.read_units(Systemd(running(60, 0)).run, ["a.service"])["a.service"]["unread"] is True


@pytest.mark.parametrize("systemd", [Systemd(rc=1), Systemd(running(60, 0))])
def test_systemd_that_does_not_say_is_a_failure(systemd: Systemd) -> None:
    with pytest.raises(Failure, match=r"^systemctl show a\.service b\.service failed"):
        host_units.read_units(systemd.run, ["a.service", "b.service"])
