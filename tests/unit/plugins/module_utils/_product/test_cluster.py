# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded and documented outputs of the product."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import subprocess
import threading
import typing as t
from http.client import BadStatusLine
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import (
    fetched,
    own_addresses,
    own_url,
    parse_nodes,
    parse_status,
    read_cluster,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Cluster

LIST_NODES = """\
Cluster
-------
Protocol
Http

Nodes
-----
ID  Host           IPv4        Port  Status  Last Seen
1   ip-10-2-1-113  10.2.1.113  8787  Online  2024-Jan-05 16:49:17
2   ip-10-2-2-105  10.2.2.105  8787  Online  2024-Jan-05 16:50:58
"""
TROUBLE = """\
Cluster
-------
Protocol
Https no verify

Nodes
-----
ID  Host  IPv4      Port  Status                     Last Seen
10  n1    10.0.0.1  443   Online                     2024-Jan-05 16:49:17
2   nx              443   Failed to resolve          2024-Jan-05 16:50:58
3   n3    10.0.0.3  443   Invalid secure cookie key
"""
EMPTY = "Cluster\n-------\nProtocol\n\n\nNodes\n-----\nID  Host  IPv4  Port  Status  Last Seen\n"

STATUS = """\
ip-10-2-2-105:8787 - 10.2.2.105  Load: 0.072, 0.024, 0.0034
   1553 - user1 rworkspaces
   1568 - user1 rsession

ip-10-2-1-113:8787 - 10.2.1.113  Load: 0, 1, 1e-05
"""
OLD_STATUS = """\
192.168.55.101:8787  Load: 0.45, 0.66, 0.32
   1000 - jdoe

192.168.55.103:8787 (unreachable)  Load: 0, 0, 0
n4:8787 - 10.0.0.4 (offline)  Load: 0.1, 0.1, 0.1
"""


def test_recorded_nodes() -> None:
    protocol, nodes = parse_nodes(LIST_NODES)
    assert protocol == "Http"
    assert nodes[1] == {
        "id": 2,
        "host": "ip-10-2-2-105",
        "ipv4": "10.2.2.105",
        "port": 8787,
        "status": "Online",
        "last_seen": "2024-Jan-05 16:50:58",
    }


def test_empty_address_and_status_with_blanks() -> None:
    protocol, nodes = parse_nodes(TROUBLE)
    assert protocol == "Https no verify"
    assert [(n["id"], n["ipv4"], n["status"], n["last_seen"]) for n in nodes] == [
        (10, "10.0.0.1", "Online", "2024-Jan-05 16:49:17"),
        (2, "", "Failed to resolve", "2024-Jan-05 16:50:58"),
        (3, "10.0.0.3", "Invalid secure cookie key", ""),
    ]


def test_column_of_a_later_release_is_kept() -> None:
    text = "ID  Host  IPv4  Port  Status  Last Seen  Health\n1   n1    1.1.1.1  80  Online  now  Good\n"
    wide = text.replace("1.1.1.1  80  Online  now  Good", "9     80    Online  now        Good")
    assert parse_nodes(wide)[1][0].get("health") == "Good"


def test_cluster_without_nodes() -> None:
    assert parse_nodes(EMPTY) == ("", [])


@pytest.mark.parametrize("text", ["", "Load balancing is not enabled\n"])
def test_answer_without_a_table(text: str) -> None:
    with pytest.raises(Failure, match="without a table of nodes"):
        parse_nodes(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("ID  Host  IPv4\n1   wb1   10.0.0.1\n", "without port, status: ID Host", id="no_column"),
        pytest.param(EMPTY + "1   wb1   10.0.0.1    Online  never\n", "a row nobody knows: 1   wb1", id="no_port"),
    ],
)
def test_table_of_another_release_is_said_to_be_one(text: str, words: str) -> None:
    with pytest.raises(Failure, match=words):
        parse_nodes(text)


def test_columns_that_only_inform_may_be_missing() -> None:
    assert parse_nodes("ID  Host  Port  Status\n1   wb1   8787  Online\n")[1] == [
        {"id": 1, "host": "wb1", "ipv4": "", "port": 8787, "status": "Online", "last_seen": ""}
    ]


