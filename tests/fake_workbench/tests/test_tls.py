# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: what a node serves, refuses, and asks of others. Facts: Admin Guide, Secure Sockets (SSL), and Load Balancing."""

from __future__ import annotations

import pathlib
import socket
import ssl
import subprocess
import typing as t

import pytest
from harness import NET, Node

Make = t.Callable[..., Node]
PORT = "8443"


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def certificate(directory: pathlib.Path, name: str, *addresses: str) -> tuple[str, str]:
    """A certificate by itself, which whoever trusts it takes for these addresses, and its key."""
    crt, key = directory / f"{name}.crt", directory / f"{name}.key"
    names = ",".join(f"IP:{address}" for address in addresses)
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", crt, "-subj", f"/CN={name}")
    openssl(*made, "-days", "9", "-addext", f"subjectAltName={names}")
    key.chmod(0o600)
    return str(crt), str(key)


def secure(node: Node, crt: str, key: str, trusted: str | None = None, **options: str) -> None:
    """A node that speaks https and trusts a certificate, its own if no other is named."""
    node.write_options(ssl_enabled="1", ssl_certificate=crt, ssl_certificate_key=key, www_port=PORT, **options)
    node.environment["SSL_CERT_FILE"] = trusted or crt


def get(node: Node, path: str, context: ssl.SSLContext) -> str:
    link = socket.create_connection((node.address, int(PORT)), timeout=10)
    with context.wrap_socket(link, server_hostname=node.address) as secured:
        secured.sendall(f"GET {path} HTTP/1.1\r\nHost: {node.address}\r\n\r\n".encode())
        return secured.makefile("rb").read().decode()


def test_a_node_answers_by_https_with_its_certificate(make_node: Make, tmp_path: pathlib.Path) -> None:
    node = make_node(1)
    crt, key = certificate(tmp_path, "n1", node.address)
    secure(node, crt, key)
    node.start()
    node.wait_online()
    answer = get(node, "/auth-sign-in", ssl.create_default_context(cafile=crt))
    assert "Sign In" in answer
    assert "Strict-Transport-Security: max-age=86400" in answer
    assert node.rows()[0]["Port"] == PORT


def test_ssl_protocols_are_the_ones_that_are_spoken(make_node: Make, tmp_path: pathlib.Path) -> None:
    node = make_node(1)
    crt, key = certificate(tmp_path, "n1", node.address)
    secure(node, crt, key, ssl_protocols="TLSv1.3", ssl_hsts="0")
    node.start()
    node.wait_online()
    older = ssl.create_default_context(cafile=crt)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        get(node, "/auth-sign-in", older)
    assert "Strict-Transport-Security" not in get(node, "/auth-sign-in", ssl.create_default_context(cafile=crt))


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"ssl_certificate": ""}, "no certificate is specified"),
        ({"ssl_certificate_key": ""}, "Unable to use the certificate"),
        ({"ssl_certificate_key": "/nonexistent"}, "Unable to use the certificate"),
    ],
)
def test_no_half_of_a_certificate_will_do(
    make_node: Make, tmp_path: pathlib.Path, spoilt: dict[str, str], words: str
) -> None:
    node = make_node(1)
    secure(node, *certificate(tmp_path, "n1", node.address))
    node.write_options(**spoilt)
    assert words in node.refusal()


def test_a_key_of_another_certificate_refuses_to_start(make_node: Make, tmp_path: pathlib.Path) -> None:
    node = make_node(1)
    crt, _key = certificate(tmp_path, "n1", node.address)
    _crt, key = certificate(tmp_path, "other", node.address)
    secure(node, crt, key)
    assert "Unable to use the certificate" in node.refusal()


def test_a_launcher_without_its_certificate_refuses_to_start(make_node: Make) -> None:
    node = make_node(1)
    text = f"[server]\naddress={node.address}\nserver-user=root\nenable-ssl=1\n[cluster]\nname=Local\ntype=Local\n"
    node.write("launcher.conf", text)
    assert "enable-ssl=1 in launcher.conf needs certificate-file" in node.refusal("rstudio-launcher")


@pytest.mark.parametrize(
    ("named", "verify", "reached"),
    [((f"{NET}.1", f"{NET}.2"), "1", True), ((f"{NET}.1",), "1", False), ((f"{NET}.1",), "0", True)],
    ids=["named by its certificate", "not named by it", "not named, and not verified"],
)
def test_a_node_takes_another_for_what_its_certificate_names(
    make_node: Make, tmp_path: pathlib.Path, named: tuple[str, ...], verify: str, reached: bool
) -> None:
    first, second = make_node(1), make_node(2)
    crt, key = certificate(tmp_path, "all", *named)
    for node in (first, second):
        secure(node, crt, key)
        balancer = f"balancer=sessions\nwww-host-name={node.address}\ntimeout=3\nverify-ssl-certs={verify}\n"
        node.write("load-balancer", balancer)
        node.start()
        node.wait_online()
    trusting = ssl.create_default_context(cafile=crt)
    lines = get(first, "/load-balancer/status", trusting).splitlines()
    (line,) = [line for line in lines if line.startswith(f"{second.address}:{PORT}")]
    assert ("(unreachable)" not in line) is reached
