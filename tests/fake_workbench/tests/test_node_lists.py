# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The release before 2021.09: nodes in load-balancer, no list of them in the database, launchers that meet in a scratch path."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import typing as t

import pytest
from harness import NET, USER, Node, Postgres, wait_until

Make = t.Callable[..., Node]


@pytest.fixture(scope="session")
def install(installs: dict[str, pathlib.Path]) -> pathlib.Path:
    return installs["1.4.1717-3"]


def listing(*numbers: int, options: str = "balancer=sessions\ntimeout=3\n") -> str:
    return f"[config]\n{options}\n[nodes]\n" + "".join(f"{NET}.{number}\n" for number in numbers)


def old(make_node: Make, number: int, *others: int) -> Node:
    node = make_node(number)
    node.options.pop("load-balancing-enabled")
    node.write_options()
    node.write("load-balancer", listing(number, *others))
    node.write("launcher.local.conf", f"scratch-path={scratch(node)}\n")
    return node


def scratch(node: Node) -> pathlib.Path:
    folder = node.shared / "Local"
    folder.mkdir(exist_ok=True)
    return folder


def start(*nodes: Node) -> None:
    for node in nodes:
        for program in ("rserver", "rstudio-launcher"):
            node.start(program)
    for node in nodes:
        node.wait_launcher()
        node.wait_running()


@pytest.fixture
def pair(make_node: Make) -> tuple[Node, Node]:
    nodes = old(make_node, 2, 3), old(make_node, 3, 2)
    start(*nodes)
    return nodes


def status(node: Node) -> str:
    return node.get("/load-balancer/status")[2]


def test_nodes_find_each_other_in_their_files(pair: tuple[Node, Node], database: Postgres) -> None:
    blocks = status(pair[0])
    assert blocks.startswith(f"{NET}.2:8787  Load: ")
    assert f"\n{NET}.3:8787  Load: " in blocks
    tables = database.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", "workbench")
    assert {row[0] for row in tables} == {"schema_version", "licensed_users", "revoked_cookie"}


def test_a_session_starts_on_the_other_node_and_shows_without_its_process(pair: tuple[Node, Node]) -> None:
    started = [pair[0].session("start") for __ in range(2)]
    assert [session["node"] for session in started] == [f"{NET}.2:8787", f"{NET}.3:8787"]
    assert f"   {started[1]['pid']} - {USER}\n" in status(pair[0])


def test_a_node_that_is_added_is_known_after_a_reload(pair: tuple[Node, Node], make_node: Make) -> None:
    third = old(make_node, 4, 2, 3)
    start(third)
    assert f"{NET}.4" not in status(pair[0])
    pair[0].write("load-balancer", listing(2, 3, 4))
    assert f"{NET}.4" not in status(pair[0])
    pair[0].processes["rserver"].send_signal(signal.SIGHUP)
    wait_until(lambda: f"{NET}.4:8787  Load" in status(pair[0]), lambda: status(pair[0]))


def test_a_node_that_is_not_running_is_unreachable(pair: tuple[Node, Node]) -> None:
    pair[1].stop()
    assert f"{NET}.3:8787 (unreachable)  Load: 0, 0, 0" in status(pair[0])


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("load-balancer", "balancer=sessions\n", "none of the [nodes]"),
        ("load-balancer", listing(9), "none of the [nodes]"),
        ("rserver.conf", "load-balancing-enabled=1\n", "unrecognised option 'load-balancing-enabled'"),
    ],
    ids=["todays layout", "another node", "option of 2023.09"],
)
def test_it_refuses_the_layout_of_other_releases(make_node: Make, file: str, text: str, words: str) -> None:
    node = old(make_node, 2)
    if file == "rserver.conf":
        text = (node.config / file).read_text() + text
    node.write(file, text)
    assert words in node.refusal()


def test_a_scratch_path_that_is_not_shared_keeps_sessions_on_their_node(make_node: Make) -> None:
    nodes = old(make_node, 2, 3), old(make_node, 3, 2)
    own = nodes[1].root / "scratch"
    own.mkdir()
    nodes[1].write("launcher.local.conf", f"scratch-path={own}\n")
    start(*nodes)
    nodes[0].session("start")
    done = nodes[0].run("fake-session", "start", USER, "--node", f"http://{NET}.2:8787")
    assert done.returncode == 1
    assert "the scratch-path is not shared" in done.stderr


def test_a_launcher_needs_a_scratch_path_that_it_can_write(make_node: Make) -> None:
    node = old(make_node, 2)
    launcher = (node.config / "launcher.conf").read_text().replace("server-user=root", f"server-user={USER}")
    node.write("launcher.conf", launcher)
    scratch(node).chmod(0o755)
    assert f"cannot be written by {USER}" in node.refusal("rstudio-launcher")


@pytest.mark.parametrize("command", ["list-nodes", "node-status", "delete-node", "reset-cluster", "check-config"])
def test_commands_of_later_releases_are_not_there(install: pathlib.Path, command: str) -> None:
    done = subprocess.run([install / "bin/rstudio-server", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:6]) == (2, "Usage:")