def test_recorded_status() -> None:
    nodes = parse_status(STATUS)
    assert nodes[0] == {
        "host": "ip-10-2-2-105",
        "port": 8787,
        "ipv4": "10.2.2.105",
        "flag": None,
        "load": [0.072, 0.024, 0.0034],
        "sessions": [
            {"pid": 1553, "user": "user1", "process": "rworkspaces"},
            {"pid": 1568, "user": "user1", "process": "rsession"},
        ],
    }
    assert nodes[1]["load"] == [0, 1, 1e-05]


def test_status_of_old_releases() -> None:
    nodes = parse_status(OLD_STATUS)
    assert [(n["host"], n["ipv4"], n["flag"]) for n in nodes] == [
        ("192.168.55.101", None, None),
        ("192.168.55.103", None, "unreachable"),
        ("n4", "10.0.0.4", "offline"),
    ]
    assert nodes[0]["sessions"] == [{"pid": 1000, "user": "jdoe", "process": None}]


def test_unknown_line_is_an_error_that_shows_it() -> None:
    with pytest.raises(Failure, match="<html>"):
        parse_status("<html>\n")


class Host:
    """A host whose commands answer from a table: `rc, stdout` by command."""

    def __init__(self, **answers: tuple[int, str]) -> None:
        self.answers = {
            "version": (0, "2026.04.0+526.pro2 Workbench (Some Name) for Debian 12\n"),
            "list-nodes": (0, LIST_NODES),
            "node-status": (0, '{"nodes": []}'),
            "show": (0, "ActiveState=active\n"),
            "-json": (0, json.dumps(LINKS)),
            **answers,
        }

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        rc, text = self.answers.get(argv[1], (127, "command not found"))
        if argv[1] == "show":
            text = "\n".join([text] * len(argv[4:]))  # of each unit
        return (rc, text, "") if rc == 0 else (rc, "", text)

    def read(
        self,
        folder: Path,
        status: str | Exception = STATUS,
        rserver: str = "launcher-sessions-enabled=1\n",
        url: str | None = None,
    ) -> Cluster:
        def fetch(asked: str) -> str:
            assert asked == f"{(url or 'http://localhost:8787').rstrip('/')}/load-balancer/status"
            if isinstance(status, Exception):
                raise status
            return status

        (folder / "rserver.conf").write_text(rserver)
        return read_cluster(self.run, fetch, url, str(folder))


LINKS = [
    {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "scope": "host"}]},
    {
        "ifname": "eth0",
        "addr_info": [
            {"family": "inet", "local": "10.2.1.113", "scope": "global"},
            {"family": "inet6", "local": "fd00::113", "scope": "global"},
            {"family": "inet6", "local": "fe80::1", "scope": "link"},
        ],
    },
    {"ifname": "wg0"},
]


def test_whole_report(tmp_path: Path) -> None:
    (tmp_path / "load-balancer").write_text("[config]\nwww-host-name = wb1.example.com:8787\n")
    cluster = Host().read(tmp_path)
    assert cluster["errors"] == []
    assert (cluster["hostname"], cluster["www_host_name"]) == (socket.gethostname(), "wb1.example.com:8787")
    assert cluster["addresses"] == ["10.2.1.113", "fd00::113"]
    assert (cluster["installed"], cluster["version"], cluster["protocol"]) == (True, "2026.04.0+526.pro2", "Http")
    assert cluster["services"] == {"rstudio-server": "active", "rstudio-launcher": "active"}
    assert (len(cluster["nodes"]), len(cluster["status"]), cluster["node_status"]) == (2, 2, {"nodes": []})


def test_nodes_that_are_not_asked_for_start_no_program(tmp_path: Path) -> None:
    host = Host()
    asked: list[str] = []

    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        asked.append(" ".join(argv[:2]))
        return host.run(argv)

    cluster = read_cluster(run, lambda url: STATUS, None, str(tmp_path), nodes=False)
    assert asked == ["rstudio-server version", "systemctl show"]
    assert (cluster["nodes"], cluster["node_status"], cluster["addresses"], cluster["errors"]) == ([], None, [], [])
    assert (cluster["version"], len(cluster["status"])) == ("2026.04.0+526.pro2", 2)


