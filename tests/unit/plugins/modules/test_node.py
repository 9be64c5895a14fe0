# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on a host whose units and cluster are a table; time passes only where the module waits."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import network as host_network
from ansible_collections.workbench.cluster.plugins.module_utils._host import units as host_units
from ansible_collections.workbench.cluster.plugins.module_utils._product import cluster
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import UNITS
from ansible_collections.workbench.cluster.plugins.modules import node

Result = t.Dict[str, t.Any]
TABLE = "Protocol\nHttp\n\nID  Host  IPv4      Port  Status                     Last Seen\n"


class Host:
    """Units `{name: [LoadState, UnitFileState, ActiveState]}`, and what list-nodes shows, one status an asking."""

    def __init__(self, load: str, enabled: str, active: str) -> None:
        self.units = {unit: [load, enabled, active] for unit in UNITS}
        self.version = "2026.04.0+526.pro2"
        self.statuses: list[str] = ["Online"]
        self.answers = True
        self.starts_as = "active"
        self.need_reload = "no"
        self.drop_ins = ""
        self.calls: list[list[str]] = []
        self.seconds = 0.0

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if argv[:2] == ["systemctl", "show"]:
            load, enabled, active = self.units[argv[-1]]
            state = f"LoadState={load}\nUnitFileState={enabled}\nActiveState={active}\n"
            return 0, f"{state}NeedDaemonReload={self.need_reload}\nDropInPaths={self.drop_ins}\n", ""
        if argv[0] == "systemctl":
            return self._systemctl(argv)
        if argv == ["rstudio-server", "version"]:
            return 0, f"{self.version}\n", ""
        if argv == ["rstudio-server", "list-nodes"]:
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            if not status:
                return 1, "", "no connection to the database"
            return 0, f"{TABLE}1   n1    10.0.0.1  8787  {status.ljust(25)}  now\n", ""
        return 0, f"last words of {argv[0]}\n", ""

    def _systemctl(self, argv: list[str]) -> tuple[int, str, str]:
        self.calls.append(argv[1:])
        if argv[1] in ("daemon-reload", "reload"):
            return 0, "", ""
        for unit in argv[2:]:
            if argv[1] == "start" and self.units[unit][0] == "masked":
                return 1, "", f"Unit {unit} is masked."
            index = {"unmask": 0, "enable": 1, "start": 2, "stop": 2}[argv[1]]
            self.units[unit][index] = {
                "unmask": "loaded",
                "enable": "enabled",
                "start": self.starts_as,
                "stop": "inactive",
            }[argv[1]]
        return 0, "", ""

    def verbs(self) -> list[str]:
        return [call[0] for call in self.calls]

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def port(self, host: str, port: int) -> bool:
        assert (host, port) == ("n1", 8787)
        return self.answers


@pytest.fixture
def fresh() -> Host:
    """As the role installs it: masked, so that the package does not start itself."""
    return Host("masked", "masked", "inactive")


@pytest.fixture
def running() -> Host:
    return Host("loaded", "enabled", "active")


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, run_module: t.Callable[..., Result], tmp_path: Path
) -> t.Callable[..., Result]:
    def on(system: Host, **options: t.Any) -> Result:
        monkeypatch.setattr(node, "runner", lambda module: system.run)
        monkeypatch.setattr(host_network, "port_answers", system.port)
        monkeypatch.setattr(time, "monotonic", lambda: system.seconds)
        monkeypatch.setattr(time, "sleep", system.sleep)
        monkeypatch.setattr(host_units, "RELOADED", str(tmp_path / "reloaded"))
        monkeypatch.setattr(host_units, "SYSTEM", str(tmp_path / "system"))
        return run_module(node.main, **options)

    return on


Call = t.Callable[..., Result]


