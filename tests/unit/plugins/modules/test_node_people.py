# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module where people are kept out, sessions end and rows go, on a node that is a table; time passes where it waits."""

from __future__ import annotations

import time
import typing as t
import urllib.error
from email.message import Message
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import network as host_network
from ansible_collections.workbench.cluster.plugins.module_utils._host import units as host_units
from ansible_collections.workbench.cluster.plugins.module_utils._product import cluster, presence
from ansible_collections.workbench.cluster.plugins.modules import node

Result = t.Dict[str, t.Any]
TABLE = "Protocol\n{0}\n\nID  Host  IPv4      Port  Status    Last Seen\n"
ADA, BOB = (11, "ada", "rsession"), (12, "bob", "rsession")


class Host:
    """n1 of the cluster n1, n2, as facts on the product say: `offline` is a mark and a restart, and closes n1's own page."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark
        self.active = True
        self.closed = False  # as the server read the mark when it started
        self.sessions = {ADA[0]: ADA, BOB[0]: BOB}
        self.busy: set[int] = set()  # those that suspend only when forced
        self.others = {13: (13, "cy", "jupyter-lab")}  # that only status pages show
        self.restart_ends_sessions = False
        self.ends_after: float | None = None
        self.rows = {1: ("n1", "10.0.0.1", 8787, "Online"), 2: ("n2", "10.0.0.2", 8787, "Online")}
        self.flags = {"n2": ""}
        self.pages = {"localhost", "n2"}
        self.answering = {("n1", 8787), ("n2", 8787)}
        self.config_is_good = True
        self.protocol = "Http"
        self.lists_nodes = True  # not before 2021.09
        self.commands: list[str] = []
        self.seconds = 0.0

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if argv[0] == "ps":
            return self._ps(argv)
        if argv[0] == "systemctl":
            return self._systemctl(argv)
        if argv == ["rstudio-server", "version"]:
            return 0, "2026.04.0+526.pro2\n" if self.lists_nodes else "1.4.1717-3\n", ""
        if argv == ["rstudio-server", "list-nodes"] and not self.lists_nodes:
            return 2, "", "Usage: rstudio-server"
        if argv == ["rstudio-server", "list-nodes"]:
            rows = [
                f"{number}   {host.ljust(4)}  {ipv4}  {port}  {status.ljust(8)}  now\n"
                for number, (host, ipv4, port, status) in self.rows.items()
            ]
            return 0, TABLE.format(self.protocol) + "".join(rows), ""
        if argv[0] == "rstudio-server":
            self.commands.append(" ".join(argv[1:]))
            return self._told(argv[1], argv[2:])
        return 0, "last words\n", ""

    def _told(self, verb: str, words: list[str]) -> tuple[int, str, str]:
        if verb in ("offline", "online"):
            self.mark.touch() if verb == "offline" else self.mark.unlink(missing_ok=True)
            if not self.config_is_good:
                return 1, "", "rserver.conf: line 3 is wrong"
            self._restart()
            return 0, "", ""
        if verb in ("suspend-all", "force-suspend-all"):
            kept = self.busy if verb == "suspend-all" else set()
            self.sessions = {pid: one for pid, one in self.sessions.items() if pid in kept}
            return 0, "", ""
        assert verb == "delete-node"
        self.rows.pop(int(words[0]))
        return 0, f"Node {words[0]} deleted.\n", ""

    def _restart(self) -> None:
        self.active, self.closed = True, self.mark.exists()
        if self.restart_ends_sessions:
            self.sessions = {}

    def _systemctl(self, argv: list[str]) -> tuple[int, str, str]:
        if argv[1] == "show":
            state = "active" if self.active else "inactive"
            return (
                0,
                f"LoadState=loaded\nUnitFileState=enabled\nActiveState={state}\nNeedDaemonReload=no\nDropInPaths=\n",
                "",
            )
        self.commands.append(" ".join(argv[1:]))
        if argv[1] == "start":
            self._restart()
        self.active = argv[1] != "stop"
        return 0, "", ""

    def _ps(self, argv: list[str]) -> tuple[int, str, str]:
        if self.ends_after is not None and self.seconds >= self.ends_after:
            self.sessions = {}
        chosen = {int(pid) for pid in argv[argv.index("-p") + 1].split(",")} if "-p" in argv else set()
        found = [*self.sessions.values(), *(one for pid, one in self.others.items() if pid in chosen)]
        return (0 if found else 1), "".join(f"{pid} Ss {user} {what}\n" for pid, user, what in found), ""

    def fetch(self, url: str, timeout: float) -> str:
        scheme, _slashes, rest = url.partition("://")
        place = rest.partition(":")[0]
        assert place == "localhost" or scheme == self.protocol.lower().split()[0]
        if not self.active and place == "localhost":
            raise OSError("refused")
        if self.closed and place == "localhost":
            raise urllib.error.HTTPError(url, 503, "", Message(), None)
        if place not in self.pages:
            raise OSError("no route")
        own = "".join(
            f"   {pid} - {user} {what}\n" for pid, user, what in [*self.sessions.values(), *self.others.values()]
        )
        others = "".join(f"{name}:8787 - 10.0.0.2{flag}  Load: 0, 0, 0\n\n" for name, flag in self.flags.items())
        return f"{others}n1:8787 - 10.0.0.1{' (offline)' if self.closed else ''}  Load: 0, 0, 0\n{own}"

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def port(self, host: str, port: int) -> bool:
        return (host, port) in self.answering


Call = t.Callable[..., Result]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path / "offline")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, run_module: Call, tmp_path: Path, host: Host) -> Call:
    monkeypatch.setattr(node, "runner", lambda module: host.run)
    monkeypatch.setattr(host_network, "port_answers", host.port)
    monkeypatch.setattr(cluster, "fetched", host.fetch)
    monkeypatch.setattr(presence, "MARK", str(host.mark))
    monkeypatch.setattr(presence, "CONFIG", str(tmp_path / "rserver.conf"))
    monkeypatch.setattr(time, "monotonic", lambda: host.seconds)
    monkeypatch.setattr(time, "sleep", host.sleep)
    monkeypatch.setattr(host_units, "SYSTEM", str(tmp_path / "system"))
    return lambda **options: run_module(node.main, **{"host": "n1", **options})


def users(result: Result) -> list[str]:
    return [session["user"] for session in result["sessions"]]


def test_offline_keeps_people_out_and_leaves_sessions_to_the_product(host: Host, call: Call) -> None:
    asked = call(state="offline", check_mode=True)
    assert (asked["changed"], users(asked), host.commands) == (True, ["ada", "bob", "cy"], [])
    assert asked["diff"]["before"] == {"people": "let in", "sessions": ["ada", "bob", "cy"]}
    done = call(state="offline")
    assert (done["changed"], host.commands, host.closed) == (True, ["offline"], True)
    assert call(state="offline")["changed"] is False


def test_sessions_get_their_time_and_are_asked_to_suspend_then(host: Host, call: Call) -> None:
    host.others = {}
    done = call(state="offline", sessions="suspend", grace=300)
    assert (users(done), host.commands, host.seconds) == (["ada", "bob"], ["offline", "suspend-all"], 300)
    assert done["diff"]["after"] == {"people": "kept out", "sessions": []}
    again = call(state="offline", sessions="suspend", grace=300)
    assert (again["changed"], again["sessions"], host.seconds) == (False, [], 300)


def test_sessions_that_end_by_themselves_are_not_asked(host: Host, call: Call) -> None:
    host.others, host.ends_after = {}, 40
    call(state="offline", sessions="suspend", grace=300)
    assert (host.commands, host.seconds) == (["offline"], 40)


def test_sessions_that_the_restart_ended_are_told(host: Host, call: Call) -> None:
    host.others, host.restart_ends_sessions = {}, True
    assert users(call(state="offline", sessions="wait", grace=5)) == ["ada", "bob"]
    assert (host.commands, host.seconds) == (["offline"], 0)


@pytest.mark.parametrize(
    ("how", "commands", "seconds"),
    [("wait", [], 30), ("suspend", ["suspend-all"], 90)],
)
def test_a_session_that_goes_on_is_named_and_the_node_is_online_again(
    host: Host, call: Call, how: str, commands: list[str], seconds: int
) -> None:
    host.others, host.busy = {}, {BOB[0]}
    failed = call(state="offline", sessions=how, grace=30)
    assert f"After {seconds} seconds sessions still run" in failed["msg"]
    assert "bob (pid 12, rsession)" in failed["msg"]
    assert "n1 is online again" in failed["msg"]
    assert (host.commands, host.closed, host.mark.exists()) == (["offline", *commands, "online"], False, False)
    assert users(failed) == ["ada", "bob"]


def test_a_computation_is_interrupted_when_that_is_asked_for(host: Host, call: Call) -> None:
    host.others, host.busy = {}, {BOB[0]}
    assert users(call(state="offline", sessions="interrupt")) == ["ada", "bob"]
    assert host.commands == ["offline", "suspend-all", "force-suspend-all"]


def test_a_session_that_only_a_page_shows_is_waited_for(host: Host, call: Call) -> None:
    assert "cy (pid 13, jupyter-lab)" in call(state="offline", sessions="suspend")["msg"]


def test_the_home_page_of_a_user_is_no_session(host: Host, call: Call) -> None:
    """It holds nothing, and keeps no node from going."""
    host.others = {14: (14, "ada", "rworkspaces")}
    done = call(state="offline", sessions="suspend")
    assert (users(done), done["changed"], host.seconds) == (["ada", "bob"], True, 0)


def test_a_node_that_was_offline_stays_so_whatever_fails(host: Host, call: Call) -> None:
    call(state="offline")
    host.busy = {BOB[0]}
    failed = call(state="offline", sessions="suspend")
    assert "sessions still run" in failed["msg"]
    assert "online again" not in failed["msg"]
    assert host.closed


def test_a_server_that_does_not_restart_is_left_online(host: Host, call: Call) -> None:
    """The product leaves its mark before it tests the configuration."""
    host.config_is_good = False
    failed = call(state="offline")
    assert "rserver.conf: line 3 is wrong" in failed["msg"]
    assert "n1 is online again" in failed["msg"]
    assert not host.mark.exists()


def test_a_run_that_was_cut_off_after_the_mark_is_completed(host: Host, call: Call) -> None:
    host.mark.touch()
    assert call(state="offline")["changed"] is True
    assert host.commands == ["offline"]


def test_a_node_that_is_down_is_marked_and_left_down(host: Host, call: Call) -> None:
    host.active, host.sessions, host.others = False, {}, {}
    assert call(state="offline", last=False)["changed"] is True
    assert (host.commands, host.mark.exists()) == ([], True)
    assert call(state="offline")["changed"] is False


def test_a_server_whose_sessions_nobody_tells_is_left_alone(host: Host, call: Call) -> None:
    host.pages = set()
    failed = call(state="offline")
    assert "Which sessions n1 has is not told" in failed["msg"]
    assert host.commands == []


def test_sessions_that_cannot_be_listed_are_no_sign_that_there_are_none(
    host: Host, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in ((127, "", "ps: command not found"), (0, "some other words\n", "")):
        monkeypatch.setattr(Host, "_ps", lambda self, argv, answer=answer: answer)
        assert "ps" in call(state="offline")["msg"]
        assert host.commands == []


def test_the_pid_of_somebody_else_is_no_session(host: Host, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Host, "_ps", lambda self, argv: (0, "13 Ss root sleep\n14 Z ada rsession\n", ""))
    host.sessions = {}
    assert users(call(state="offline", sessions="wait")) == ["cy"]
    assert host.seconds == 0


@pytest.mark.parametrize(
    ("flag", "why"),
    [(" (offline)", "is offline"), (" (unreachable)", "is unreachable"), ("silent", "does not answer")],
)
@pytest.mark.parametrize("state", ["offline", "stopped", "restarted"])
def test_the_last_node_that_people_reach_stays(host: Host, call: Call, flag: str, why: str, state: str) -> None:
    if flag == "silent":
        host.answering.discard(("n2", 8787))
    else:
        host.flags["n2"] = flag
    failed = call(state=state, last=False)
    assert f"n1 may be the last node that people reach: n2:8787 {why}. Nothing was changed." in failed["msg"]
    assert (host.commands, host.active) == ([], True)
    assert call(state=state, last=True)["changed"] is True


def test_another_node_that_answers_is_enough(host: Host, call: Call) -> None:
    host.others = {}
    assert call(state="restarted", sessions="suspend", last=False)["changed"] is True
    assert host.commands == [
        "suspend-all",
        "stop rstudio-server rstudio-launcher",
        "start rstudio-launcher rstudio-server",
    ]


def test_a_server_with_a_session_that_goes_on_is_not_stopped(host: Host, call: Call) -> None:
    host.others, host.busy = {}, {BOB[0]}
    failed = call(state="restarted", sessions="suspend")
    assert "bob (pid 12, rsession)" in failed["msg"]
    assert host.commands == ["suspend-all"]


def test_a_launcher_alone_touches_no_session(host: Host, call: Call) -> None:
    done = call(state="restarted", units=["rstudio-launcher"], sessions="suspend", last=False)
    assert (done["sessions"], host.commands) == ([], ["stop rstudio-launcher", "start rstudio-launcher"])


def test_a_name_is_needed_to_know_the_node_among_the_others(host: Host, call: Call) -> None:
    assert "host is required" in call(state="stopped", sessions="suspend", host="")["msg"]
    assert host.commands == []


def test_online_lets_people_in(host: Host, call: Call) -> None:
    call(state="offline")
    assert call(state="online", check_mode=True)["changed"] is True
    done = call(state="online")
    assert (done["changed"], done["node"]["status"], host.closed) == (True, "Online", False)
    assert users(done) == ["ada", "bob", "cy"]
    assert host.commands == ["offline", "online"]
    assert call(state="online")["changed"] is False


def test_online_starts_what_is_down(host: Host, call: Call) -> None:
    host.active = False
    host.mark.touch()
    assert call(state="online")["changed"] is True
    assert (host.commands, host.mark.exists()) == (["start rstudio-launcher rstudio-server"], False)


def test_a_server_that_stays_offline_is_not_online(host: Host, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call(state="offline")
    monkeypatch.setattr(Host, "_restart", lambda self: None)
    assert "n1 was not online after" in call(state="online", wait=20)["msg"]


@pytest.mark.parametrize("name", ["n1", "n1:8787"])
def test_a_page_may_call_the_node_by_its_address(
    host: Host, call: Call, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shown = host.fetch
    monkeypatch.setattr(cluster, "fetched", lambda url, timeout: shown(url, timeout).replace("n1:", "10.0.0.1:"))
    assert users(call(state="offline", host=name)) == ["ada", "bob", "cy"]


@pytest.mark.parametrize("protocol", ["Https", "Https no verify"])
def test_the_others_are_asked_by_the_protocol_of_the_cluster(host: Host, call: Call, protocol: str) -> None:
    host.protocol = protocol
    assert call(state="offline")["changed"] is True
    assert call(state="offline")["changed"] is False


def test_a_release_that_lists_no_nodes_goes_offline_by_its_own_answer(host: Host, call: Call) -> None:
    """Its page is closed then, and it knows no other by a command."""
    host.lists_nodes, host.others = False, {}
    done = call(state="offline", sessions="suspend")
    assert (users(done), host.commands, host.closed) == (["ada", "bob"], ["offline", "suspend-all"], True)
    assert call(state="online")["node"]["status"] == "Online"


GONE = {"id": 3, "host": "n3", "port": 8787}


def test_rows_of_nodes_that_are_gone_are_deleted(host: Host, call: Call) -> None:
    host.rows[3] = ("n3", "10.0.0.3", 8787, "Offline")
    asked = call(state="deleted", rows=[GONE], check_mode=True)
    assert (asked["deleted"], asked["diff"]["before"], host.commands) == ([3], {"rows": ["3 n3:8787"]}, [])
    assert call(state="deleted", rows=[GONE])["deleted"] == [3]
    assert host.commands == ["delete-node 3"]
    again = call(state="deleted", rows=[GONE])
    assert (again["changed"], again["deleted"]) == (False, [])


@pytest.mark.parametrize(
    ("listed", "answering", "words"),
    [
        ("n4", "", "Row 3 is that of n4:8787 now, not of n3:8787"),
        ("n3", "n3", "n3:8787, which answers"),
        ("n3", "10.0.0.3", "n3:8787, which answers"),
    ],
)
def test_no_row_goes_where_one_is_anothers_or_answers(
    host: Host, call: Call, listed: str, answering: str, words: str
) -> None:
    host.rows[3] = (listed, "10.0.0.3", 8787, "Online")
    host.rows[4] = ("n5", "10.0.0.5", 8787, "Offline")
    host.answering.add((answering, 8787))
    failed = call(state="deleted", rows=[{"id": 4, "host": "n5", "port": 8787}, GONE])
    assert words in failed["msg"]
    assert host.commands == []


def test_a_row_that_stays_is_no_success(host: Host, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    host.rows[3] = ("n3", "10.0.0.3", 8787, "Offline")
    monkeypatch.setattr(Host, "_told", lambda self, verb, words: (0, "", ""))
    assert "list-nodes still shows them" in call(state="deleted", rows=[GONE])["msg"]
