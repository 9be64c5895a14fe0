# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node answers over HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import typing as t
import urllib.parse

from fake_workbench import balancing, cluster, endpoint, licence, log, node, pam, paths, peers, release

LOG = log.Log("rserver")
WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Web(endpoint.Handler):
    node: node.RunningNode

    def do_GET(self) -> None:
        self.read_body()
        path = urllib.parse.urlsplit(self.path).path
        if path == "/load-balancer/node" and self.node.status == "online":
            if self._from_peer():
                self.answer_json(self.node.own_state())
        elif self.node.offline or self.node.status != "online":
            self._answer_offline()
        elif path == "/":
            root = self.headers.get("X-RStudio-Root-Path") or self.node.config.text("www-root-path")
            self.answer(302, Location=root.rstrip("/") + "/auth-sign-in?appUri=%2F")
        elif path == "/auth-sign-in":
            self.answer(200, "<!DOCTYPE html><title>Posit Workbench Sign In</title>\n", "text/html")
        elif path == "/unsupported_browser.htm":
            self.answer(200, "<!DOCTYPE html><title>Unsupported browser</title>\n", "text/html")
        elif path == "/load-balancer/status" and self.node.config.load_balancing:
            self._answer_status()
        elif path == "/fake/echo":
            self._echo()
        elif path == health_check_path() and self.node.config.flag("server-health-check-enabled"):
            self.answer(200, health_check())
        else:
            self.answer(404, "Not Found\n")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self.read_body()
        if self.node.status != "online":
            self._answer_offline()
        elif not self._from_peer():
            return
        elif self.path == "/load-balancer/event":
            LOG("INFO", "Node {node} {event}".format(**self.content()))
            self.answer_json({})
        elif self.path == "/fake/sessions":
            self._start_session()
        else:
            self.answer(404, "Not Found\n")

    def _from_peer(self) -> bool:
        if self.is_signed(self.node.key):
            return True
        LOG("ERROR", f"A request from {self.client_address[0]} is not signed with this cluster's secure-cookie-key")
        self.answer(403, "the request is not signed with this cluster's secure-cookie-key\n")
        return False

    def _answer_offline(self) -> None:
        """Decided by the Accept header."""
        accepted = self.headers.get("Accept", "")
        if "application/json" in accepted:
            self.answer_json({"error": {"code": 5, "message": "server offline"}})
        elif "text/html" in accepted:
            self.answer(503, "<!DOCTYPE html><title>Offline</title>\n", "text/html", Cache_Control="no-cache")
        else:
            self.answer(503)

    def _answer_status(self) -> None:
        nodes = self.node.nodes()
        if may_see_status(self.client_address[0], nodes):
            self.answer(200, format_status(self.node.states(nodes), not release.current().nodes_in_database))
        else:
            self.answer(403, "Forbidden\n")

    def _start_session(self) -> None:
        wanted = self.content()
        settings = self.node.config
        try:
            if settings.flag("auth-pam-sessions-enabled"):
                pam.open_session(settings.text("auth-pam-sessions-profile") or "su", wanted["user"])
            self.answer_json(self.node.start_session(wanted["user"], wanted["resume"]))
        except (balancing.BalanceError, peers.PeerError, pam.PamError) as error:
            LOG("ERROR", f"No session for {wanted['user']}: {error}")
            self.answer(502, f"{error}\n")

    def _echo(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._websocket()
            return
        names = (
            "X-RStudio-Request",
            "X-RStudio-Root-Path",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-Forwarded-Port",
        )
        seen = {name: self.headers[name] for name in (*names, "Forwarded", "Host") if name in self.headers}
        self.answer_json({"path": self.path, "node": f"{self.node.host}:{self.node.port}", "headers": seen})

    def _websocket(self) -> None:
        """Complete the handshake and send every frame back until the client closes."""
        key = self.headers.get("Sec-WebSocket-Key", "") + WEBSOCKET
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.flush()
            head = self.rfile.read(2)
            if len(head) < 2 or head[1] & 0x7F > 125:
                return
            mask, data = self.rfile.read(4), self.rfile.read(head[1] & 0x7F)
            plain = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
            self.wfile.write(bytes([head[0], len(plain)]) + plain)
            if head[0] & 0x0F == 8:
                return


class Redirect(endpoint.Handler):
    """What port 80 answers where SSL is on 443 (`ssl-redirect-http`)."""

    def do_GET(self) -> None:
        self.read_body()
        host = self.headers.get("Host", "").partition(":")[0]
        self.answer(301, Location=f"https://{host}{self.path}")

    do_HEAD = do_POST = do_GET


def may_see_status(client: str, nodes: t.Iterable[cluster.Node]) -> bool:
    return client.startswith("127.") or client in [node.ipv4 for node in nodes if node.ipv4]


def format_status(states: t.Iterable[node.State], old: bool = False) -> str:
    """The text of /load-balancer/status in the grammar of 2023.12, or the one of releases that list nodes in a file."""
    blocks = []
    for state in states:
        flag = f" ({state.flag})" if state.flag else ""
        load = ", ".join(f"{value:.2g}" for value in state.load)
        ipv4 = "" if old else f" - {state.node.ipv4}"
        lines = [f"{state.node.host}:{state.node.port}{ipv4}{flag}  Load: {load}"]
        lines += [
            f"   {session.pid} - {session.user}{'' if old else f' {session.process}'}" for session in state.sessions
        ]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def health_check_path() -> str:
    name = _template_name()
    return "/" + (name or "health-check")


def health_check() -> str:
    name = _template_name()
    values = _health()
    if not name:
        return "".join(f"{key}: {value}\n" for key, value in values.items())
    text = paths.read_text(paths.config_file(name))
    for key, value in values.items():
        text = text.replace(f"#{key}#", value)
    return text


def _template_name() -> str:
    directory = os.path.dirname(paths.config_file("rserver.conf"))
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    return next((name for name in names if name.startswith("health-check")), "")


def _health() -> dict[str, str]:
    from fake_workbench import sessions

    memory = {
        name: int(value.split()[0])
        for name, __, value in (line.partition(":") for line in paths.read_text("/proc/meminfo").splitlines())
    }
    used = 1 - memory["MemAvailable"] / memory["MemTotal"]
    swap = 1 - memory["SwapFree"] / memory["SwapTotal"] if memory.get("SwapTotal") else 0.0
    load = os.getloadavg()[0]
    current = licence.status()
    return {
        "active-sessions": str(len(sessions.running())),
        "idle-seconds": "0",
        "cpu-percent": f"{min(load / (os.cpu_count() or 1), 1) * 100:.1f}",
        "memory-percent": f"{used * 100:.1f}",
        "swap-percent": f"{swap * 100:.1f}",
        "load-average": f"{load:.2f}",
        "license-status": current["Status"],
        "license-days-left": current.get("Days-Left", "0"),
        "license-allow-product-usage": "true",
    }


def node_status(states: t.Iterable[node.State]) -> str:
    """The JSON of `node-status`: each online node and its sessions; the names of the members are ours."""
    nodes = [
        {
            "id": state.node.id,
            "host": state.node.host,
            "port": state.node.port,
            "status": state.node.status,
            "sessions": [session._asdict() for session in state.sessions],
        }
        for state in states
        if state.flag != "unreachable"
    ]
    return json.dumps({"nodes": nodes}, indent=4)