def test_fresh_node_is_unmasked_enabled_and_started(fresh: Host, call: Call) -> None:
    assert call(fresh, host="n1", check_mode=True)["changed"] is True
    assert fresh.calls == []
    result = call(fresh, host="n1")
    assert (result["changed"], result["node"]["status"]) == (True, "Online")
    assert fresh.verbs() == ["unmask", "enable", "start"]
    assert fresh.calls[-1] == ["start", "rstudio-launcher", "rstudio-server"]
    assert call(fresh, host="n1")["changed"] is False


def test_running_node_is_left_alone_but_seen_online(running: Host, call: Call) -> None:
    running.statuses = ["Starting", "Online"]
    result = call(running, host="n1:8787")
    assert (result["changed"], result["node"]["id"], running.calls, running.seconds) == (False, 1, [], 1)


def test_only_what_is_down_is_started(running: Host, call: Call) -> None:
    running.units["rstudio-server"][2] = "failed"
    assert call(running, host="n1")["changed"] is True
    assert running.calls == [["start", "rstudio-server"]]


def test_restart(running: Host, call: Call) -> None:
    assert call(running, state="restarted", host="n1")["changed"] is True
    assert running.calls == [
        ["stop", "rstudio-server", "rstudio-launcher"],
        ["start", "rstudio-launcher", "rstudio-server"],
    ]


def test_restart_of_the_launcher_leaves_the_server_and_its_sessions(running: Host, call: Call) -> None:
    assert call(running, state="restarted", units=["rstudio-launcher"], host="n1")["changed"] is True
    assert running.calls == [["stop", "rstudio-launcher"], ["start", "rstudio-launcher"]]


def test_restart_of_one_starts_what_is_down_besides(running: Host, call: Call) -> None:
    running.units["rstudio-server"][2] = "inactive"
    call(running, state="restarted", units=["rstudio-launcher"], host="n1")
    assert running.calls == [["stop", "rstudio-launcher"], ["start", "rstudio-launcher", "rstudio-server"]]


def test_reload_stops_nothing(running: Host, call: Call, tmp_path: Path) -> None:
    assert call(running, state="reloaded", units=["rstudio-server"], host="n1", check_mode=True)["changed"] is True
    assert running.calls == []
    before = time.time()
    assert call(running, state="reloaded", units=["rstudio-server"], host="n1")["node"]["status"] == "Online"
    assert running.calls == [["reload", "rstudio-server"]]
    marks = list((tmp_path / "reloaded").iterdir())
    assert [mark.name for mark in marks] == ["rstudio-server"]
    assert before <= marks[0].stat().st_mtime <= time.time()


def test_server_that_is_down_is_started_in_place_of_reloaded(running: Host, call: Call) -> None:
    running.units["rstudio-server"][2] = "inactive"
    call(running, state="reloaded", units=["rstudio-server"], host="n1")
    assert running.calls == [["start", "rstudio-server"]]


def test_reload_that_fails_is_not_kept(
    running: Host, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Host, "_systemctl", lambda self, argv: (1, "", "Job failed"))
    assert (
        "systemctl reload rstudio-server failed: Job failed"
        in call(running, state="reloaded", units=["rstudio-server"], host="n1")["msg"]
    )
    assert not (tmp_path / "reloaded").exists()


def test_drop_in_that_systemd_has_not_read(running: Host, call: Call, tmp_path: Path) -> None:
    drop_in = tmp_path / "system/rstudio-server.service.d/mounts.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Unit]\n")
    assert call(running, host="n1")["changed"] is True
    assert running.calls == [["daemon-reload"]]
    running.drop_ins = str(drop_in)
    assert call(running, host="n1")["changed"] is False
    running.need_reload = "yes"  # it was changed since
    assert call(running, host="n1")["changed"] is True


def test_stop_of_one(running: Host, call: Call) -> None:
    assert call(running, state="stopped", units=["rstudio-server"])["changed"] is True
    assert running.calls == [["stop", "rstudio-server"]]


def test_stop(running: Host, call: Call) -> None:
    assert call(running, state="stopped", check_mode=True)["changed"] is True
    assert running.calls == []
    assert call(running, state="stopped")["changed"] is True
    assert running.calls == [["stop", "rstudio-server", "rstudio-launcher"]]
    assert call(running, state="stopped")["changed"] is False