@pytest.mark.parametrize("asked", [True, False])
def test_node_status_starts_a_program_only_where_it_is_asked_for(tmp_path: Path, asked: bool) -> None:
    host = Host()
    host.answers["node-status"] = (0, '{"nodes": []}') if asked else (1, "it was asked")
    cluster = read_cluster(host.run, lambda url: STATUS, None, str(tmp_path), node_status=asked)
    assert (cluster["node_status"], cluster["errors"]) == ({"nodes": []} if asked else None, [])
    assert (len(cluster["nodes"]), len(cluster["status"])) == (2, 2)


def test_bare_host(tmp_path: Path) -> None:
    host = Host(version=(127, "rstudio-server: command not found"), show=(0, "ActiveState=inactive\n"))
    cluster = read_cluster(host.run, lambda url: "", None, str(tmp_path))
    assert (cluster["installed"], cluster["version"], cluster["nodes"], cluster["errors"]) == (False, None, [], [])
    assert (cluster["services"], cluster["www_host_name"]) == ({"rstudio-server": "inactive"}, None)


@pytest.mark.parametrize(
    ("rserver", "units"),
    [
        ("launcher-sessions-enabled=1\n", ["rstudio-server", "rstudio-launcher"]),
        ("launcher-sessions-enabled=0\n", ["rstudio-server"]),
        ("", ["rstudio-server"]),
    ],
)
def test_launcher_is_asked_for_where_it_is_used(rserver: str, units: list[str], tmp_path: Path) -> None:
    assert list(Host().read(tmp_path, rserver=rserver)["services"]) == units


@pytest.mark.parametrize(
    ("rserver", "url"),
    [
        ("", "http://localhost:8787"),
        ("www-port=\n", "http://localhost:8787"),
        ("www-port=8080 # ours\nwww-address=0.0.0.0\n", "http://localhost:8080"),
        ("ssl-enabled=1\n", "https://localhost:443"),
        ("ssl-enabled=1\nwww-port=8443\n", "https://localhost:8443"),
        ("www-address=10.0.0.11\n", "http://10.0.0.11:8787"),
        ("www-address=fd00::11\n", "http://[fd00::11]:8787"),
        ("www-address=::\n", "http://localhost:8787"),
    ],
)
def test_a_node_answers_where_its_rserver_conf_says(rserver: str, url: str) -> None:
    assert own_url(parse_boost(rserver)) == url


@pytest.mark.parametrize("port", ["87x", "0", "65536", "-1"])
def test_what_is_no_port_is_not_asked(port: str, tmp_path: Path) -> None:
    cluster = Host().read(tmp_path, AssertionError("asked"), rserver=f"www-port={port}\n")
    assert cluster["status"] == []
    assert cluster["errors"] == [f"/load-balancer/status was not asked: www-port={port} in rserver.conf is no port"]


def test_given_url_wins(tmp_path: Path) -> None:
    cluster = Host().read(tmp_path, rserver="www-port=8080\n", url="https://wb1.example.com/")
    assert (len(cluster["status"]), cluster["errors"]) == (2, [])


@pytest.mark.parametrize(
    ("answers", "addresses"),
    [
        ({"-json": (0, json.dumps(LINKS))}, ["10.2.1.113", "fd00::113"]),
        ({"-json": (0, "2: eth0 inet"), "-I": (0, "10.2.1.113 fd00::113 \n")}, ["10.2.1.113", "fd00::113"]),
        ({"-json": (127, "no ip"), "-I": (0, "10.2.1.113\n")}, ["10.2.1.113"]),
        ({"-json": (127, "no ip")}, []),
    ],
)
def test_addresses_are_those_of_the_tool_that_is_there(
    answers: dict[str, tuple[int, str]], addresses: list[str]
) -> None:
    assert own_addresses(Host(**answers).run) == addresses


