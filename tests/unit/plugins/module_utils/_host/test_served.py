# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a front end serves, asked of a real server."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import served
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ServedReport

COOKIE = "workbench_node"
STATES = {"systemctl": "active\n", "ip": "2: eth0    inet 10.0.0.7/24 scope global eth0\n"}


def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    if argv[0] in STATES:
        return 0, STATES[argv[0]], ""
    done = subprocess.run(argv, input=data, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Front(http.server.BaseHTTPRequestHandler):
    """Gives a cookie to who has none, and what `answers` says, then the last of it again and again."""

    answers: t.ClassVar[list[int]] = [200]
    forgets = False

    def do_GET(self) -> None:
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status if self.path == "/health-check" else 404)
        if self.forgets or COOKIE not in (self.headers["Cookie"] or ""):
            self.send_header("Set-Cookie", f"{COOKIE}=.wb1; Path=/; HttpOnly")
        self.end_headers()

    def log_message(self, *_words: t.Any) -> None:
        pass


@pytest.fixture
def front() -> t.Iterator[http.server.ThreadingHTTPServer]:
    handler = type("Handler", (Front,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def asked(port: int, **more: t.Any) -> ServedReport:
    question = {
        "files": ["/none"],
        "unit": "workbench-proxy",
        "addresses": ["127.0.0.1"],
        "virtual": "",
        "port": port,
        "tls": False,
        "names": ["workbench.example.com"],
        "page": "/health-check",
        "cookie": COOKIE,
        "check": "/health-check",
        "nodes_tls": False,
    }
    return served.read_served(run, {**question, **more})


def test_every_browser_is_counted_and_one_comes_back(front: http.server.ThreadingHTTPServer) -> None:
    handler: t.Any = front.RequestHandlerClass
    handler.answers = [200, 503, 200]
    found = asked(front.server_port)["served"]["127.0.0.1"]
    assert found == {"answers": ["200", "503", "200", "200"], "kept": True, "certificate": None}


def test_a_cookie_that_is_replaced_is_not_kept(front: http.server.ThreadingHTTPServer) -> None:
    handler: t.Any = front.RequestHandlerClass
    handler.forgets = True
    assert asked(front.server_port)["served"]["127.0.0.1"]["kept"] is False
    assert asked(front.server_port, cookie="another")["served"]["127.0.0.1"]["kept"] is None


def test_nobody_there_is_an_answer_too() -> None:
    found = asked(1)["served"]["127.0.0.1"]
    assert (set(found["answers"]), found["kept"], found["certificate"]) == ({"refused"}, None, None)


def test_the_certificate_is_the_one_that_is_shown(front: http.server.ThreadingHTTPServer, tmp_path: Path) -> None:
    new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=other.example.com"]
    subprocess.run(
        ["openssl", *new, "-keyout", tmp_path / "key", "-out", tmp_path / "crt"], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    front.socket = context.wrap_socket(front.socket, server_side=True)
    found = asked(front.server_port, tls=True)["served"]["127.0.0.1"]
    assert set(found["answers"]) == {"200"}
    assert found["certificate"]
    assert found["certificate"]["names"] == ["other.example.com"]


def test_nodes_of_the_file_are_asked_whether_they_are_well(
    front: http.server.ThreadingHTTPServer, tmp_path: Path
) -> None:
    file = tmp_path / "haproxy.cfg"
    file.write_text(f"  server wb1 127.0.0.1:{front.server_port} cookie wb1\n  server wb2 [::1]:1 backup\n")
    report = asked(front.server_port, files=["/none", str(file)])
    assert report["places"] == {
        f"127.0.0.1:{front.server_port}": {"standby": False, "answer": "200"},
        "[::1]:1": {"standby": True, "answer": report["places"]["[::1]:1"]["answer"]},
    }
    assert not report["places"]["[::1]:1"]["answer"].isdigit()


@pytest.mark.parametrize(("virtual", "holds"), [("10.0.0.7", True), ("10.0.0.70", False), ("", False)])
def test_who_has_the_virtual_address_is_told(virtual: str, holds: bool) -> None:
    report = asked(1, virtual=virtual, addresses=[])
    assert (report["holds"], report["state"]) == (holds, "active")
    assert list(report["served"]) == [virtual] * bool(virtual)
