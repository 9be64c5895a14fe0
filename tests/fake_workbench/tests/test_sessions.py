# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions through the nodes' and launchers' ports."""

from __future__ import annotations

import json
import os
import pathlib
import re
import socket
import time
import typing as t

import pytest
from harness import NET, USER, Node, wait_until

Make = t.Callable[..., Node]


@pytest.fixture
def pair(make_node: Make) -> tuple[Node, Node]:
    """Two nodes, running with their launchers."""
    nodes = make_node(2), make_node(3)
    for node in nodes:
        node.start()
        node.wait_online()
    for node in nodes:
        node.start("rstudio-launcher")
    for node in nodes:
        node.wait_launcher()
    return nodes


def status(node: Node) -> str:
    return node.get("/load-balancer/status")[2]


def test_a_session_started_through_one_node_shows_on_the_other(pair: tuple[Node, Node]) -> None:
    session = pair[0].session("start")
    line = f"   {session['pid']} - {USER} rsession\n"
    assert all(line in status(node) for node in pair)
    assert pair[0].get("/load-balancer/status")[2].splitlines()[0].startswith(f"{NET}.3:8787 - {NET}.3  Load: ")
    shown = json.loads(pair[1].admin("node-status").stdout)
    assert [(row["id"], len(row["sessions"])) for row in shown["nodes"]] == [(1, 1), (2, 0)]


def test_a_session_is_a_process_of_the_user_and_holds_a_lock(pair: tuple[Node, Node]) -> None:
    session = pair[0].session("start")
    assert os.stat(f"/proc/{session['pid']}").st_uid != 0
    assert pathlib.Path(f"/proc/{session['pid']}/comm").read_text() == "rsession\n"
    lock = pair[0].shared / f"data/sources/session-{session['id']}/lock_file"
    assert lock.read_text() == str(session["pid"])


def test_sessions_are_spread(pair: tuple[Node, Node]) -> None:
    assert [pair[0].session("start")["node"] for __ in range(4)] == [f"{NET}.2:8787", f"{NET}.3:8787"] * 2


def test_custom_balancer(pair: tuple[Node, Node], tmp_path: pathlib.Path) -> None:
    script = tmp_path / "balancer"
    script.write_text(f'#!/bin/sh\necho "$RSTUDIO_USERNAME $RSTUDIO_NODES" > {tmp_path}/seen\necho {NET}.3:8787\n')
    script.chmod(0o755)
    node = pair[0]
    node.stop()
    node.write("load-balancer", f"balancer=custom\nwww-host-name={NET}.2\n")
    node.write_options(server_balancer_path=str(script))
    node.start()
    node.wait_online()
    assert node.session("start")["node"] == f"{NET}.3:8787"
    assert (tmp_path / "seen").read_text() == f"{USER} {NET}.2:8787,{NET}.3:8787\n"
    script.write_text("#!/bin/sh\necho elsewhere:8787\n")
    done = node.run("fake-session", "start", USER, "--node", f"http://{NET}.2:8787")
    assert done.returncode == 1
    assert "answered 'elsewhere:8787', which is none of" in done.stderr


def test_joining_finds_the_running_session(pair: tuple[Node, Node]) -> None:
    started = pair[0].session("start")
    assert pair[1].session("join") == started


def test_stopping_a_node_moves_its_sessions_state(pair: tuple[Node, Node]) -> None:
    started = pair[0].session("start")
    assert started["node"] == f"{NET}.2:8787"
    pair[0].stop()
    assert not os.path.exists(f"/proc/{started['pid']}")
    joined = pair[1].session("join")
    assert (joined["id"], joined["node"]) == (started["id"], f"{NET}.3:8787")
    assert not list((pair[0].shared / "data/suspended-sessions").iterdir())


@pytest.mark.parametrize("command", ["suspend-session", "force-suspend-session", "suspend-all", "force-suspend-all"])
def test_suspending(pair: tuple[Node, Node], command: str) -> None:
    session = pair[0].session("start")
    arguments = [session["id"]] if command.endswith("session") else []
    done = pair[0].run("rstudio-server", command, *arguments)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: f" {USER} " not in status(pair[1]), lambda: status(pair[1]))
    assert (pair[0].shared / f"data/suspended-sessions/{session['id']}.json").exists()


def test_a_session_that_computes_suspends_when_it_is_done_or_is_forced(pair: tuple[Node, Node]) -> None:
    """A file `busy` in its data directory stands for the computation."""
    session = pair[0].session("start")
    busy = pair[0].shared / "data/busy"
    busy.touch()
    assert pair[0].run("rstudio-server", "suspend-all").returncode == 0
    time.sleep(1)
    assert f" {USER} " in status(pair[1])
    assert not (pair[0].shared / "data/suspended-sessions").exists()
    busy.unlink()
    wait_until(lambda: f" {USER} " not in status(pair[1]), lambda: status(pair[1]))
    assert pair[1].session("join")["id"] == session["id"]
    busy.touch()
    for node in pair:
        assert node.run("rstudio-server", "force-suspend-all").returncode == 0
    wait_until(lambda: f" {USER} " not in status(pair[1]), lambda: status(pair[1]))
    assert (pair[0].shared / f"data/suspended-sessions/{session['id']}.json").exists()