@pytest.mark.parametrize(
    ("answers", "status", "empty", "words"),
    [
        ({"version": (1, "broken")}, STATUS, "version", "rstudio-server version failed: broken"),
        ({"list-nodes": (1, "no database")}, STATUS, "nodes", "rstudio-server list-nodes failed: no database"),
        ({"node-status": (1, "no answer")}, STATUS, "node_status", "rstudio-server node-status failed: no answer"),
        ({"node-status": (0, "<html>")}, STATUS, "node_status", "node-status answered no JSON"),
        (
            {},
            ConnectionRefusedError("refused"),
            "status",
            "http://localhost:8787/load-balancer/status cannot be read: refused",
        ),
        ({}, BadStatusLine("no HTTP"), "status", "cannot be read: no HTTP"),
        ({}, "<html>", "status", "a line nobody knows: <html>"),
    ],
)
def test_what_cannot_be_had_is_a_sentence(
    answers: dict[str, tuple[int, str]], status: t.Any, empty: str, words: str, tmp_path: Path
) -> None:
    cluster = Host(**answers).read(tmp_path, status)
    assert not dict(cluster)[empty]
    assert len(cluster["errors"]) == 1
    assert words in cluster["errors"][0]


def test_stopped_service_is_not_asked(tmp_path: Path) -> None:
    cluster = Host(show=(0, "ActiveState=inactive\n")).read(tmp_path, ConnectionRefusedError("must not be asked"))
    assert (cluster["status"], cluster["node_status"], cluster["errors"]) == ([], None, [])


def test_a_page_that_does_not_answer_as_the_files_say_has_the_cluster_tell_its_protocol(tmp_path: Path) -> None:
    """A run that was cut off leaves files of another protocol than the server runs with."""
    (tmp_path / "rserver.conf").write_text("ssl-enabled=1\n")

    def refuse(url: str) -> str:
        raise ConnectionRefusedError("refused")

    found = read_cluster(Host().run, refuse, None, str(tmp_path), nodes=False)
    assert (found["protocol"], found["nodes"]) == ("Http", [])
    assert read_cluster(Host().run, lambda _url: STATUS, None, str(tmp_path), nodes=False)["protocol"] is None


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/load-balancer/status" else 404)
        self.end_headers()
        self.wfile.write(b"Load: \xff")

    def log_message(self, *__: t.Any) -> None:
        """Nothing."""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_node_asks_itself_whatever_its_certificate_and_proxy_are(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:1")
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        if scheme == "https":
            server.socket = _secured(server.socket, tmp_path)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"{scheme}://127.0.0.1:{server.server_port}"
        assert fetched(f"{url}/load-balancer/status", 5) == "Load: \ufffd"
        with pytest.raises(OSError, match="404"):
            fetched(f"{url}/other", 5)
        server.shutdown()


def _secured(plain: socket.socket, folder: Path) -> ssl.SSLSocket:
    """With a certificate that nobody signed and that names another host."""
    files = ["-keyout", f"{folder}/key", "-out", f"{folder}/cert"]
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=other.example.com"]
    subprocess.run([*new, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/cert", f"{folder}/key")
    return context.wrap_socket(plain, server_side=True)


def test_a_release_that_lists_no_nodes_tells_those_of_its_page(tmp_path: Path) -> None:
    page = "10.0.0.2:8787 (unreachable)  Load: 0, 0, 0\n\n10.0.0.1:8787  Load: 0.1, 0, 0\n   12 - ada\n"
    usage = (2, "Usage: rstudio-server {start|stop}")
    old = {"version": (0, "1.4.1717-3\n"), "list-nodes": usage, "node-status": usage}
    cluster = Host(**old).read(tmp_path, page)
    assert [(node["id"], node["host"], node["status"]) for node in cluster["nodes"]] == [
        (1, "10.0.0.1", "Online"),
        (2, "10.0.0.2", "Unreachable"),
    ]
    assert (cluster["errors"], cluster["node_status"], cluster["protocol"]) == ([], None, None)
