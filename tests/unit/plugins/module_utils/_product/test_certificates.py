# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates a node serves, and what stands in them."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product import certificates as product_certificates

SERVER_TLS = {"rserver.conf": {"ssl-enabled": ["1"], "ssl-certificate": ["/a.pem"]}}
LAUNCHER_TLS = {"launcher.conf": {"server.enable-ssl": ["1"], "server.certificate-file": ["/b.pem"]}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, []),
        (SERVER_TLS, [("rserver.conf", "/a.pem")]),
        ({"rserver.conf": {"ssl-enabled": ["0"], "ssl-certificate": ["/a.pem"]}}, []),
        ({"rserver.conf": {"ssl-certificate": ["/a.pem"]}}, []),
        (LAUNCHER_TLS, [("launcher.conf", "/b.pem")]),
        ({**SERVER_TLS, **LAUNCHER_TLS}, [("rserver.conf", "/a.pem"), ("launcher.conf", "/b.pem")]),
        (
            {**SERVER_TLS, "launcher.conf": {"server.enable-ssl": ["1"]}},
            [("rserver.conf", "/a.pem"), ("launcher.conf", "")],
        ),
    ],
)
def test_which_certificates(config: dict[str, dict[str, list[str]]], expected: list[tuple[str, str]]) -> None:
    assert product_certificates.certificate_files(config) == expected


def test_no_certificate_is_named() -> None:
    found = product_certificates.read_certificate(openssl, "launcher.conf", "")
    assert found["error"] == "launcher.conf switches TLS on and names no certificate"


def openssl(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def certificate(tmp_path: Path) -> t.Callable[..., str]:
    def make(*more: str) -> str:
        path = str(tmp_path / "node.pem")
        new = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key"), "-days", "30"]
        subprocess.run(
            ["openssl", "req", "-x509", *new, "-out", path, "-subj", "/O=Us/CN=node1.example.com", *more],
            check=True,
            capture_output=True,
        )
        return path

    return make


def test_certificate(certificate: t.Callable[..., str]) -> None:
    path = certificate("-addext", "subjectAltName=DNS:node1.example.com,DNS:*.example.com,IP:10.0.0.1")
    found = product_certificates.read_certificate(openssl, "rserver.conf", path)
    assert found["names"] == ["node1.example.com", "*.example.com", "10.0.0.1"]
    assert (found["subject"], found["error"]) == ("CN=node1.example.com,O=Us", None)
    assert str(found["not_before"]) < str(found["not_after"])
    assert str(found["not_after"]).endswith("+00:00")


def test_certificate_without_alternative_names(certificate: t.Callable[..., str]) -> None:
    assert product_certificates.read_certificate(openssl, "rserver.conf", certificate())["names"] == [
        "node1.example.com"
    ]


def test_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    found = product_certificates.read_certificate(openssl, "rserver.conf", str(tmp_path / "none.pem"))
    assert found["subject"] is None
    assert "openssl cannot read" in str(found["error"])


def test_the_key_beside_a_certificate_is_told_by_its_mode(tmp_path: Path) -> None:
    key = tmp_path / "host.key"
    config = {"rserver.conf": {"ssl-enabled": ["1"], "ssl-certificate-key": [str(key)]}, "launcher.conf": {}}
    assert product_certificates.read_key_file(config, "rserver.conf") == {"key": str(key), "key_mode": None}
    key.touch(0o600)
    assert product_certificates.read_key_file(config, "rserver.conf") == {"key": str(key), "key_mode": "0600"}
    assert product_certificates.read_key_file(config, "launcher.conf") == {}