def test_killing_leaves_the_lock_and_no_state(pair: tuple[Node, Node]) -> None:
    session = pair[0].session("start")
    assert pair[0].run("rstudio-server", "kill-session", str(session["pid"])).returncode == 0
    wait_until(lambda: f" {USER} " not in status(pair[1]), lambda: status(pair[1]))
    assert (pair[0].shared / f"data/sources/session-{session['id']}/lock_file").exists()
    assert not (pair[0].shared / "data/suspended-sessions").exists()


def test_a_launcher_on_localhost_breaks_sessions_between_nodes(pair: tuple[Node, Node]) -> None:
    pair[1].stop("rstudio-launcher")
    pair[1].write_launcher("localhost")
    pair[1].start("rstudio-launcher")
    assert pair[0].session("start")["node"] == f"{NET}.2:8787"
    done = pair[0].run("fake-session", "start", USER, "--node", f"http://{NET}.2:8787")
    assert done.returncode == 1
    assert f"{NET}.3:5559 cannot be reached" in done.stderr


def test_a_session_that_does_not_start_says_why(pair: tuple[Node, Node]) -> None:
    done = pair[0].run("fake-session", "start", "nobody-here", "--node", f"http://{NET}.2:8787")
    assert done.returncode == 1
    assert "user nobody-here does not exist on this node" in done.stderr
    (pair[0].shared / "data").chmod(0o555)
    done = pair[0].run("fake-session", "start", USER, "--node", f"http://{NET}.2:8787")
    assert "did not start" in done.stderr
    assert "No locks available" in done.stderr


def test_a_peer_with_another_key_is_unreachable(pair: tuple[Node, Node]) -> None:
    """The key file is replaced under a running pair, as a careless rotation does."""
    pair[1].stop()
    pair[1].write("secure-cookie-key", "f" * 40, 0o600)
    pair[1].start()
    pair[1].wait_status("Invalid secure cookie key")
    assert f"{NET}.3:8787 - {NET}.3 (unreachable)  Load: 0, 0, 0\n" in status(pair[0])


def test_a_killed_node_is_unreachable_and_gets_no_session(pair: tuple[Node, Node]) -> None:
    pair[1].processes["rserver"].kill()
    pair[1].processes["rserver"].wait()
    assert f"{NET}.3:8787 - {NET}.3 (unreachable)  Load: 0, 0, 0\n" in status(pair[0])
    assert [pair[0].session("start")["node"] for __ in range(2)] == [f"{NET}.2:8787"] * 2


def test_an_offline_node_answers_503_shows_as_offline_and_gets_no_session(pair: tuple[Node, Node]) -> None:
    offline = pair[1]
    offline.stop()
    (offline.root / "var/lib/rstudio-server/offline").touch()
    offline.start()
    offline.wait_online()
    assert f"{NET}.3:8787 - {NET}.3 (offline)  Load: " in status(pair[0])
    assert [pair[0].session("start")["node"] for __ in range(2)] == [f"{NET}.2:8787"] * 2
    assert offline.get("/health-check")[0] == 503
    assert offline.get("/", "Accept: text/html\r\n")[0] == 503
    code, _head, body = offline.get("/", "Accept: application/json\r\n")
    assert (code, json.loads(body)["error"]["message"]) == (200, "server offline")


def test_pages(pair: tuple[Node, Node]) -> None:
    node = pair[0]
    code, head, _body = node.get("/")
    assert code == 302
    assert "Location: /auth-sign-in?appUri=%2F" in head
    assert "Location: /rsw/auth-sign-in?appUri=%2F" in node.get("/", "X-RStudio-Root-Path: /rsw\r\n")[1]
    assert [node.get(path)[0] for path in ("/auth-sign-in", "/unsupported_browser.htm", "/nothing")] == [200, 200, 404]
    assert node.get("/health-check")[0] == 404
    echo = json.loads(node.get("/fake/echo?a=1", "X-RStudio-Request: https://lb/fake/echo?a=1\r\n")[2])
    assert echo["headers"]["X-RStudio-Request"] == "https://lb/fake/echo?a=1"
    assert node.get("/load-balancer/node")[0] == 403


def test_health_check_and_its_template(make_node: Make) -> None:
    node = make_node(2)
    node.write_options(server_health_check_enabled="1")
    node.start()
    node.wait_online()
    code, _head, body = node.get("/health-check")
    assert code == 200
    assert [line.partition(":")[0] for line in body.splitlines()] == [
        "active-sessions",
        "idle-seconds",
        "cpu-percent",
        "memory-percent",
        "swap-percent",
        "load-average",
        "license-status",
        "license-days-left",
        "license-allow-product-usage",
    ]
    node.write("health-check-B64C900E", "sessions #active-sessions#, licence #license-status#\n")
    assert node.get("/health-check-B64C900E")[2] == "sessions 0, licence Evaluation\n"
    assert node.get("/health-check")[0] == 404