def test_row_left_by_a_killed_node_is_not_believed(running: Host, call: Call) -> None:
    running.answers = False
    message = call(running, host="n1", wait=5)["msg"]
    assert "n1 was not Online after 5 seconds" in message
    assert "port 8787 of n1 does not answer" in message
    assert running.seconds == 5


@pytest.mark.parametrize(
    ("statuses", "host", "words"),
    [
        (["Invalid secure cookie key"], "n1", "list-nodes shows Invalid secure cookie key"),
        (["Online"], "other", "list-nodes does not show other"),
        (["Online"], "n1:443", "list-nodes does not show n1:443"),
        ([""], "n1", "list-nodes failed: no connection to the database"),
    ],
)
def test_node_that_does_not_come(running: Host, call: Call, statuses: list[str], host: str, words: str) -> None:
    running.statuses = statuses
    message = call(running, host=host, wait=3)["msg"]
    assert f"{host} was not Online after 3 seconds" in message
    assert words in message
    assert "last words of journalctl" in message


def test_service_that_fails_ends_the_wait(fresh: Host, call: Call) -> None:
    fresh.starts_as = "failed"
    fresh.statuses = [""]
    message = call(fresh, host="n1", wait=600)["msg"]
    assert "rstudio-launcher, rstudio-server failed" in message
    assert "last words of journalctl" in message
    assert fresh.seconds == 0


def test_systemctl_that_refuses(running: Host, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    running.units["rstudio-server"] = ["masked", "enabled", "inactive"]
    monkeypatch.setattr(Host, "_systemctl", lambda self, argv: (1, "", "Access denied"))
    message = call(running, host="n1")["msg"]
    assert "systemctl unmask rstudio-server failed: Access denied" in message


@pytest.mark.parametrize("state", ["started", "restarted", "reloaded"])
def test_host_is_required(running: Host, call: Call, state: str) -> None:
    assert "host" in call(running, state=state)["msg"]


@pytest.mark.parametrize(("host", "forgotten"), [("n1", [2]), ("n1:8787", [])])
def test_rows_that_a_node_left_at_another_port_are_deleted(
    fresh: Host, call: Call, monkeypatch: pytest.MonkeyPatch, host: str, forgotten: list[int]
) -> None:
    """Those that are Offline; where nodes share a name and differ by port, none."""
    asked = fresh.run
    rows = ("1   n1    10.0.0.1  8787  Online", "2   n1    10.0.0.1  443   Offline", "3   n1    10.0.0.1  444   Online")
    others = ("4   n2    10.0.0.2  443   Offline",)
    deleted: list[str] = []

    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if argv == ["rstudio-server", "list-nodes"]:
            return 0, TABLE + "".join(f"{row.ljust(55)}now\n" for row in (*rows, *others)), ""
        if argv[:2] == ["rstudio-server", "delete-node"]:
            deleted.append(argv[2])
        return asked(argv, data, env)

    monkeypatch.setattr(fresh, "run", run)
    assert call(fresh, host=host)["forgotten"] == forgotten
    assert deleted == [str(number) for number in forgotten]


def test_a_release_that_lists_no_nodes_is_asked_for_its_page(
    running: Host, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 2021.09; until the server answers there is no page."""
    pages = ["n1:8787 (unreachable)  Load: 0, 0, 0\n", "n2:8787  Load: 0, 0, 0\n\nn1:8787  Load: 0, 0, 0\n"]

    def fetched(url: str, timeout: float) -> str:
        if len(running.statuses) > 1:
            running.statuses.pop()
            raise OSError("refused")
        return pages.pop(0)

    monkeypatch.setattr(cluster, "fetched", fetched)
    running.version, running.statuses = "1.4.1717-3", ["", ""]
    node = call(running, host="n1")["node"]
    assert (node["id"], node["status"], running.seconds) == (1, "Online", 2)