def test_websocket_echo(pair: tuple[Node, Node]) -> None:
    with socket.create_connection((pair[0].address, 8787), timeout=10) as link:
        link.sendall(
            b"GET /fake/echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        stream = link.makefile("rb")
        head = b"".join(iter(stream.readline, b"\r\n")).decode()
        assert head.startswith("HTTP/1.1 101")
        assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        link.sendall(bytes([0x81, 0x82, 1, 2, 3, 4, ord("h") ^ 1, ord("i") ^ 2]))
        assert stream.read(4) == b"\x81\x02hi"


def test_launcher_port(pair: tuple[Node, Node]) -> None:
    code, _head, body = pair[0].get("/status", port=5559)
    assert (code, json.loads(body)["status"]) == (200, "Green")
    assert pair[0].get("/jobs", port=5559)[0] == 401


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("launcher.conf", "", r"exactly one \[server\] section"),
        ("launcher.local.conf", "scratch=/x\n", "The following options were unrecognized"),
        ("secure-cookie-key", "short", "not strong enough"),
    ],
)
def test_the_launcher_refuses_to_start(make_node: Make, name: str, text: str, words: str) -> None:
    node = make_node(2)
    node.write(name, text)
    assert re.search(words, node.refusal("rstudio-launcher"))


def started_with(node: Node, balancer: str, **options: str) -> None:
    node.stop()
    node.write("load-balancer", f"{balancer}www-host-name={node.address}\n")
    node.write_options(**options)
    node.start()
    node.wait_online()


def test_system_load_takes_the_node_with_the_least(pair: tuple[Node, Node]) -> None:
    started_with(pair[0], "balancer=system-load\n")
    for least, loads in ((2, ("0.1", "0.9")), (3, ("0.9", "0.1"))):
        for node, load in zip(pair, loads):
            (node.root / "etc/default/rstudio-server").write_text(f"FAKE_WORKBENCH_LOAD=0.5 {load} 0.5\n")
        assert {pair[0].session("start")["node"] for __ in range(2)} == {f"{NET}.{least}:8787"}


def test_a_custom_balancer_runs_as_the_server(pair: tuple[Node, Node], tmp_path: pathlib.Path) -> None:
    script = tmp_path / "balancer"
    script.write_text(f"#!/bin/sh\nid -un > {tmp_path}/who\necho {NET}.3:8787\n")
    script.chmod(0o755)
    tmp_path.chmod(0o777)
    for parent in list(tmp_path.parents)[:-2]:
        parent.chmod(0o755)
    started_with(pair[0], "balancer=custom\n", server_balancer_path=str(script), server_user=USER)
    pair[0].session("start")
    assert (tmp_path / "who").read_text() == f"{USER}\n"


def test_diagnostics_are_written_from_the_next_start_on(pair: tuple[Node, Node]) -> None:
    place = pair[0].root / "tmp/rstudio-load-balancer-diagnostics"
    started_with(pair[0], "balancer=user-hash\ndiagnostics=tmp\n")
    node = pair[0].session("start")["node"]
    assert f"{USER}: {node} by user-hash" in place.read_text()


def test_without_launcher_balancing_launchers_meet_in_the_scratch_path(make_node: Make) -> None:
    nodes = make_node(2), make_node(3)
    for node in nodes:
        node.write("load-balancer", f"www-host-name={node.address}\nlauncher-balancing-enabled=0\n")
        node.start()
        node.wait_online()
        node.start("rstudio-launcher")
        node.wait_launcher()
    assert nodes[0].session("start")["node"] == f"{NET}.2:8787"
    done = nodes[0].run("fake-session", "start", USER, "--node", f"http://{NET}.2:8787")
    assert "the scratch-path is not shared" in done.stderr
    (nodes[0].shared / "Local").mkdir()
    for node in nodes:
        node.stop("rstudio-launcher")
        node.write("launcher.local.conf", f"scratch-path={node.shared}/Local\n")
        node.start("rstudio-launcher")
        node.wait_launcher()
    assert nodes[0].session("start")["node"] == f"{NET}.3:8787"


def test_a_launcher_with_tls_wants_its_certificate(make_node: Make) -> None:
    node = make_node(2)
    launcher = (node.config / "launcher.conf").read_text()
    node.write("launcher.conf", launcher.replace("[server]\n", "[server]\nenable-ssl=1\n"))
    assert "enable-ssl=1 in launcher.conf needs certificate-file" in node.refusal("rstudio-launcher")


def test_a_launcher_refuses_profiles_without_a_section(make_node: Make) -> None:
    node = make_node(2)
    launcher = (node.config / "launcher.conf").read_text()
    node.write("launcher.conf", f"{launcher}[cluster]\nname=Kubernetes\ntype=Kubernetes\n")
    node.write("launcher.kubernetes.profiles.conf", "default-cpus=1\n[*]\n")
    assert "invalid line 'default-cpus=1'" in node.refusal("rstudio-launcher")
